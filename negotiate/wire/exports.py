"""An agreement for other systems: canonical JSON (JCS) and a JWS.

Only what has been verified leaves: every function takes a :class:`~negotiate.wire.verify.Verdict` and refuses one that
is not valid, not an agreement, or not closed by all parties. Integers leave as decimal text, so that no reader of JSON
can round them. The libraries (``rfc8785``, ``joserfc``) are extras, imported when they are used.

COSE is ``cose.py``; the carts of AP2 and UCP are ``carts.py``.
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import LocalError
from negotiate.show import safe
from negotiate.wire.closing import terms_hash
from negotiate.wire.faults import Fault
from negotiate.wire.keys import PrivateKey, check_public, parse_did_key

if TYPE_CHECKING:
    from collections.abc import Generator

    from negotiate.wire.parties import Deal
    from negotiate.wire.verify import Verdict

TYPE = "negotiate-kit/agreement"
ALGORITHM = "Ed25519"
MAX_TEXT = 262_144


def agreement(verdict: Verdict) -> dict[str, Any]:
    """The agreement as JSON.

    Raises:
        LocalError: the transcript was not verified as a closed agreement between verified parties.
    """
    record = verdict.record
    _check(verdict)
    offer = record.agreed
    terms = cast("dict[str, Any]", dict(verdict.outcome.terms or {}))
    deal: Deal = record.deal
    exported: dict[str, Any] = {
        "type": TYPE,
        "version": "1",
        "session": record.sid.hex(),
        "head": record.chain[-1].id.hex(),
        "terms": {
            name: value if isinstance(value, str) else str(value)
            for name, value in terms.items()
        },
        "terms_hash": terms_hash(terms).hex(),
        "parties": [
            {
                "key": party.key,
                "role": party.role,
                "principal": party.principal_key,
                "mandate": party.mandate,
            }
            for party in verdict.parties
        ],
        "signed_by": list(verdict.outcome.signed_by),
    }
    if deal.amount.currency and offer is not None:
        amount = deal.amount.of(
            deal.wire.outcome(cast("dict[str, object]", offer.fields["body"]["terms"]))
        )
        money = {
            "minor_units": str(amount),
            "currency": deal.amount.currency,
            "scale": str(deal.amount.scale),
        }
        exported["amount"] = money
    return exported


def _check(verdict: Verdict) -> None:
    if not verdict.valid:
        raise LocalError("a transcript that is not valid is not exported", code="unverified")
    if verdict.outcome.state != "agreed" or not verdict.outcome.complete:
        raise LocalError(
            "only an agreement that all parties have closed is exported", code="incomplete"
        )
    if not all(party.verified for party in verdict.parties):
        raise LocalError("a party's principal is not verified", code="unverified")


@contextmanager
def extra() -> Generator[None]:
    """Imports in here are of libraries that not everybody has installed; LocalError if one is missing."""
    try:
        yield
    except ImportError as error:
        raise LocalError(
            f"{error.name} is not installed",
            code="missing-extra",
            help='pip install "negotiate-kit[exports]"',
        ) from None


def to_jcs(verdict: Verdict) -> bytes:
    """The agreement as canonical JSON (RFC 8785). Needs ``rfc8785``."""
    with extra():
        import rfc8785  # noqa: PLC0415

    return bytes(rfc8785.dumps(agreement(verdict)))


def check_signer(verdict: Verdict, key: PrivateKey) -> None:
    """Raise LocalError unless the key is a party's."""
    if key.did not in {party.key for party in verdict.parties}:
        raise LocalError("the agreement is exported by one of its parties", code="stranger")


def to_jws(verdict: Verdict, key: PrivateKey) -> str:
    """The agreement as a compact JWS, signed by one of its parties. Needs ``joserfc`` and ``rfc8785``.

    Raises:
        LocalError: the key is no party's.
    """
    with extra():
        from joserfc import jws  # noqa: PLC0415
        from joserfc.jwk import OKPKey  # noqa: PLC0415

    check_signer(verdict, key)
    pair: dict[str, str | list[str]] = {
        "kty": "OKP",
        "crv": ALGORITHM,
        "x": _text(key.public),
        "d": _text(key.seed_for_export()),
    }
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.did}
    return jws.serialize_compact(
        header, to_jcs(verdict), OKPKey.import_key(pair), algorithms=[ALGORITHM]
    )


def from_jws(text: str, signer: str) -> dict[str, Any]:
    """Read and verify a compact JWS of :func:`to_jws`, against a key that the caller names (a did:key).

    The algorithm follows from the key, never from the header; the text must be the one form of what it says.

    Raises:
        Fault: another form, algorithm or signer, or a signature that does not verify.
    """
    with extra():
        from joserfc import errors, jws  # noqa: PLC0415
        from joserfc.jwk import OKPKey  # noqa: PLC0415

    raw = parse_did_key(signer)
    if len(text) > MAX_TEXT or not text.isascii() or text.count(".") != 2:
        raise Fault("not a compact JWS", code="malformed")
    head, body, signature = (_bytes(part) for part in text.split("."))
    if read_json(head) != {"alg": ALGORITHM, "typ": TYPE, "kid": signer}:
        raise Fault("the header is not that of an agreement by this signer", code="type")
    if len(signature) != 64:
        raise Fault(f"a signature of {len(signature)} bytes; 64 are expected", code="signature")
    public = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": _text(check_public(raw))})
    try:
        jws.deserialize_compact(text, public, algorithms=[ALGORITHM])
    except (errors.JoseError, ValueError):
        raise Fault("a signature that does not verify", code="signature") from None
    return read_json(body)


def read_json(data: bytes) -> dict[str, Any]:
    """A JSON object from outside: bounded, without floats, exponents, duplicate names or large numbers.

    Raises:
        Fault: anything else.
    """
    if len(data) > MAX_TEXT:
        raise Fault(f"{len(data):,} bytes of JSON; at most {MAX_TEXT:,} are read", code="size")
    try:
        value: object = json.loads(
            data,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise Fault("not JSON, nor any other text", code="malformed") from None
    except (ValueError, RecursionError) as error:
        raise Fault(
            f"not JSON that is read here: {safe(str(error)[:120])}", code="malformed"
        ) from None
    if not isinstance(value, dict):
        raise Fault("a JSON object is expected", code="type")
    return cast("dict[str, Any]", value)


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > 2**53 - 1:
        raise ValueError(
            "an integer that JSON readers round; integers of this size travel as text"
        )
    return int(text)


def _no_float(text: str) -> float:
    raise ValueError("a number that is no integer")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that stands twice")
    return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Fault("not base64url", code="malformed") from None
    if _text(data) != text:
        raise Fault("not the one base64url form", code="malformed")
    return data
