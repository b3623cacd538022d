"""``nego match``: the JSON that others rely on."""

import pytest

from negotiate import load
from tests.cli.conftest import Nego

PAIR = ("--strategies", "genius-boulware", "genius-conceder")


def test_json_has_exactly_the_published_keys(nego: Nego) -> None:
    done = nego("match", "milk", *PAIR, "--rounds", "40", "--json")
    assert done.status == 0
    assert list(done.data) == [
        "agreement", "utilities", "rounds", "turns", "ended_by", "reason", "error", "moves",
    ]  # fmt: skip
    assert list(done.data["moves"][0]) == ["round", "party", "move", "outcome", "utilities"]


def test_agreement_and_utilities_are_those_of_the_accepted_offer(nego: Nego) -> None:
    data = nego("match", "milk", *PAIR, "--rounds", "40", "--json").data
    offers = [move for move in data["moves"] if move["move"] == "offer"]
    assert data["reason"] == "accept"
    assert data["agreement"] == offers[-1]["outcome"]
    assert data["utilities"] == offers[-1]["utilities"]
    assert data["moves"][-1]["move"] == "accept"
    assert data["moves"][-1]["party"] == data["ended_by"]
    assert len(data["moves"]) == data["turns"]


def test_first_strategy_takes_the_first_role_and_moves_first(nego: Nego) -> None:
    data = nego("match", "milk", *PAIR, "--rounds", "40", "--json").data
    best = load("milk").preferences[0].space.kth(0)
    assert data["moves"][0]["party"] == 0
    assert data["moves"][0]["outcome"] == load("milk").domain.plain(best)


def test_without_agreement_utilities_are_the_reservation_values(nego: Nego) -> None:
    hard = ("--strategies", "genius-hardliner", "genius-hardliner")
    data = nego("match", "milk", *hard, "--rounds", "5", "--json").data
    assert data["agreement"] is None
    assert data["reason"] == "deadline"
    assert data["ended_by"] is None
    assert data["rounds"] == 5
    assert data["turns"] == 10
    assert data["utilities"] == [own.reservation / 1e9 for own in load("milk").preferences]


def test_a_strategy_that_raises_is_named_in_the_error(nego: Nego) -> None:
    data = nego(
        "match", "milk", "--strategies", "tests.cli.test_match:Raises", "micro", "--json"
    ).data
    assert data["reason"] == "error"
    assert data["ended_by"] == 0
    assert "ZeroDivisionError" in data["error"]


def test_the_same_seed_gives_the_same_match(nego: Nego) -> None:
    words = (
        "match",
        "ev-charging",
        "--strategies",
        "random",
        "random",
        "--rounds",
        "50",
        "--json",
    )
    assert nego(*words, "--seed", "7").out == nego(*words, "--seed", "7").out
    assert nego(*words, "--seed", "7").out != nego(*words, "--seed", "8").out


def test_three_parties_play_three_strategies(nego: Nego) -> None:
    data = nego("match", "shared-van", "--strategies", "micro", "micro", "micro", "--json").data
    assert len(data["utilities"]) == 3
    assert {move["party"] for move in data["moves"]} == {0, 1, 2}


def test_people_see_every_move_and_the_verdict(nego: Nego) -> None:
    done = nego("match", "milk", *PAIR, "--rounds", "10")
    assert "buyer plays genius-boulware" in done.out
    assert "agreed in round" in done.out


def test_a_time_limit_ends_the_negotiation(nego: Nego) -> None:
    hard = ("--strategies", "genius-hardliner", "genius-hardliner")
    data = nego("match", "milk", *hard, "--rounds", "0", "--time-limit", "0.05", "--json").data
    assert data["reason"] == "deadline"


BAD = {
    "an unknown scenario": (("match", "mlik", *PAIR), "unknown-name", "did you mean 'milk'?"),
    "an unknown strategy": (
        ("match", "milk", "--strategies", "micor", "micro"), "unknown-name", "did you mean 'micro'?",
    ),
    "too few strategies": (("match", "milk", "--strategies", "micro"), "seats", "2 roles"),
    "no strategies": (("match", "milk"), "seats", "--strategies genius-boulware micro"),
    "a parameter out of range": (
        ("match", "milk", "--strategies", "time_dependent[e=-1]", "micro"), "parameter", "e=-1",
    ),
    "an unknown parameter": (
        ("match", "milk", "--strategies", "micro[x=1]", "micro"), "parameter", "it takes: ()",
    ),
    "rounds that are no number": (("match", "milk", *PAIR, "--rounds", "x"), "usage", '"x"'),
    "negative rounds": (("match", "milk", *PAIR, "--rounds", "-4"), "rules", "rounds is -4"),
    "no end at all": (("match", "milk", *PAIR, "--rounds", "0"), "rules", "must end"),
    "a probability above 1": (
        ("match", "milk", *PAIR, "--breakdown", "2"), "rules", "a breakdown of 2; a probability",
    ),
    "a probability that is no number": (
        ("match", "milk", *PAIR, "--breakdown", "nan"), "rules", "a breakdown of nan",
    ),
    "no time": (("match", "milk", *PAIR, "--time-limit", "0"), "rules", "0.001 seconds or more"),
    "endless time": (("match", "milk", *PAIR, "--time-limit", "inf"), "rules", "limit of inf s"),
    "an unknown option": (("match", "milk", "--rouns", "3"), "usage", "--rounds"),
    "an unknown command": (("mach", "milk"), "usage", '"match"'),
    "a module that is not there": (
        ("match", "milk", "--strategies", "nowhere.at_all:Thing", "micro"), "import", "nowhere",
    ),
    "a class that is no strategy": (
        ("match", "milk", "--strategies", "json:JSONDecoder", "micro"), "not-a-strategy", "Strategy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_with_a_code_and_a_way_out(nego: Nego, name: str) -> None:
    words, code, hint = BAD[name]
    done = nego(*words)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith(f"error[{code}]: ")
    assert hint in done.err
    assert "Traceback" not in done.err


def test_debug_shows_the_traceback(nego: Nego) -> None:
    assert "Traceback" in nego("match", "mlik", *PAIR, "--debug").err


from negotiate import Move, Strategy, View  # noqa: E402


class Raises(Strategy):
    """For the test above."""

    def respond(self, view: View) -> Move:
        raise ZeroDivisionError("so there")
