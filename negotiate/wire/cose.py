"""An agreement as COSE_Sign1 (RFC 9052), for readers of CBOR: the canonical JSON, signed by one of its parties.

Needs ``cwt`` and ``rfc8785``, which are extras. The algorithm is Ed25519 in its fully specified form (RFC 9864); it
follows from the key, never from the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from negotiate.wire.exports import MAX_TEXT, TYPE, check_signer, extra, read_json, to_jcs
from negotiate.wire.faults import Fault
from negotiate.wire.keys import check_public, parse_did_key

if TYPE_CHECKING:
    from negotiate.wire.keys import PrivateKey
    from negotiate.wire.verify import Verdict

ED25519 = -19
"""The algorithm's number in the registry of COSE (RFC 9864)."""

_ALG, _CONTENT, _KID, _TYP = (
    1,
    3,
    4,
    16,
)  # labels of header parameters (RFC 9052, 3.1; RFC 9596)
_KTY, _KEY_ID, _KEY_ALG = 1, 2, 3  # labels of a key (RFC 9052, 7.1)
_CRV, _X, _D = -1, -2, -4  # and of an OKP key (RFC 9053, 7.2)
_SIGN1_OF_FOUR = b"\xd2\x84"  # tag 18, array of four
_SIGNATURE = b"\x58\x40"  # a byte string of 64


def to_cose(verdict: Verdict, key: PrivateKey) -> bytes:
    """The agreement as a tagged COSE_Sign1, signed by one of its parties.

    Raises:
        LocalError: not a verified agreement, or the key is no party's.
    """
    with extra():
        from cwt import COSE, COSEKey  # noqa: PLC0415

    check_signer(verdict, key)
    payload = to_jcs(verdict)
    pair = COSEKey.new({**_key(key.did, key.public), _D: key.seed_for_export()})
    made = COSE.new().encode_and_sign(  # pyright: ignore[reportUnknownMemberType]
        payload, pair, protected=_header(key.did)
    )
    return cast("bytes", made)


def from_cose(data: bytes, signer: str) -> dict[str, Any]:
    """Read and verify the bytes of :func:`to_cose`, against a key that the caller names (a did:key).

    Raises:
        Fault: another form, algorithm or signer, or a signature that does not verify.
    """
    with extra():
        from cwt import COSE, COSEKey, CWTError  # noqa: PLC0415

    raw = check_public(parse_did_key(signer))
    payload = _payload(data, signer)
    try:
        COSE.new().decode(data, COSEKey.new(_key(signer, raw)))
    except (CWTError, ValueError):
        raise Fault("a signature that does not verify", code="signature") from None
    return read_json(payload)


def _key(did: str, raw: bytes) -> dict[int, Any]:
    return {_KTY: 1, _KEY_ID: did.encode(), _KEY_ALG: ED25519, _CRV: 6, _X: raw}


def _header(signer: str) -> dict[int, Any]:
    return {_ALG: ED25519, _CONTENT: "application/json", _KID: signer.encode(), _TYP: TYPE}


def _payload(data: bytes, signer: str) -> bytes:
    """What is signed, if ``data`` is the one form of it; nothing is given to a decoder before that is known."""
    import cbor2  # noqa: PLC0415 - comes with cwt

    if type(data) is not bytes or len(data) > MAX_TEXT:
        raise Fault(f"not bytes of a COSE_Sign1, at most {MAX_TEXT:,}", code="malformed")
    start = _SIGN1_OF_FOUR + cbor2.dumps(cbor2.dumps(_header(signer))) + b"\xa0"
    if not data.startswith(start) or data[-66:-64] != _SIGNATURE:
        raise Fault("not the COSE_Sign1 of an agreement by this signer", code="malformed")
    found = data[len(start) : -66]
    for width in (1, 2, 3, 5):  # of the length before a byte string
        if cbor2.dumps(found[width:]) == found:
            return found[width:]
    raise Fault("not the one form of a byte string", code="malformed")
