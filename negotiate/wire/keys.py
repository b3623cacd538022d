"""Ed25519 keys in a strict profile. The only module that imports a cryptography library.

Signatures are over ``label ‖ len(kind) ‖ kind ‖ len(payload) ‖ payload``: what is signed as one kind of thing can never
be shown as another, and no function here signs bare bytes that a peer supplied.

The profile: 64-byte signatures, S below the group order, public key and R canonical and not of small order. The
backend takes small-order keys, under some of which one signature fits every message (Chalkias, Garillot &
Nikolaenko 2020, "Taming the many EdDSAs"); hence the table here, asked whenever a key or a signature comes in.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from negotiate.errors import LocalError
from negotiate.show import quote
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_SIGN = 1 << 255

MESSAGE = b"negotiate-kit message v1\n"
MANDATE = b"negotiate-kit mandate v1\n"
REVOCATIONS = b"negotiate-kit revocations v1\n"

_ORDER_8 = (
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)
SMALL_ORDER: frozenset[bytes] = frozenset(
    (y | sign).to_bytes(32, "little")
    for y in (0, 1, P - 1, P, P + 1, *_ORDER_8)
    for sign in (0, _SIGN)
)
"""The 14 encodings of the points of order 1, 2, 4 and 8, canonical or not."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX = b"\xed\x01"  # multicodec ed25519-pub


def framed(label: bytes, kind: str, payload: bytes) -> bytes:
    """What a signature is over."""
    return _framed_kind(label, kind) + len(payload).to_bytes(8, "big") + payload


@lru_cache(maxsize=64)
def _framed_kind(label: bytes, kind: str) -> bytes:
    name = kind.encode()
    return label + len(name).to_bytes(8, "big") + name


@lru_cache(maxsize=4096)
def check_public(raw: bytes) -> bytes:
    """``raw`` if it is a public key that this library takes.

    Raises:
        Fault: not 32 bytes, not canonical, of small order, or not on the curve.
    """
    if len(raw) != 32:
        raise Fault(f"a public key of {len(raw)} bytes; 32 are expected", code="key")
    if raw in SMALL_ORDER:
        raise Fault(
            "a public key of small order, for which signatures can be forged", code="key"
        )
    y = int.from_bytes(raw, "little") & (_SIGN - 1)
    if y >= P:
        raise Fault("a public key that is not canonical", code="key")
    square = y * y % P
    # x² = (y² - 1) / (d y² + 1): the quotient has a root if the product has, and needs no inverse.
    if pow((square - 1) * (_D * square + 1) % P, (P - 1) // 2, P) != 1:
        raise Fault("a public key that is not on the curve", code="key")
    return raw


class Verifier:
    """A public key, checked once and ready to verify.

    Attributes:
        raw: its 32 bytes.
    """

    __slots__ = ("_verify", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = check_public(bytes(raw))
        self._verify: Callable[[bytes, bytes], None] = Ed25519PublicKey.from_public_bytes(
            raw
        ).verify

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise Fault unless ``signature`` over ``message`` is this key's, in the strict profile."""
        if len(signature) != 64:
            raise Fault(
                f"a signature of {len(signature)} bytes; 64 are expected", code="signature"
            )
        if signature[31] & 0x7F == 0x7F or signature[:32] in SMALL_ORDER:
            _check_r(signature[:32])
        if signature[63] & 0xF0 and int.from_bytes(signature[32:], "little") >= L:
            raise Fault("a signature whose S is not reduced", code="signature")
        try:
            self._verify(signature, message)
        except InvalidSignature:
            raise Fault(
                f"a signature that is not by {did_key(self.raw)}", code="signature"
            ) from None

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` over ``message`` is this key's, in the strict profile."""
        try:
            self.verify(signature, message)
        except Fault:
            return False
        return True


@lru_cache(maxsize=1024)
def verifier(raw: bytes) -> Verifier:
    """The verifier of a key; Fault if the key is refused."""
    return Verifier(raw)


def _check_r(r: bytes) -> None:
    if r in SMALL_ORDER:
        raise Fault("a signature whose R is of small order", code="signature")
    if int.from_bytes(r, "little") & (_SIGN - 1) >= P:
        raise Fault("a signature whose R is not canonical", code="signature")


class PrivateKey:
    """A signing key. It shows only its public half, and refuses to be pickled or copied.

    Attributes:
        public: the 32 bytes of the public key.
        verifier: to verify with it.
    """

    __slots__ = ("__key", "public", "verifier")

    def __init__(self, seed: bytes) -> None:
        if type(seed) is not bytes or len(seed) != 32:
            raise LocalError("a key is made from 32 secret bytes", code="key")
        self.__key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self.__key.public_key().public_bytes_raw()
        self.verifier = Verifier(self.public)

    @classmethod
    def generate(cls) -> PrivateKey:
        """A fresh key from the system's random source."""
        return cls(secrets.token_bytes(32))

    @property
    def did(self) -> str:
        """The public key as did:key."""
        return did_key(self.public)

    def sign(self, label: bytes, kind: str, payload: bytes) -> bytes:
        """The signature over a framed payload; ``label`` is one of this library's own.

        Raises:
            LocalError: another label. Bare bytes cannot be signed with a negotiation key.
        """
        if label not in (MESSAGE, MANDATE, REVOCATIONS):
            raise LocalError(f"{quote(label)} is not a label of this library", code="label")
        return self.__key.sign(framed(label, kind, payload))

    def save(self, path: str | Path, passphrase: str) -> None:
        """Write the key, encrypted, to a new file that only its owner can read.

        Raises:
            LocalError: the passphrase is shorter than 8 characters, or the file exists.
        """
        if len(passphrase) < 8:
            raise LocalError(
                "a passphrase of at least 8 characters is needed", code="passphrase"
            )
        pem = self.__key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
        _write_private(Path(path), pem)

    def seed_for_export(self) -> bytes:
        """The secret itself, for a library that must sign with it (JWS). Handle with care."""
        return self.__key.private_bytes_raw()

    def __repr__(self) -> str:
        return f"<PrivateKey of {self.did}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise LocalError(
            "a private key is not pickled or copied", code="secret", help="save() it"
        )


def load_key(path: str | Path, passphrase: str) -> PrivateKey:
    """Read a key that :meth:`PrivateKey.save` wrote.

    Raises:
        LocalError: no such file, readable by others, a wrong passphrase, or no Ed25519 key.
    """
    path = Path(path)
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LocalError(
                f"{path} can be read by others", code="permissions", help=f"chmod 600 {path}"
            )
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}", code="key-file") from None
    except (ValueError, TypeError):
        raise LocalError(
            f"{path} is no key, or the passphrase is wrong", code="passphrase"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LocalError(
            f"{path} holds another kind of key; Ed25519 is expected", code="key-file"
        )
    return PrivateKey(key.private_bytes_raw())


def _write_private(path: Path, data: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise LocalError(f"{path} cannot be made: {error.strerror}", code="key-file") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


# -- keys as text ------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def did_key(raw: bytes) -> str:
    """A public key as ``did:key:z6Mk…`` (multicodec ed25519-pub in base58btc)."""
    return "did:key:z" + _base58(_ED25519_PREFIX + raw)


def parse_did_key(text: str) -> bytes:
    """The public key of a did:key.

    Raises:
        Fault: not of that form, not the form :func:`did_key` writes, or a key that is refused.
    """
    head, body = text[:9], text[9:]
    if head != "did:key:z" or not 40 <= len(body) <= 60:
        raise Fault(f"{quote(text)} is not a did:key of an Ed25519 key (z6Mk…)", code="key")
    number = 0
    for character in body:
        digit = _ALPHABET.find(character)
        if digit < 0:
            raise Fault(f"{quote(text)} has a character that base58 does not", code="key")
        number = number * 58 + digit
    data = number.to_bytes(45, "big").lstrip(b"\0")
    if len(data) != 34 or data[:2] != _ED25519_PREFIX or _base58(data) != body:
        raise Fault(f"{quote(text)} is not a did:key of an Ed25519 key (z6Mk…)", code="key")
    return check_public(data[2:])


def thumbprint(raw: bytes) -> str:
    """The RFC 7638 thumbprint of a public key (OKP, RFC 8037), base64url without padding."""
    text = f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64url(raw)}"}}'
    return _base64url(hashlib.sha256(text.encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _base58(data: bytes) -> str:
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits
