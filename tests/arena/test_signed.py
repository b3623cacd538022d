"""A tournament whose moves are signed has the rows, and the file, of the tournament whose moves are not."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.arena import Limits, run
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, bundled, load
from negotiate.domain import Table as Worth
from negotiate.errors import ArenaError
from negotiate.moves import Accept, Move, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.wire.signed import seated
from tests.arena.conftest import played, scenario, sha, three, tournament

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.arena import Results
    from negotiate.strategy import View

pytestmark = [
    pytest.mark.usefixtures("rogues"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs timers of POSIX"),
]


class Lookalike(Offer):
    """Not an offer of ours, whatever it is called."""


class OffersALookalike(TimeDependent):
    def respond(self, view: View) -> Move:
        return Lookalike(super().respond(view).outcome)  # type: ignore[attr-defined]


class OffersBools(TimeDependent):
    def respond(self, view: View) -> Move:
        return Offer((True, False))


class AcceptsOutOfTurn(TimeDependent):
    def respond(self, view: View) -> Move:
        return Accept()


class WalksAway(TimeDependent):
    def respond(self, view: View) -> Move:
        return Walk() if view.round == 4 else super().respond(view)


def both(tmp: Path, scenarios: Any, strategies: Any, **more: Any) -> tuple[Results, Results]:
    results = [
        played(tmp / str(signed), scenarios, strategies, signed=signed, **more)
        for signed in (False, True)
    ]
    assert sha(tmp / "False") == sha(tmp / "True")
    return results[0], results[1]


def test_every_row_is_the_same(tmp_path: Path) -> None:
    field = ("genius-conceder", "micro", "random")
    plain, signed = both(tmp_path, [scenario("one"), three("three")], field, repetitions=2)
    assert list(plain) == list(signed)
    assert signed.played == plain.played == 2 * (9 + 3 + 2 * 3 * 3)
    assert {row.reason for row in signed} >= {"accept"}


@pytest.mark.parametrize("consent", ["unanimity", "majority"])
def test_three_parties_and_both_forms_of_consent(tmp_path: Path, consent: Any) -> None:
    rules = AlternatingOffers(rounds=9, consent=consent)
    field = ("genius-conceder", "genius-linear")
    rows = []
    for signed in (False, True):
        plan = tournament([three("three")], field, signed=signed)
        plan = type(plan)(plan.scenarios, field, rules, signed=signed)
        rows.append(list(run(plan, tmp_path / str(signed), workers=0)))
    assert rows[0] == rows[1]


def test_failures_are_the_same_rows(tmp_path: Path) -> None:
    rogues = ["Raises", "RaisesAtTheBeginning", "RaisesInTheEnd", "SysExits", "OwnException",
              "ReturnsNone", "OffersNonsense", "ChangesItsView"]  # fmt: skip
    field = ["random", *(f"rogues:{name}" for name in rogues)]
    field += [OffersALookalike, OffersBools, AcceptsOutOfTurn, WalksAway]  # type: ignore[list-item]
    plain, signed = both(tmp_path, [scenario("one")], field, self_play=False)
    assert list(plain) == list(signed)
    assert signed.failed > 0
    assert {"error", "illegal-move", "walk"} <= {row.reason for row in signed}


def test_a_strategy_that_sleeps_is_cut_off_just_the_same(tmp_path: Path) -> None:
    field = ("genius-boulware", "rogues:SleepsOnce")
    plain, signed = both(tmp_path, [scenario("one")], field, self_play=False)
    assert list(plain) == list(signed)
    assert {row.reason for row in signed} == {"timeout"}


def test_workers_sign_too(tmp_path: Path) -> None:
    field = ("genius-conceder", "rogues:Slow")
    for signed in (False, True):
        played(tmp_path / str(signed), [scenario("one")], field, signed=signed, workers=2)
    assert sha(tmp_path / "False") == sha(tmp_path / "True")


def test_a_limit_on_time_counts_from_the_start_of_the_match(tmp_path: Path) -> None:
    """The arena's clock counts from the start of the machine, which is no time in a session."""
    rules = AlternatingOffers(rounds=None, time_limit=500)
    plan = tournament([scenario("one")])
    field = ("genius-conceder", "micro")
    plan = type(plan)(plan.scenarios, field, rules, self_play=False, signed=True)
    rows = list(run(plan, tmp_path, workers=0, limits=Limits(move=30.0)))
    assert min(row.turns for row in rows) >= 2


def test_what_was_played_unsigned_is_not_played_again(tmp_path: Path) -> None:
    played(tmp_path, [scenario("one")])
    assert played(tmp_path, [scenario("one")], signed=True).played == 0


def test_rules_with_chance_are_told_before_anything_is_played(tmp_path: Path) -> None:
    plan = tournament([scenario("one")])
    rules = AlternatingOffers(rounds=20, breakdown=1_000)
    with pytest.raises(ArenaError, match="cannot be played signed") as caught:
        run(type(plan)(plan.scenarios, ("random",), rules, signed=True), tmp_path / "out")
    assert caught.value.code == "rules"
    assert "without signed" in caught.value.help
    assert not (tmp_path / "out").exists()


def test_a_domain_without_a_signed_form_is_told_before_anything_is_played(
    tmp_path: Path,
) -> None:
    domain = Domain((Choice("letters", tuple(f"letter {n}" for n in range(1_025))),))
    own = LinearAdditive(
        domain, {"letters": (1, Worth((Fraction(0),) * 1_024 + (Fraction(1),)))}
    )
    long = Scenario("long", domain, (Role("a", own), Role("b", own)))
    with pytest.raises(ArenaError, match="'long' cannot be played signed"):
        played(tmp_path / "out", [long], signed=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", bundled())
def test_every_bundled_scenario_can_be_signed(name: str) -> None:
    sessions = seated(AlternatingOffers(), load(name), 0)
    assert all(session.record.phase == "playing" for session in sessions)
