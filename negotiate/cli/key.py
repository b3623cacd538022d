"""``nego key``: keys of agents and principals."""

from __future__ import annotations

import getpass
import os
import sys

from cyclopts import App

from negotiate.cli.output import Json, print_json
from negotiate.errors import LocalError
from negotiate.show import safe

app = App(name="key", help="Make and show the keys of agents and principals.")
PASSPHRASE = "NEGO_PASSPHRASE"  # noqa: S105 - the name of a variable


@app.command
def new(file: str, /, *, json: Json = False) -> None:
    """Make a key, encrypted with a passphrase (asked for, or taken from NEGO_PASSPHRASE).

    Example: nego key new agent.pem

    Args:
        file: where to write it; only its owner can read it. The public half goes beside it, as FILE.pub.
        json: print JSON for machines.
    """
    from negotiate.wire.files import new_key  # noqa: PLC0415
    from negotiate.wire.keys import PrivateKey  # noqa: PLC0415

    _print(new_key(file, PrivateKey.generate(), passphrase(confirm=True)), json)


@app.command
def show(key: str, /, *, json: Json = False) -> None:
    """Show a public key as did:key, RFC 7638 thumbprint and hex.

    Example: nego key show agent.pem

    Args:
        key: a key file that has its FILE.pub beside it, or a did:key.
        json: print JSON for machines.
    """
    from negotiate.wire.files import show_key  # noqa: PLC0415

    _print(show_key(key), json)


def passphrase(*, confirm: bool = False) -> str:
    """The passphrase of a key, from the environment or the person at the terminal."""
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise LocalError("a passphrase is needed", code="passphrase", help=f"set {PASSPHRASE}")
    typed = getpass.getpass("passphrase: ")
    if confirm and getpass.getpass("again: ") != typed:
        raise LocalError("the two passphrases differ", code="passphrase")
    return typed


def _print(shown: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(shown)
    else:
        print("\n".join(safe(f"{name:<11} {value}") for name, value in shown.items()))
