"""Keys: the published vectors, text forms, and files that only their owner reads."""

from __future__ import annotations

import os
import pickle
import stat
from typing import TYPE_CHECKING

import pytest

from negotiate.errors import LocalError
from negotiate.wire import keys
from negotiate.wire.faults import Fault
from negotiate.wire.keys import PrivateKey, load_key
from tests.wire.vectors.make import RFC_8032

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
)


@pytest.mark.parametrize("case", range(3))
def test_rfc_8032_vectors(case: int) -> None:
    public, message, signature = map(bytes.fromhex, RFC_8032[case])
    assert PrivateKey(bytes.fromhex(SEEDS[case])).public == public
    keys.Verifier(public).verify(signature, message)


def test_rfc_8037_thumbprint() -> None:
    public = bytes.fromhex(RFC_8032[0][0])
    assert keys.thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_did_key_reads_back() -> None:
    key = PrivateKey.generate()
    assert key.did.startswith("did:key:z6Mk")
    assert keys.parse_did_key(key.did) == key.public


def test_a_key_file_reads_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    key, path = PrivateKey.generate(), tmp_path / "key.pem"
    key.save(path, "correct horse")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert load_key(path, "correct horse").public == key.public
    with pytest.raises(LocalError, match="passphrase is wrong"):
        load_key(path, "wrong horse")
    with pytest.raises(LocalError, match="cannot be made"):
        key.save(path, "correct horse")
    with pytest.raises(LocalError, match="8 characters"):
        key.save(tmp_path / "other.pem", "short")
    with pytest.raises(LocalError, match="cannot be read"):
        load_key(tmp_path / "none.pem", "correct horse")
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(LocalError) as caught:
            load_key(path, "correct horse")
        assert caught.value.code == "permissions"


def test_a_file_with_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    pem = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"correct horse"),
    )
    path = tmp_path / "x.pem"
    path.write_bytes(pem)
    path.chmod(0o600)
    with pytest.raises(LocalError, match="another kind"):
        load_key(path, "correct horse")


def test_a_private_key_shows_nothing_and_does_not_travel() -> None:
    key = PrivateKey(bytes(range(32)))
    assert bytes(range(32)).hex() not in repr(key)
    with pytest.raises(LocalError):
        pickle.dumps(key)
    with pytest.raises(LocalError):
        PrivateKey(b"short")


@pytest.mark.parametrize("raw", [(2).to_bytes(32, "little"), b"\x07" + bytes(31)])
def test_a_key_that_is_not_on_the_curve_is_refused(raw: bytes) -> None:
    square = (int.from_bytes(raw, "little") ** 2 - 1) * pow(
        keys._D * int.from_bytes(raw, "little") ** 2 + 1, -1, keys.P
    )
    on_curve = pow(square, (keys.P - 1) // 2, keys.P) == 1
    if on_curve:
        assert keys.check_public(raw) == raw
    else:
        with pytest.raises(Fault, match="not on the curve"):
            keys.check_public(raw)
