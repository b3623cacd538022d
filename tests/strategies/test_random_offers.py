"""Random offers are spread evenly over what is acceptable."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from negotiate import play
from negotiate.domain import Domain, Integer, Linear, LinearAdditive, Role, Scenario
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.random_offers import RandomAboveReservation
from negotiate.testing import Insists

DOMAIN = Domain((Integer("share", 0, 9),))


def offers(reservation: float, rounds: int = 2000) -> list[int]:
    up = LinearAdditive(
        DOMAIN, {"share": (1, Linear(Fraction(0), Fraction(1)))}, reservation=reservation
    )
    scenario = Scenario("x", DOMAIN, (Role("a", LinearAdditive(DOMAIN, {})), Role("b", up)))
    rules = AlternatingOffers(rounds=rounds)
    match = play(rules, scenario, [Insists((0,)), RandomAboveReservation()], seed=4)
    return [t.outcome[0] for t in match.moves if t.party == 1 and t.outcome is not None]


def test_each_acceptable_outcome_is_equally_likely() -> None:
    counts = Counter(offers(0.5))
    assert set(counts) == {5, 6, 7, 8, 9}
    assert all(350 < count < 450 for count in counts.values())


def test_nothing_below_the_reservation_value_is_offered() -> None:
    assert min(offers(0.3)) == 3


@pytest.mark.parametrize(("reservation", "share"), [(1, 9), (0.99, 9)])
def test_a_single_acceptable_outcome_is_offered_again_and_again(
    reservation: float, share: int
) -> None:
    assert set(offers(reservation, 20)) == {share}


def test_where_nothing_is_acceptable_it_walks() -> None:
    assert offers(2) == []
