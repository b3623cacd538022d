"""``nego clear``: a case in, allocation and payments out."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Nego

BIDS = [{"bidder": "A", "amount": 7}, {"bidder": "B", "amount": "10.50"}]
CASE = {"protocol": "first_price_sealed_bid", "params": {}, "bids": BIDS}


def write(folder: Path, text: str) -> str:
    path = folder / "case.json"
    path.write_text(text)
    return str(path)


def test_json_has_exactly_the_keys_and_the_amount_as_it_came(
    nego: Nego, tmp_path: Path
) -> None:
    done = nego("clear", write(tmp_path, json.dumps(CASE)), "--json")
    assert done.status == 0
    assert done.data == {"winner": "B", "price": "10.50"}


def test_people_read_a_line_for_each_key(nego: Nego, tmp_path: Path) -> None:
    assert nego("clear", write(tmp_path, json.dumps(CASE))).out == "winner: B\nprice: 10.50\n"


def test_the_solver_may_be_named(nego: Nego, tmp_path: Path) -> None:
    bids = [{"bidder": "A", "bids": [{"items": ["x"], "amount": 7}]}]
    case = {"protocol": "vcg_combinatorial", "bids": bids}
    place = write(tmp_path, json.dumps(case))
    assert nego("clear", place, "--solver", "own", "--json").data["payments"] == {"A": 0}
    limited = write(tmp_path, json.dumps({**case, "params": {"solver": "cpsat", "nodes": 9}}))
    assert nego("clear", limited, "--solver", "own", "--json").data["welfare"] == 7
    other = write(tmp_path, json.dumps(CASE))
    assert "unknown-field" in nego("clear", other, "--solver", "own").err
    assert nego(
        "clear", write(tmp_path, json.dumps({**CASE, "params": []})), "--solver", "own"
    ).status


def test_a_json_number_with_decimals_is_read_exactly(nego: Nego, tmp_path: Path) -> None:
    text = json.dumps(CASE).replace('"10.50"', "10.1")
    assert nego("clear", write(tmp_path, text), "--json").data["price"] == 10.1
    long = json.dumps(CASE).replace('"10.50"', "10.123456789012345678")
    assert (
        nego("clear", write(tmp_path, long), "--json").data["price"] == "10.123456789012345678"
    )


BAD = {
    "not json": ("{", "unreadable"),
    "no object": ("[]", "format"),
    "no protocol": ("{}", "missing"),
    "key twice": ('{"protocol": "cda", "protocol": "cda", "bids": []}', "unreadable"),
    "deep": ("[" * 100_000, "unreadable"),
    "unknown protocol": ('{"protocol": "vickery", "bids": []}', "unknown-name"),
    "nan": (
        '{"protocol": "dutch", "params": {"start": NaN, "decrement": 1}, "bids": []}',
        "not-an-amount",
    ),
}


@pytest.mark.parametrize(("text", "code"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_status_2(
    nego: Nego, tmp_path: Path, text: str, code: str
) -> None:
    done = nego("clear", write(tmp_path, text), "--json")
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith(f"error[{code}]: ")


def test_a_file_that_is_not_there(nego: Nego) -> None:
    done = nego("clear", "nowhere.json")
    assert (done.status, done.err.split(":")[0]) == (2, "error[unreadable]")
