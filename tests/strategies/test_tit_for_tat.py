"""Relative tit-for-tat answers a concession with the same share of its own demand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from negotiate import play, registry
from negotiate.domain import SCALE, Domain, Integer, Linear, LinearAdditive, Role, Scenario
from negotiate.errors import StrategyError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.tit_for_tat import RelativeTitForTat
from negotiate.testing import Scripted, scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

DOMAIN = Domain((Integer("share", 0, 1000),))


def cake(reservation: float = 0) -> Scenario:
    up, down = Linear(Fraction(0), Fraction(1)), Linear(Fraction(1), Fraction(0))
    mine = LinearAdditive(DOMAIN, {"share": (1, up)}, reservation=reservation)
    return Scenario(
        "cake",
        DOMAIN,
        (Role("me", mine), Role("you", LinearAdditive(DOMAIN, {"share": (1, down)}))),
    )


def answers(shares: Sequence[int], window: int = 1, reservation: float = 0) -> list[int]:
    """What it demands, in thousandths, when it is offered these shares one after the other."""
    players = [RelativeTitForTat(window), Scripted([(share,) for share in shares])]
    match = play(AlternatingOffers(rounds=50), cake(reservation), players)
    return [t.outcome[0] for t in match.moves if t.party == 0 and t.outcome is not None]


def test_it_demands_everything_until_it_has_seen_a_concession() -> None:
    assert answers([0, 0, 0]) == [1000] * 4


def test_it_gives_up_the_same_share_of_its_demand() -> None:
    # The rival's demands: 1000, 900 (a tenth less), 720 (a fifth less), 648 (a tenth less).
    assert answers([0, 100, 280, 352]) == [1000, 1000, 900, 720, 648]


def test_a_concession_that_is_taken_back_is_answered_alike() -> None:
    # Demands: 1000, 800, 1000, 750.
    assert answers([0, 200, 0, 250]) == [1000, 1000, 800, 1000, 750]


def test_it_never_demands_more_than_everything() -> None:
    assert answers([500, 100, 0]) == [1000] * 4


def test_it_never_demands_less_than_its_reservation_value() -> None:
    assert answers([0, 590, 592], reservation=0.6) == [1000, 1000, 600, 600]


def test_a_longer_window_answers_an_older_concession() -> None:
    # With a window of two, what was answered above is answered one offer later.
    assert answers([0, 100, 280, 352], window=2) == [1000, 1000, 1000, 900, 720]


def test_a_rival_that_asks_for_nothing_any_more_is_not_divided_by() -> None:
    match = play(
        AlternatingOffers(rounds=9),
        cake(),
        [Scripted([(1000,), (1000,)]), RelativeTitForTat()],
    )
    assert match.fault is None


def test_it_accepts_what_is_worth_its_next_offer() -> None:
    players = [RelativeTitForTat(), Scripted([(0,), (500,), (500,)])]
    match = play(AlternatingOffers(rounds=9), cake(), players)
    assert (match.agreement, match.ended_by, match.rounds) == ((500,), 0, 3)


@pytest.mark.parametrize("window", ["0", "-1", "1.5", "None", "True"])
def test_a_window_is_a_positive_integer(window: str) -> None:
    with pytest.raises(StrategyError, match="1 or more is expected"):
        registry.strategy(f"tit_for_tat[window={window}]")


def test_a_window_in_words_is_no_number() -> None:
    with pytest.raises(StrategyError, match="window is 'long'; a number is expected"):
        registry.strategy("tit_for_tat[window=long]")


@given(scenarios())
def test_two_of_them_keep_to_their_range(scenario: Scenario) -> None:
    match = play(
        AlternatingOffers(rounds=8), scenario, [RelativeTitForTat(), RelativeTitForTat(2)]
    )
    for turn in match.moves:
        if turn.outcome is not None:
            own = scenario.preferences[turn.party]
            assert own.utility(turn.outcome) >= own.reservation
    assert max(abs(u) for u in match.utilities) <= 1000 * SCALE
