"""`nego key`, `nego mandate`, `nego verify` and `nego match --signed`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Nego

BUDGET = '{"budget": {"amount": %d, "currency": "EUR", "scale": 2}}'


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEGO_PASSPHRASE", "correct horse")


def test_a_match_is_signed_and_verified(nego: Nego) -> None:
    words = [
        "match",
        "milk",
        "-s",
        "genius-boulware",
        "genius-conceder",
        "--rounds",
        "30",
        "--json",
    ]
    plain = json.loads(nego(*words).out)
    assert json.loads(nego(*words, "--signed", "milk.t").out) == plain
    done = nego("verify", "milk.t", "--json")
    verdict = json.loads(done.out)
    assert done.status == 0
    assert verdict["valid"] is True
    assert verdict["fault"] is None
    assert verdict["outcome"]["terms"] == plain["agreement"]
    assert {"key", "principal", "machine", "mandate"} <= set(verdict["parties"][0])
    assert verdict["disclosed"] == []
    assert "They agreed on" in nego("verify", "milk.t").out
    assert "Sie einigten sich" in nego("verify", "milk.t", "--language", "de").out


@pytest.mark.parametrize("place", [10, 1_000, 5_000, -100])
def test_a_changed_byte_is_found(nego: Nego, place: int) -> None:
    nego("match", "milk", "-s", "micro", "micro", "--rounds", "30", "--signed", "milk.t")
    data = bytearray(Path("milk.t").read_bytes())
    data[place] ^= 1
    Path("bad.t").write_bytes(data)
    done = nego("verify", "bad.t", "--json")
    assert done.status == 1
    assert json.loads(done.out)["valid"] is False
    assert json.loads(done.out)["fault"]["code"]


def test_a_principal_that_is_not_in_the_transcript_is_not_enough(nego: Nego) -> None:
    nego("match", "milk", "-s", "micro", "micro", "--rounds", "5", "--signed", "milk.t")
    did = json.loads(nego("key", "new", "other.pem", "--json").out)["did"]
    done = nego("verify", "milk.t", "--principal", f"{did}=ACME", "--json")
    assert (done.status, json.loads(done.out)["fault"]["code"]) == (1, "unverified")
    assert nego("verify", "none.t").status == 2
    assert nego("verify", "milk.t", "--principal", "did:key:nonsense").status == 2


def test_keys_and_mandates(nego: Nego) -> None:
    weber = json.loads(nego("key", "new", "weber.pem", "--json").out)
    bot = json.loads(nego("key", "new", "bot.pem", "--json").out)
    assert json.loads(nego("key", "show", "bot.pem", "--json").out)["did"] == bot["did"]
    assert "thumbprint" in nego("key", "show", weber["did"]).out
    issued = nego(
        "mandate", "issue", "bot.mandate", "--key", "weber.pem", "--holder", bot["did"], "--role", "buyer",
        "--principal", "Haushalt Weber", "--depth", "1", "--constraints", BUDGET % 1_000, "--json",
    )  # fmt: skip
    assert issued.status == 0
    shown = json.loads(nego("mandate", "show", "bot.mandate", "--json").out)
    assert shown["principal"] == "Haushalt Weber"
    assert shown["chain"][0]["issuer"] == weber["did"]
    narrow = [
        "mandate",
        "narrow",
        "bot.mandate",
        "sub.mandate",
        "--key",
        "bot.pem",
        "--holder",
        weber["did"],
    ]
    wider = nego(*narrow, "--constraints", BUDGET % 1_001)
    assert wider.status == 2
    assert "mandate-chain" in wider.err
    assert nego(*narrow, "--constraints", BUDGET % 999).status == 0
    assert len(json.loads(nego("mandate", "show", "sub.mandate", "--json").out)["chain"]) == 2
    revoked = nego(
        "mandate",
        "revoke",
        "weber.list",
        "bot.mandate",
        "--key",
        "weber.pem",
        "--version",
        "2",
        "--json",
    )
    assert json.loads(revoked.out)["revoked"] == 1
    assert Path("weber.list").is_file()


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "1e9"])
def test_days_that_are_none_are_told(nego: Nego, days: str) -> None:
    did = json.loads(nego("key", "new", "k.pem", "--json").out)["did"]
    given = ("--key", "k.pem", "--holder", did, "--role", "buyer", "--principal", "P")
    done = nego("mandate", "issue", "m", *given, "--days", days)
    assert (done.status, done.err[:16]) == (2, "error[lifetime]:")
    done = nego("mandate", "revoke", "list", "--key", "k.pem", "--version", "1", "--days", days)
    assert (done.status, done.err[:16]) == (2, "error[lifetime]:")
    assert not Path("m").exists()


def test_a_list_may_void_nothing(nego: Nego) -> None:
    nego("key", "new", "k.pem")
    done = nego("mandate", "revoke", "list", "--key", "k.pem", "--version", "1")
    assert (done.status, done.out) == (0, "list: version 1, 0 revoked\n")


def test_a_mandate_is_shown_to_people_with_dates(nego: Nego) -> None:
    did = json.loads(nego("key", "new", "k.pem", "--json").out)["did"]
    given = ("--key", "k.pem", "--holder", did, "--role", "buyer", "--principal", "P")
    shown = nego("mandate", "issue", "m", *given).out
    assert "UTC" in shown
    assert f"holder      {did}" in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("--role", "Big Buyer"), "lower-case letters, digits and _"),
        (("--constraints", '{"bugdet": 5}'), "no field of this name (at $.bugdet)"),
        (("--constraints", '{"budget": 5}'), "an object is expected (at $.budget)"),
        (("--constraints", '{"deals": 1.5}'), "a number that is no integer"),
        (("--principal", ""), "the principal has 0 characters"),
    ],
)
def test_what_is_wrong_with_a_mandate_is_said_in_words(
    nego: Nego, changes: tuple[str, str], words: str
) -> None:
    did = json.loads(nego("key", "new", "k.pem", "--json").out)["did"]
    given = {"--key": "k.pem", "--holder": did, "--role": "buyer", "--principal": "P"}
    given[changes[0]] = changes[1]
    done = nego("mandate", "issue", "m", *(word for pair in given.items() for word in pair))
    assert done.status == 2
    assert words in done.err


def test_a_mandate_is_passed_on_by_its_holder_and_revoked_by_its_issuer(nego: Nego) -> None:
    dids = [json.loads(nego("key", "new", f"{n}.pem", "--json").out)["did"] for n in "ab"]
    given = ("--key", "a.pem", "--holder", dids[1], "--role", "buyer", "--principal", "P")
    nego("mandate", "issue", "m", *given)
    other = nego("mandate", "narrow", "m", "n", "--key", "a.pem", "--holder", dids[0])
    assert f"held by {dids[1]}" in other.err
    final = nego("mandate", "narrow", "m", "n", "--key", "b.pem", "--holder", dids[0])
    assert "may not be passed on" in final.err
    revoked = nego("mandate", "revoke", "l", "m", "--key", "b.pem", "--version", "1")
    assert f"issued by: {dids[0]}" in revoked.err


@pytest.mark.parametrize(
    "words",
    [
        ["key", "show", "none.pem"],
        ["key", "show", "did:key:z6Mkbad"],
        ["mandate", "show", "none.mandate"],
        [
            "mandate",
            "issue",
            "m",
            "--key",
            "k.pem",
            "--holder",
            "did:key:x",
            "--role",
            "buyer",
            "--principal",
            "P",
        ],
        ["verify", "none.t"],
    ],
)
def test_bad_input_is_one_sentence_and_status_two(nego: Nego, words: list[str]) -> None:
    done = nego(*words)
    assert done.status == 2
    assert done.err.startswith("error[")


def test_a_damaged_mandate_file_is_told(nego: Nego) -> None:
    did = json.loads(nego("key", "new", "k.pem", "--json").out)["did"]
    nego(
        "mandate",
        "issue",
        "m",
        "--key",
        "k.pem",
        "--holder",
        did,
        "--role",
        "buyer",
        "--principal",
        "P",
    )
    content = json.loads(Path("m").read_text())
    for change in (
        {"principal": {**content["principal"], "name": "Q"}},
        {"chain": []},
        {"chain": ["AAAA"]},
        {"chain": 5},
    ):
        Path("bad").write_text(json.dumps({**content, **change}))
        assert nego("mandate", "show", "bad").status == 2
