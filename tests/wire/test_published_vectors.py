"""Published test vectors of Ed25519, and what the strict profile says of each."""

from __future__ import annotations

from itertools import product

import pytest
from cryptography_vectors import open_vector_file

from negotiate.wire import keys
from negotiate.wire.faults import Fault
from negotiate.wire.keys import L, P, PrivateKey

A, B = (
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",  # of order 8
    "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
)
C, D = (
    "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
    "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
)
E = "ec" + "ff" * 31  # of order 2, in a second encoding

# Chalkias, Garillot & Nikolaenko (2020), "Taming the many EdDSAs", test cases 0 to 11: message, key, R and S, and what
# the profile says: a key that is refused, a signature that is refused, or a good one.
SPECCHECK = [
    ("8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6", A, A[:-2] + "7a", "00" * 32, "key"),
    ("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79", A, B,
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04", "key"),
    ("aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab", B, A,
     "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e", "R is of small order"),
    ("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79", C,
     "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f",
     "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009", ""),
    ("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c", C,
     "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512",
     "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09", "not by"),
    ("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c", C,
     "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7",
     "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405", "not by"),
    ("85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40", D,
     "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e",
     "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514", "S is not reduced"),
    ("85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40", D,
     "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942",
     "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22", "S is not reduced"),
    ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41", B, E,
     "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f", "R is of small order"),
    ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41", B, E,
     "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908", "R is of small order"),
    ("e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b", E,
     "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04", "key"),
    ("39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f", E,
     "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04", "key"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(12))
def test_taming_the_many_eddsas(case: int) -> None:
    message, public, r, s, refused = SPECCHECK[case]

    def verify() -> None:
        keys.Verifier(bytes.fromhex(public)).verify(
            bytes.fromhex(r + s), bytes.fromhex(message)
        )

    if not refused:
        verify()
        return
    with pytest.raises(Fault, match="small order" if refused == "key" else refused) as caught:
        verify()
    assert caught.value.code == ("key" if refused == "key" else "signature")


def published() -> list[tuple[bytes, bytes, bytes, bytes]]:
    """Seed, key, message and signature of each of the 1,024 vectors that the backend is tested with."""
    with open_vector_file("asymmetric/Ed25519/sign.input", "r") as file:
        rows = [line.split(":") for line in file.read().split()]
    return [
        (bytes.fromhex(a[:64]), bytes.fromhex(b), bytes.fromhex(m), bytes.fromhex(c[:128]))
        for a, b, m, c, _ in rows
    ]


def test_all_published_signatures_verify() -> None:
    vectors = published()
    assert len(vectors) == 1_024
    for seed, public, message, signature in vectors:
        assert PrivateKey(seed).public == public
        keys.Verifier(public).verify(signature, message)


def test_no_published_signature_verifies_when_it_is_altered() -> None:
    """Altered as in Wycheproof: other message, flipped bits, malleable S, other lengths, swapped halves."""
    for place, (_, public, message, signature) in enumerate(published()[::8]):
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        altered = [
            bytes(c ^ (1 << place % 8) * (i == place % 64) for i, c in enumerate(signature)),
            *(r + (s + n * L).to_bytes(32, "little") for n in range(1, 8)), r + bytes(32), bytes(32) + signature[32:],
            signature[32:] + r, signature[:-1], signature + b"\x00", b"", r, signature * 2,
        ]  # fmt: skip
        key = keys.Verifier(public)
        assert not any(key.fits(bad, message) for bad in altered)
        assert not key.fits(signature, message + b"\x00")
        assert not key.fits(signature, b"x" + message)


EDGES = (0, 1, 2, P - 1, P, P + 1, 2**255 - 1, 2**255, 2**256 - 1)
SCALARS = (0, 1, 2, L - 1, L, L + 1, 2 * L, 2**252, 2**253 - 1, 2**255, 2**256 - 1)


@pytest.mark.parametrize("r", EDGES)
def test_no_edge_of_r_or_s_verifies(r: int) -> None:
    _, public, message, good = published()[5]
    key = keys.Verifier(public)
    for first, second in product((r.to_bytes(32, "little"), good[:32]), SCALARS):
        assert not key.fits(first + second.to_bytes(32, "little"), message)


@pytest.mark.parametrize("y", [P, P + 2, P + 3, 2**255 - 1])
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_key_in_a_second_encoding_is_refused(y: int, sign: int) -> None:
    with pytest.raises(Fault) as caught:
        keys.check_public((y | sign).to_bytes(32, "little"))
    assert caught.value.code == "key"
