"""This library behind the runner: reads a case a line from standard input, writes an answer a line.

An implementation of your own needs a program like this one, and nothing else of this folder but ``run.py`` and
``vectors.jsonl``.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from negotiate.wire import codec, envelope, keys, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.mandate import read_mandate
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

Case = dict[str, Any]


def _frame(case: Case) -> Case:
    message = envelope.read(bytes.fromhex(case["data"]))
    message.verify()
    return {"message": message.id.hex(), "kind": message.kind}


def _session(case: Case) -> Case:
    principals = {bytes.fromhex(key): "" for key in case["principals"]}
    trust = Trust(principals, policy=Policy(revocation="allow"))
    log = tuple(Entry(FRAME, bytes.fromhex(frame)) for frame in case["frames"])
    verdict = verify(Transcript(log), trust)
    outcome = verdict.outcome
    found = {"ok": verdict.valid, "state": outcome.state, "complete": outcome.complete}
    return (
        found
        if verdict.fault is None
        else {**found, "code": verdict.fault.code, "at": verdict.fault.at}
    )


def _path(case: Case) -> Case:
    path = [bytes.fromhex(node) for node in case["path"]]
    entry, root = bytes.fromhex(case["entry"]), bytes.fromhex(case["root"])
    return {"ok": merkle.included(entry, case["index"], case["count"], path, root)}


def _decode(case: Case) -> Case:
    value: Any = codec.decode(bytes.fromhex(case["data"]))
    return {"again": codec.encode(value).hex()}


def _ed25519(case: Case) -> Case:
    key, message, signature = (
        bytes.fromhex(case[name]) for name in ("key", "message", "signature")
    )
    keys.Verifier(key).verify(signature, message)
    return {}


OPERATIONS: dict[str, Callable[[Case], Case]] = {
    "ed25519": _ed25519,
    "key": lambda case: {
        "thumbprint": keys.thumbprint(keys.check_public(bytes.fromhex(case["key"])))
    },
    "did": lambda case: {"key": keys.parse_did_key(case["text"]).hex()},
    "decode": _decode,
    "frame": _frame,
    "mandate": lambda case: {"hash": read_mandate(bytes.fromhex(case["data"])).hash.hex()},
    "root": lambda case: {
        "ok": merkle.root([bytes.fromhex(e) for e in case["entries"]]).hex() == case["root"]
    },
    "path": _path,
    "session": _session,
}


def answer(case: Case) -> Case:
    """What this library says to a case."""
    try:
        return {"ok": True, **OPERATIONS[case["op"]](case)}
    except Fault as fault:
        return {"ok": False, "code": fault.code}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
