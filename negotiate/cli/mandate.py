"""``nego mandate``: what a principal allows an agent's key to sign."""

from __future__ import annotations

import json as json_module
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from negotiate.cli.key import passphrase
from negotiate.cli.output import Json, print_json
from negotiate.errors import LocalError
from negotiate.show import safe

if TYPE_CHECKING:
    from negotiate.wire.files import MandateFile, Request

app = App(name="mandate", help="Issue, show, narrow and revoke mandates.")
_DAY = 86_400_000
_MOST_DAYS = 25_000
Person = Annotated[bool, Parameter(name="--person", negative="")]


@app.command
def issue(
    out: str, /, *, key: str, holder: str, role: str, principal: str,
    days: float = 30, depth: int = 0, person: Person = False, constraints: str = "{}", json: Json = False,
) -> None:  # fmt: skip
    """Issue a mandate for an agent, signed by a principal's key.

    Example: nego mandate issue bot.mandate --key weber.pem --holder did:key:z6Mk... --role buyer --principal Weber

    Args:
        out: the file to write.
        key: the principal's key file.
        holder: the agent's did:key.
        role: that the agent may take.
        principal: the principal's name; signed as a digest, disclosed to whom the file is shown.
        days: how long it is valid.
        depth: how many further links may follow.
        person: the holder is a person, not a machine.
        constraints: JSON, or a file with it: budget, deal, currencies, categories, counterparties, issues, deals,
            jurisdictions.
        json: print JSON for machines.
    """
    from negotiate.wire.files import issue_mandate, open_key  # noqa: PLC0415

    request = _request(holder, role, days, depth, constraints, person)
    salts = (secrets.token_bytes(32), secrets.token_bytes(32))
    made = issue_mandate(open_key(key, passphrase()), request, principal, salts)
    made.save(out)
    _print(made, json)


@app.command
def show(mandate: str, /, *, json: Json = False) -> None:
    """Show a mandate file after checking every signature and link in it.

    Example: nego mandate show bot.mandate --json

    Args:
        mandate: the file.
        json: print JSON for machines.
    """
    from negotiate.wire.files import MandateFile  # noqa: PLC0415

    _print(MandateFile.load(mandate), json)


@app.command
def narrow(
    mandate: str, out: str, /, *, key: str, holder: str,
    days: float = 30, depth: int = 0, person: Person = False, constraints: str = "{}", json: Json = False,
) -> None:  # fmt: skip
    """Pass on part of one's own mandate to another holder.

    Example: nego mandate narrow agency.mandate bot.mandate --key agency.pem --holder did:key:z6Mk...

    Args:
        mandate: the file of the mandate that one holds.
        out: the file to write.
        key: the holder's key file.
        holder: did:key of who gets the narrower mandate.
        days: how long it is valid, at most as long as the parent.
        depth: how many further links may follow.
        person: the holder is a person, not a machine.
        constraints: JSON, or a file with it; each inside the parent's.
        json: print JSON for machines.
    """
    from dataclasses import replace  # noqa: PLC0415

    from negotiate.wire.files import MandateFile, narrow_mandate, open_key  # noqa: PLC0415

    parent = MandateFile.load(mandate)
    above = parent.chain[-1].grant
    request = _request(holder, above.role, days, depth, constraints, person)
    request = replace(
        request, begins=max(request.begins, above.nbf), ends=min(request.ends, above.exp)
    )
    made = narrow_mandate(open_key(key, passphrase()), parent, request, secrets.token_bytes(32))
    made.save(out)
    _print(made, json)


@app.command
def revoke(
    out: str,
    /,
    *mandates: str,
    key: str,
    version: int,
    days: float = 7,
    json: Json = False,
) -> None:
    """Sign a revocation list that voids mandates from now on; without mandates, a list that voids none.

    Example: nego mandate revoke weber.list bot.mandate --key weber.pem --version 2

    Args:
        out: the file to write.
        mandates: files of the mandates to void; name on each new list all that are void.
        key: the issuer's key file.
        version: of the list; higher than the last.
        days: how long the list is current.
        json: print JSON for machines.
    """
    from negotiate.wire.files import MandateFile, open_key, revoke_mandates, write_new  # noqa: PLC0415

    now = time.time_ns() // 1_000_000
    files = [MandateFile.load(name) for name in mandates]
    signer = open_key(key, passphrase())
    listed = revoke_mandates(signer, files, version=version, at=now, ends=now + _span(days))
    write_new(out, listed)
    told = {"issuer": signer.did, "version": version, "revoked": len(files), "file": out}
    print_json(told) if json else print(safe(f"{out}: version {version}, {len(files)} revoked"))


def _request(
    holder: str, role: str, days: float, depth: int, constraints: str, person: bool
) -> Request:
    from negotiate.wire.files import Request  # noqa: PLC0415

    now = time.time_ns() // 1_000_000
    ends = now + _span(days)
    return Request(holder, role, now, ends, depth, not person, _constraints(constraints))


def _span(days: float) -> int:
    if not 0 < days <= _MOST_DAYS:
        raise LocalError(
            f"{days:g} days; more than 0 and at most {_MOST_DAYS:,} are expected",
            code="lifetime",
        )
    return max(round(days * _DAY), 1)


def _constraints(text: str) -> dict[str, Any]:
    from negotiate.wire.exports import read_json  # noqa: PLC0415
    from negotiate.wire.faults import Fault  # noqa: PLC0415
    from negotiate.wire.files import read_file  # noqa: PLC0415

    data = text.encode() if text.lstrip().startswith("{") else read_file(Path(text))
    try:
        return read_json(data)
    except Fault as fault:
        raise LocalError(f"the constraints do not read: {fault}", code=fault.code) from None


def _print(file: MandateFile, as_json: bool) -> None:
    from negotiate.wire.files import show_mandates  # noqa: PLC0415

    shown = show_mandates(file)
    if as_json:
        print_json(shown)
    else:
        print(safe(f"principal: {shown['principal']}"))
        for link in shown["chain"]:
            print("\n".join(safe(f"  {name:<11} {_plain(name, link)}") for name in link))


def _plain(name: str, link: dict[str, Any]) -> str:
    """A value as people read it: texts without quotes, times as dates."""
    value = link[name]
    if name in ("nbf", "exp"):
        return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return value if isinstance(value, str) else json_module.dumps(value, ensure_ascii=False)
