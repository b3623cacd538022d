"""Whatever bytes a file has, reading it gives a scenario or an error of ours, never another exception."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from negotiate.domain.formats import read_all
from negotiate.errors import NegotiateError

SEEDS: list[dict[str, bytes]] = runpy.run_path(str(Path(__file__).with_name("seeds.py")))[
    "SEEDS"
]

names = st.sampled_from(["a.toml", "a.xml", "a.json", "a.yml", "a.jsonl"])
alphabet = st.sampled_from([*b'<>[]{}"=:,-.&!*#\n 0129aeE_', 0, 0x80, 0xC3, 0xFF])
noise = st.one_of(st.binary(max_size=200), st.lists(alphabet, max_size=200).map(bytes))
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def reads_or_refuses(files: dict[str, bytes], path: str = "") -> None:
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            target = Path(place, name)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        try:
            told = f"{len(read_all(Path(place, path)))} scenarios"
        except NegotiateError as error:
            told = str(error)
    assert told
    assert "\x1b" not in told


@given(names, noise)
@example("a.xml", b"<")
@example("a.json", b"{")
@quick
def test_noise(name: str, content: bytes) -> None:
    reads_or_refuses({name: content}, name)


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` with some bytes replaced, left out, doubled or inserted."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(noise, st.just(content[start:end] * 2), st.sampled_from(TOKENS)))
        content = content[:start] + piece + content[end:]
    return content


TOKENS = [
    b"NaN", b"-Infinity", b"1e999999999", b"9" * 5000, b"null", b"true", b'""', b"[]", b"{}", b"-1",
    b"1.5", b"\x1b[31m", b"&a;", b"*a", b"&a [*a]", b"!!python/name:os.system", b"<!DOCTYPE a>",
    "\u202e".encode(), b'"1/0"', b"2026-02-30", b"0x10", b"1_000", b"---\n",
]  # fmt: skip


@given(st.data())
@settings(quick, max_examples=600)
def test_damaged_files(data: st.DataObject) -> None:
    files = dict(data.draw(st.sampled_from(SEEDS)))
    name = data.draw(st.sampled_from(sorted(files)))
    files[name] = data.draw(mutated(files[name]))
    reads_or_refuses(files)
