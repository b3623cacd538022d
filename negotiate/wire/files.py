"""Mandates, revocation lists and keys as files: what stands behind ``nego key``, ``nego mandate``, ``nego verify``.

A mandate file is JSON: the chain of signed mandates from the principal's to the holder's, and the disclosure of the
principal's name. It holds no secret, but a name, so it is not for everybody.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from negotiate.errors import LocalError
from negotiate.show import safe
from negotiate.wire.exports import read_json
from negotiate.wire.faults import Fault
from negotiate.wire.keys import did_key, load_key, parse_did_key, thumbprint
from negotiate.wire.mandate import Constraints, Grant, Mandate, issue, narrow, read_chain
from negotiate.wire.privacy import Disclosure
from negotiate.wire.revocation import issue_list, read_list
from negotiate.wire.trust import Policy, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.wire.keys import PrivateKey

FORMAT = "negotiate-kit mandate"


@dataclass(frozen=True)
class MandateFile:
    """A chain of mandates with the principal's name.

    Attributes:
        chain: from the principal's to the holder's.
        principal: the name, with the salt of its digest.
    """

    chain: tuple[Mandate, ...]
    principal: Disclosure

    def save(self, path: str | Path) -> None:
        """Write the file; it must not exist."""
        content = {
            "format": FORMAT,
            "version": 1,
            "chain": [_text(mandate.frame) for mandate in self.chain],
            "principal": {"name": self.principal.value, "salt": _text(self.principal.salt)},
        }
        write_new(path, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")

    @classmethod
    def load(cls, path: str | Path) -> MandateFile:
        """Read a file and check every signature and link in it.

        Raises:
            LocalError: no such file, or not a mandate file that holds together.
        """
        try:
            content = read_json(read_file(path))
            chain = read_chain([_bytes(text) for text in content["chain"]], _holder(content))
            named = content["principal"]
            principal = Disclosure("principal", _bytes(named["salt"]), str(named["name"]))
        except (Fault, LocalError) as error:
            raise LocalError(f"{path} is no mandate file: {error}", code=error.code) from None
        except (KeyError, TypeError, ValueError, IndexError):
            raise LocalError(f"{path} is no mandate file", code="mandate") from None
        if not chain or chain[0].grant.principal != principal.digest:
            raise LocalError(
                f"{path} names another principal than its mandate", code="disclosure"
            )
        return cls(chain, principal)


def _holder(content: Mapping[str, Any]) -> bytes:
    from negotiate.wire.mandate import read_mandate  # noqa: PLC0415 - only here

    return read_mandate(_bytes(content["chain"][-1])).grant.sub


@dataclass(frozen=True)
class Request:
    """What a principal or a holder is asked to allow.

    Attributes:
        holder: did:key of who gets the mandate.
        role: that the holder may take.
        begins: from when (ms).
        ends: until when (ms).
        depth: how many further links may follow.
        machine: whether the holder is a machine.
        constraints: of :class:`~negotiate.wire.mandate.Constraints`, as JSON.
    """

    holder: str
    role: str
    begins: int
    ends: int
    depth: int = 0
    machine: bool = True
    constraints: Mapping[str, Any] | None = None

    def grant(self, issuer: bytes, salt: bytes, **more: Any) -> Grant:
        """The grant that is to be signed."""
        fields: dict[str, Any] = {
            "v": 1, "kind": "mandate", "iss": issuer, "sub": parse_did_key(self.holder), "salt": salt,
            "machine": self.machine, "role": self.role, "depth": self.depth,
            "nbf": self.begins, "exp": self.ends, "constraints": _constraints(self.constraints or {}),
        }  # fmt: skip
        try:
            return Grant.model_validate({**fields, **more})
        except ValidationError as error:
            raise LocalError(
                f"not a mandate that can be: {_first(error)}", code="mandate"
            ) from None


def _constraints(given: Mapping[str, Any]) -> Constraints:
    known = dict(given)
    if isinstance(known.get("counterparties"), list):
        dids = cast("list[object]", known["counterparties"])
        known["counterparties"] = [parse_did_key(str(did)) for did in dids]
    try:
        return Constraints.model_validate(known)
    except ValidationError as error:
        raise LocalError(
            f"not constraints that are known: {_first(error)}",
            code="constraint",
            help=f"the vocabulary: {', '.join(Constraints.model_fields)}",
        ) from None


def issue_mandate(
    key: PrivateKey, request: Request, name: str, salts: tuple[bytes, bytes]
) -> MandateFile:
    """A principal's own mandate. ``salts`` are twice 32 random bytes: the mandate's and the name's."""
    principal = Disclosure("principal", salts[1], name)
    grant = request.grant(key.public, salts[0], principal=principal.digest)
    return MandateFile((issue(key, grant),), principal)


def narrow_mandate(
    key: PrivateKey, parent: MandateFile, request: Request, salt: bytes
) -> MandateFile:
    """A holder's mandate for somebody else, inside its own."""
    link = parent.chain[-1]
    if link.grant.sub != key.public:
        raise LocalError(
            f"the mandate is held by {did_key(link.grant.sub)}; the key is that of {key.did}",
            code="mandate-holder",
        )
    if link.grant.depth == 0:
        raise LocalError(
            "the mandate may not be passed on: its depth is 0", code="mandate-depth"
        )
    grant = request.grant(key.public, salt, parent=link.hash)
    return replace(parent, chain=(*parent.chain, narrow(key, link, grant)))


def revoke_mandates(
    key: PrivateKey, files: Sequence[MandateFile], *, version: int, at: int, ends: int
) -> bytes:
    """A revocation list of the key that voids its mandates in these files from ``at`` on.

    Raises:
        LocalError: a file has no mandate that the key issued.
    """
    void: dict[bytes, int] = {}
    for file in files:
        mine = [mandate for mandate in file.chain if mandate.grant.iss == key.public]
        if not mine:
            issuers = ", ".join(did_key(mandate.grant.iss) for mandate in file.chain)
            raise LocalError(
                f"no mandate in the file was issued by {key.did}; issued by: {issuers}",
                code="key",
            )
        void[mine[-1].hash] = at
    return issue_list(key, void, version=version, iat=at, exp=ends)


def show_mandates(file: MandateFile) -> dict[str, Any]:
    """A mandate file as JSON, for people and programs."""
    return {
        "principal": file.principal.value,
        "chain": [
            {
                "hash": mandate.hash.hex(),
                "issuer": did_key(mandate.grant.iss),
                "holder": did_key(mandate.grant.sub),
                "machine": mandate.grant.machine,
                "role": mandate.grant.role,
                "depth": mandate.grant.depth,
                "nbf": mandate.grant.nbf,
                "exp": mandate.grant.exp,
                "constraints": _plain(mandate.grant.constraints.model_dump(exclude_none=True)),
            }
            for mandate in file.chain
        ],
    }


def show_key(source: str) -> dict[str, str]:
    """A public key as did:key, thumbprint and hex: from a did:key, or the ``.pub`` file beside a key file."""
    text = source
    if not source.startswith("did:key:"):
        text = read_file(f"{source.removesuffix('.pub')}.pub").decode(errors="replace").strip()
    try:
        raw = parse_did_key(text)
    except Fault as fault:
        raise LocalError(str(fault), code="key") from None
    return {"did": did_key(raw), "thumbprint": thumbprint(raw), "hex": raw.hex()}


def new_key(path: str, key: PrivateKey, passphrase: str) -> dict[str, str]:
    """Write a key, encrypted, and beside it the public half as ``.pub``."""
    key.save(path, passphrase)
    write_new(f"{path}.pub", key.did.encode() + b"\n")
    return {**show_key(key.did), "file": path}


def open_key(path: str, passphrase: str) -> PrivateKey:
    """Read a key that :func:`new_key` wrote."""
    return load_key(path, passphrase)


def trust_of(principals: Sequence[str], lists: Sequence[str], *, without_lists: bool) -> Trust:
    """Trust from the command line: ``did:key:…`` or ``did:key:…=name``, and files of revocation lists.

    Without any principal nobody is known: parties are shown as unverified, and the verdict is on the signatures, the
    chain and the rules alone.
    """
    known: dict[bytes, str] = {}
    for text in principals:
        did, _, name = text.partition("=")
        try:
            known[parse_did_key(did)] = name
        except Fault as fault:
            raise LocalError(str(fault), code="key") from None
    frames = tuple(read_file(path) for path in lists)
    for path, frame in zip(lists, frames, strict=True):
        try:
            read_list(frame)
        except Fault as fault:
            raise LocalError(
                f"{path} is no revocation list: {fault}", code=fault.code
            ) from None
    if not known:
        return Trust({}, frames, Policy(unverified="allow", revocation="allow"))
    return Trust(known, frames, Policy(revocation="allow" if without_lists else "deny"))


def read_file(path: str | Path) -> bytes:
    """A file's content; LocalError if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}", code="file") from None


def write_new(path: str | Path, data: bytes) -> None:
    """Write a file that must not exist yet."""
    try:
        with Path(path).open("xb") as file:
            file.write(data)
    except OSError as error:
        raise LocalError(f"{path} cannot be made: {error.strerror}", code="file") from None


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return did_key(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in cast("dict[str, object]", value).items()}
    return (
        [_plain(item) for item in cast("list[object]", value)]
        if isinstance(value, list)
        else value
    )


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = "".join(f".{safe(str(part))}" for part in problem["loc"])
    told = _TOLD.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    return f"{told} (at ${place})"


_TOLD = {
    "extra_forbidden": "there is no field of this name",
    "missing": "the field is missing",
    "model_type": "an object is expected",
    "string_pattern_mismatch": "a name of lower-case letters, digits and _ is expected, or a currency as EUR",
}


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)
