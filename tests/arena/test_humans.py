"""Strategies beside people, on dialogues of our own making and on the corpus where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from negotiate.arena.humans import PEOPLE, Comparison, compare
from negotiate.domain.formats.casino import dialogues
from negotiate.errors import ArenaError, FormatError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from negotiate.moves import Move
    from negotiate.protocol import View

CORPUS = Path(__file__).parents[3] / "shared" / "scenarios" / "human" / "casino_200.jsonl"
ISSUES = ("Food", "Water", "Firewood")
RULES = AlternatingOffers(rounds=20)
FIELD = ("micro", "genius-linear", "genius-hardliner")


def dialogue(
    number: int, worth: tuple[tuple[int, ...], ...], gets: tuple[int, ...] | None
) -> dict[str, Any]:
    """Two people; ``gets`` is what the first got, offered by the second, or None for no deal."""
    rest = [3 - got for got in gets or ()]
    shares = [gets, rest] if gets else []
    points = [
        sum(w * g for w, g in zip(own, share, strict=True))
        for own, share in zip(worth, shares, strict=bool(shares))
    ]
    made: dict[str, Any] = {
        "dialogue_id": number,
        "issues": list(ISSUES),
        "packages_each": 3,
        "accepted": gets is not None,
    }
    for k in (0, 1):
        values = dict(zip(ISSUES, worth[k], strict=True))
        made[f"mturk_agent_{k + 1}"] = {"values": values, "points": points[k] if gets else 5}
    if gets:
        made["final_offer_by"] = "mturk_agent_2"
        made["final_offer_by_gets"] = dict(zip(ISSUES, rest, strict=True))
    return made


GOOD = dialogue(1, ((5, 4, 3), (3, 4, 5)), (3, 2, 0))  # each gets what it wants most
POOR = dialogue(2, ((5, 4, 3), (3, 4, 5)), (0, 2, 3))  # and here the other way round
NONE = dialogue(3, ((4, 5, 3), (5, 4, 3)), None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, GOOD, POOR, NONE)


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "talks.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    return path


def row(found: Comparison, who: str) -> Any:
    return next(one for one in found.rows if one.who == who)


def test_dialogues_are_read_with_what_the_people_reached(file: Path) -> None:
    good, poor, none = dialogues(file)
    assert good.outcome == (3, 2, 0)
    assert good.points == (23, 19)
    assert poor.outcome == (0, 2, 3)
    assert (none.outcome, none.points, none.most) == (None, (5, 5), (36, 36))


def test_the_people_are_measured_as_strategies_are(file: Path) -> None:
    people = row(compare(file, FIELD, RULES), PEOPLE)
    assert people.points == pytest.approx((23 + 19 + 17 + 13 + 5 + 5) / 6)
    assert people.mean_utility == pytest.approx(people.points / 36)
    assert people.agreement_rate == pytest.approx(2 / 3)
    assert people.pareto_share == pytest.approx(1 / 3)
    assert people.inequality == pytest.approx((4 + 4 + 0) / 3 / 36)
    assert people.difference is None


def test_a_strategy_that_never_agrees_has_the_points_of_no_deal(file: Path) -> None:
    hard = row(compare(file, FIELD, RULES), "genius-hardliner")
    assert hard.points == pytest.approx(5)
    assert hard.agreement_rate == 0
    assert hard.pareto_share == 0
    assert hard.difference == pytest.approx(5 / 36 - (23 + 19 + 17 + 13 + 5 + 5) / 6 / 36)


def test_differences_are_paired_by_dialogue_and_have_intervals(file: Path) -> None:
    found = compare(file, FIELD, RULES)
    people, *others = found.rows
    assert found.dialogues == 3
    assert [one.mean_utility for one in others] == sorted(
        (o.mean_utility for o in others), reverse=True
    )
    for one in others:
        assert one.difference == pytest.approx(one.mean_utility - people.mean_utility)
        assert one.low is not None
        assert one.high is not None
        assert one.low <= (one.difference or 0) <= one.high
    assert found == compare(file, FIELD, RULES)


def test_one_dialogue_gives_no_interval(tmp_path: Path) -> None:
    found = compare(written(tmp_path, GOOD), FIELD, RULES)
    assert {(one.low, one.high) for one in found.rows} == {(None, None)}


def test_strategies_from_elsewhere_that_fail_are_counted(file: Path) -> None:
    found = compare(file, [Spec("rude", Rude)], RULES)
    assert found.rows[1].failed == 3


class Rude(Strategy):
    """Raises whenever it is asked."""

    def respond(self, view: View) -> Move:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"final_offer_by": "nobody"}, "mturk_agent_1 or mturk_agent_2"),
        ({"final_offer_by_gets": {"Food": 9, "Water": 1, "Firewood": 3}}, "number of packages"),
        (
            {"final_offer_by_gets": {"Food": 1, "Water": 1, "Firewood": 3}},
            "where the division is worth",
        ),
    ],
    ids=("who", "packages", "points"),
)
def test_a_result_that_cannot_be_is_told(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(FormatError, match=words):
        dialogues(written(tmp_path, GOOD | change))


def test_other_files_are_told(tmp_path: Path) -> None:
    other = tmp_path / "x.json"
    other.write_text("{}")
    with pytest.raises(FormatError, match="no CaSiNo dialogues"):
        dialogues(other)
    with pytest.raises((FormatError, ArenaError)):
        compare(tmp_path / "missing", FIELD, RULES)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_corpus_is_read_whole_and_its_points_are_right() -> None:
    found = dialogues(CORPUS)
    assert len(found) == 200
    assert sum(one.outcome is None for one in found) == 2
    people = compare(CORPUS, ["micro"], RULES).rows[0]
    lines = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    points = [line[f"mturk_agent_{k}"]["points"] for line in lines for k in (1, 2)]
    assert people.points == pytest.approx(np.mean(points))
