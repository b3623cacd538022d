"""Hostile files end in an error of ours before they cost time or memory.

One other process reads them all, one after the other, and reports for each its error, the processor time, and how
far the memory of the process grew at its peak.
"""

from __future__ import annotations

import json
import os
import random
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(),
    reason="peak memory is measured the way of Linux",
)

SECONDS = 1.0
MEGABYTES = 50
CHECKOUT = Path(__file__).parents[3]
SEEDS: list[dict[str, bytes]] = runpy.run_path(str(Path(__file__).with_name("seeds.py")))[
    "SEEDS"
]

HEAD = b'format = "negotiate-scenario"\nversion = 1\nname = "x"\n'
ISSUE = b'[[issues]]\nname = "a"\nkind = "integer"\nlow = 1\nhigh = %d\n'
ROLES = b'[[roles]]\nname = "b"\n[[roles]]\nname = "c"\n'
TEMPLATE = b"<negotiation_template>"
SPACE = b"<utility_space>"
WEB = b'{"issuesValues": '
MAS = b"type: DiscreteCartesianOutcomeSpace\nissues: "
GENIUS, GENIUSWEB, NEGMAS = SEEDS[1], SEEDS[2], SEEDS[4]


def entities(root: bytes) -> bytes:
    """A billion laughs."""
    rows = [b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)]
    return b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(rows) + b"]>" + root + b"&j;"


def aliases() -> bytes:
    """The same in YAML."""
    rows = [b"- &%c [%s]\n" % (98 + i, b", ".join([b"*%c" % (97 + i)] * 10)) for i in range(9)]
    return b"type: DiscreteCartesianOutcomeSpace\nissues:\n- &a [ha]\n" + b"".join(rows)


# A file of our own format each
OURS = {
    "nothing": b"",
    "a byte order mark and nothing": b"\xef\xbb\xbf",
    "garbage": random.Random(1).randbytes(2**20),
    "zeros": bytes(2**20),
    "UTF-16": HEAD.decode().encode("utf-16"),
    "latin-1": HEAD + "# grün".encode("latin-1"),
    "half a character": HEAD + b'title = "\xe2\x82"',
    "arrays a hundred thousand deep": HEAD + b"a = " + b"[" * 100_000,
    "tables a hundred thousand deep": HEAD + b"a = " + b"{a = " * 100_000,
    "a key of a hundred thousand parts": HEAD + b".".join([b"a"] * 100_000) + b" = 1",
    "a header of a hundred thousand parts": HEAD
    + b"["
    + b".".join([b'"a b"'] * 100_000)
    + b"]",
    "an integer of a million digits": HEAD + b"a = " + b"9" * 1_000_000,
    "a fraction of a million digits": HEAD + b"a = 0." + b"9" * 1_000_000,
    "a hexadecimal of a million digits": HEAD + b"a = 0x" + b"f" * 1_000_000,
    "a number with a million underscores": HEAD + b"a = 1" + b"_0" * 500_000,
    "a name of a million letters": HEAD.replace(b'"x"', b'"' + b"x " * 500_000 + b'"'),
    "a word of a million letters": HEAD + b"a" * 1_000_000 + b" = 1",
    "a million escapes": HEAD + b'a = "' + b"\\n" * 500_000 + b'"',
    "a million quotes": HEAD + b'"' * 1_000_000,
    "a million lines": HEAD + b"\n" * 1_000_000,
    "a million tables": HEAD + b"[[a]]\n" * 170_000,
    "many empty tables": HEAD + b"a = [" + b"{}," * 70_000 + b"]",
    "ten megabytes": HEAD + b"#" * 10_000_000,
    "a billion values": HEAD + ISSUE % 10**9 + ROLES,
    "more values than any number": HEAD + ISSUE % 10**4000 + ROLES,
    "issues that are too many together": HEAD
    + b"".join((ISSUE % 2_000_000).replace(b'"a"', b'"a%d"' % i) for i in range(64)),
    "roles that are too many": HEAD + ISSUE % 2_000_000 + b'[[roles]]\nname = "b"\n' * 1000,
    "three roles over millions of values": HEAD + ISSUE % 2_000_000 + ROLES + ROLES[:20],
    "a long choice with a double": HEAD
    + b'[[issues]]\nname = "a"\nkind = "choice"\nvalues = ["0", '
    + b", ".join(b'"%d"' % (i % 70_000) for i in range(70_001))
    + b"]\n",
    "groups of millions of combinations": HEAD
    + ISSUE % 2000
    + (ISSUE % 2000).replace(b'"a"', b'"z"')
    + ROLES
    + b'[[roles.groups]]\nissues = ["a", "z"]\nweight = 1\nrows = []\n' * 100,
    "a hundred thousand unknown issues": HEAD
    + ISSUE % 9
    + ROLES
    + b"".join(b"[roles.issues.a%d]\n" % i for i in range(50_000)),
    "a number beyond all others": HEAD + (ISSUE % 9).replace(b"= 9", b"= 1e999999999") + ROLES,
    "infinity": HEAD + (ISSUE % 9).replace(b"= 9", b"= inf") + ROLES,
}

# The domain file of a Genius folder, of a GeniusWeb folder, of a NegMAS folder
XML = {
    "a billion laughs": entities(TEMPLATE),
    "a billion laughs in a profile": entities(SPACE),
    "quadratic blow-up": b'<!DOCTYPE x [<!ENTITY a "'
    + b"a" * 500_000
    + b'">]>'
    + TEMPLATE
    + b"&a;" * 100_000,
    "an external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + TEMPLATE
    + b"&a;",
    "an external document type": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + TEMPLATE,
    "parameter entities": b'<!DOCTYPE x [<!ENTITY % a "b"> %a;]>' + TEMPLATE,
    "elements a hundred thousand deep": TEMPLATE + b"<a>" * 100_000,
    "a million elements": TEMPLATE + b"<a/>" * 1_000_000,
    "many elements": TEMPLATE + b"<a/>" * 140_000,
    "a million attributes": b"<negotiation_template "
    + b" ".join(b'a%d=""' % i for i in range(400_000)),
    "many attributes": b"<negotiation_template "
    + b" ".join(b'a%d=""' % i for i in range(140_000))
    + b"/>",
    "an attribute of megabytes": b'<negotiation_template a="' + b"a" * 4_000_000 + b'"/>',
    "a million comments": b"<!--" * 1_000_000 + TEMPLATE,
    "a comment of megabytes": b"<!--" + b"a" * 4_000_000 + b"-->" + TEMPLATE,
    "UTF-16": (TEMPLATE + b"</negotiation_template>").decode().encode("utf-16"),
    "an encoding of many bytes": b'<?xml version="1.0" encoding="shift_jis"?>' + TEMPLATE,
    "an encoding that is a transformation": b'<?xml version="1.0" encoding="hex"?>' + TEMPLATE,
    "an encoding that lies": b'<?xml version="1.0" encoding="utf-16"?>' + TEMPLATE,
    "a billion values": GENIUS["t.xml"].replace(b'upperbound="5"', b'upperbound="1000000000"'),
    "a number of a million digits": GENIUS["t.xml"].replace(
        b'"5"', b'"' + b"9" * 1_000_000 + b'"'
    ),
    "a number beyond all others": GENIUS["t.xml"].replace(b'"1"', b'"1e999999999"'),
    "not a number": GENIUS["t.xml"].replace(b'lowerbound="1"', b'lowerbound="NaN"'),
    "truncated": GENIUS["t.xml"][:-30],
}
JSON = {
    "arrays a hundred thousand deep": WEB + b"[" * 100_000,
    "tables a hundred thousand deep": WEB * 100_000,
    "a million arrays": WEB + b"[" + b"[]," * 1_000_000 + b"[]]}",
    "many tables": WEB + b"[" + b'{"a":1},' * 74_000 + b"[]]}",
    "an integer of a million digits": WEB + b"9" * 1_000_000 + b"}",
    "a fraction of a million digits": WEB + b"0." + b"9" * 1_000_000 + b"}",
    "a text of megabytes": WEB + b'"' + b"a" * 4_000_000 + b'"}',
    "a million escapes": WEB + b'"' + b"\\n" * 1_000_000 + b'"}',
    "a key twice": WEB + b'{}, "issuesValues": {}}',
    "a billion values": WEB + b'{"a": {"range": [1, 1000000000, 1]}}}',
    "a trillionth as a step": WEB + b'{"a": {"range": [0, 1, 1e-12]}}}',
    "a number beyond all others": WEB + b'{"a": {"range": [0, 1e999999999, 1]}}}',
    "an exponent beyond all numbers": WEB + b'{"a": {"range": [0, 1e' + b"9" * 100 + b", 1]}}}",
    "not a number": WEB + b'{"a": {"range": [0, NaN, 1]}}}',
    "infinity": WEB + b'{"a": {"range": [-Infinity, 1, 1]}}}',
    "half a surrogate": WEB + b'{"\\ud800": {"values": ["a"]}}}',
    "latin-1": WEB + '{"é": 1}}'.encode("latin-1"),
    "nothing behind it": WEB,
}
YAML = {
    "a billion laughs": aliases(),
    "an alias inside itself": MAS + b"&a [*a]\n",
    "an object": MAS + b'!!python/object/apply:os.system ["touch /tmp/hacked"]\n',
    "a name of Python": MAS + b"!!python/name:os.system\n",
    "lists a hundred thousand deep": MAS + b"[" * 100_000,
    "tables a hundred thousand deep": MAS + b"{a: " * 100_000,
    "dashes a hundred thousand deep": MAS + b"\n " + b"- " * 70_000,
    "questions a hundred thousand deep": MAS + b"\n " + b"? " * 100_000,
    "a line indented again and again": MAS
    + b"\n"
    + b"".join(b" " * i + b"-\n" for i in range(1, 1500)),
    "a text of megabytes": MAS + b"x" * 1_900_000,
    "a million anchors": MAS + b"&a " * 600_000,
    "a million tags": MAS + b"!a " * 600_000,
    "many lists": MAS + b"[" + b"[]," * 74_000 + b"]",
    "an integer of a million digits": MAS + b"9" * 1_000_000,
    "a sexagesimal of a million digits": MAS + b"1" + b":59" * 70_000,
    "a fraction of a million digits": MAS + b"0." + b"9" * 1_000_000,
    "a billion values": MAS + b"[{name: a, type: ContiguousIssue, values: [1, 1000000000]}]\n",
    "a bad pickle": MAS
    + b"[{name: a, type: DiscreteCardinalIssue, values: !!binary gASVAAAA}]\n",
    "infinity": MAS + b"[{name: a, type: ContiguousIssue, values: [1, .inf]}]\n",
    "not a number": MAS + b"[{name: a, type: ContiguousIssue, values: [.nan, 2]}]\n",
    "a character that YAML has not": MAS + b"\x01",
}
LINES = {
    "a million lines": b'{"mturk_agent_1": 1}' + b"\n" * 1_000_000,
    "the same line again and again": b'{"mturk_agent_1": 1, "dialogue_id": 1}\n' * 100_000,
    "a line a hundred thousand deep": b'{"mturk_agent_1": ' + b"[" * 100_000,
    "an id of a million digits": b'{"mturk_agent_1": 1, "dialogue_id": '
    + b"9" * 1_000_000
    + b"}",
}


def cases() -> Iterator[tuple[str, dict[str, bytes], str]]:
    """Names of cases, their files, and the one to read ('' for the folder)."""
    for name, content in OURS.items():
        yield f"toml: {name}", {"x.toml": content}, "x.toml"
    for name, content in XML.items():
        files = {**GENIUS, ("a.xml" if "profile" in name else "t.xml"): content}
        yield f"xml: {name}", files, ""
    for name, content in JSON.items():
        yield f"json: {name}", {**GENIUSWEB, "d.json": content}, ""
    for name, content in YAML.items():
        yield f"yaml: {name}", {**NEGMAS, "d.yml": content}, ""
    for name, content in LINES.items():
        yield f"lines: {name}", {"x.jsonl": content}, "x.jsonl"


CASES = {name: (files, path) for name, files, path in cases()}

READER = """
import json, sys, time
from negotiate.domain.formats import read_all
from negotiate.errors import NegotiateError

def memory(field):  # of this process, in megabytes
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024

for seed in json.loads(sys.argv[1]):
    read_all(seed)  # loads every parser
for place in sys.stdin.read().split("\\n"):
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")  # the peak begins anew
    before, start, told = memory("VmRSS"), time.process_time(), ""
    try:
        read_all(place)
        kind = "nothing"
    except NegotiateError as error:
        kind, told = "NegotiateError", str(error)
    except BaseException as error:
        kind, told = type(error).__name__, repr(error)
    spent, grown = time.process_time() - start, memory("VmHWM") - before
    print(json.dumps({"kind": kind, "told": told[:500], "spent": spent, "grown": grown}), flush=True)
"""


def lay(place: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What happened to each case."""
    root = tmp_path_factory.mktemp("hostile")
    seeds = [str(lay(root / f"seed{i}", files)) for i, files in enumerate(SEEDS)]
    places = [
        str(lay(root / str(i), files) / path) for i, (files, path) in enumerate(CASES.values())
    ]
    done = subprocess.run(
        [sys.executable, "-c", READER, json.dumps(seeds)],
        input="\n".join(places),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=CHECKOUT,
        env={key: value for key, value in os.environ.items() if not key.startswith("COV")},
        check=True,
    )
    lines = done.stdout.splitlines()
    return dict(zip(CASES, map(json.loads, lines), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_quickly(
    reports: dict[str, dict[str, Any]], case: str
) -> None:
    report = reports[case]
    assert report["kind"] == "NegotiateError", report["told"]
    assert report["told"]
    assert report["spent"] < SECONDS
    assert report["grown"] < MEGABYTES


def test_nothing_hostile_was_run() -> None:
    assert not Path("/tmp/hacked").exists()  # noqa: S108
