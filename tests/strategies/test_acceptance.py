"""Acceptance rules are the conditions of Baarslag, Hindriks & Jonker (2013), and ``Composed`` obeys them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import Match, play
from negotiate.domain import (
    SCALE,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Outcome,
    Role,
    Scenario,
)
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.acceptance import AcCombi, AcConst, AcNext, AcPrevious, AcTime
from negotiate.strategies.offering import Composed, Offering
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.testing import Scripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.protocol import Result
    from negotiate.strategies.offering import AcceptanceRule
    from negotiate.strategy import Brief, View

DOMAIN = Domain((Integer("share", 0, 100),))
ROUNDS = 19


def cake(reservation: float = 0) -> Scenario:
    up, down = Linear(Fraction(0), Fraction(1)), Linear(Fraction(1), Fraction(0))
    roles = (
        Role("you", LinearAdditive(DOMAIN, {"share": (1, down)})),
        Role("me", LinearAdditive(DOMAIN, {"share": (1, up)}, reservation=reservation)),
    )
    return Scenario("cake", DOMAIN, roles)


class Recites:
    """An offering rule: these shares, one after the other, and then the last."""

    def __init__(self, *shares: int) -> None:
        self.shares = list(shares)
        self.ended: Result | None = None

    def begin(self, brief: Brief) -> None:
        self.left = iter(self.shares)

    def propose(self, view: View) -> Outcome:
        return (next(self.left, self.shares[-1]),)

    def end(self, result: Result) -> None:
        self.ended = result


def accepted(
    rule: AcceptanceRule, proposals: Sequence[int], received: Sequence[int]
) -> int | None:
    """Which of the shares it is offered the rule takes first, counted from 1."""
    match = against(Composed(Recites(*proposals), rule), received)
    return match.rounds if match.agreement else None


def against(strategy: Composed, received: Sequence[int], reservation: float = 0) -> Match:
    rival = Scripted([(share,) for share in received], then=Offer((0,)))
    return play(AlternatingOffers(rounds=ROUNDS), cake(reservation), [rival, strategy])


def test_next_accepts_what_is_worth_its_next_offer() -> None:
    assert accepted(AcNext(), [90, 80, 70], [60, 79, 70]) == 3
    assert accepted(AcNext(), [90, 80, 70], [60, 80, 70]) == 2


def test_next_may_scale_and_shift() -> None:
    assert accepted(AcNext(a=1.1), [90, 80], [60, 73]) == 2
    assert accepted(AcNext(a=1.1), [90, 80], [60, 72]) is None
    assert accepted(AcNext(b=0.25), [90, 80], [60, 55]) == 2
    assert accepted(AcNext(b=0.25), [90, 80], [60, 54]) is None


def test_previous_accepts_what_is_worth_its_last_offer() -> None:
    assert accepted(AcPrevious(), [90, 80, 70], [60, 89, 80]) == 3
    assert accepted(AcPrevious(), [90, 80, 70], [60, 90]) == 2


def test_previous_never_accepts_before_it_has_offered() -> None:
    assert accepted(AcPrevious(), [90, 80], [100, 0]) is None


def test_constant_accepts_what_reaches_it() -> None:
    assert accepted(AcConst(0.5), [90], [49, 50]) == 2
    assert accepted(AcConst(0.5), [10], [49, 0]) is None


def test_time_accepts_anything_from_its_time_on() -> None:
    assert accepted(AcTime(0.25), [90], [0]) == 5  # round 5 of 19 is a quarter of the time
    assert accepted(AcTime(0.26), [90], [0]) == 6


def test_combi_accepts_its_next_offer_at_any_time() -> None:
    assert accepted(AcCombi(t=0.9), [90, 80], [60, 80]) == 2


def test_combi_waits_for_the_best_that_it_may_still_hope_for() -> None:
    # From round 16 of 19 (t = 0.8): the window before it is as long as the fifth that remains.
    offers = [70] + [10] * 10 + [40] + [20] * 5
    assert accepted(AcCombi(t=0.8), [99], [*offers, 39, 40]) == 17  # 40 of round 12 has left it
    offers = [70] + [10] * 12 + [40] + [20] * 3
    assert accepted(AcCombi(t=0.8), [99], [*offers, 39, 40]) == 18


@given(
    st.lists(st.integers(0, 100), min_size=ROUNDS, max_size=ROUNDS),
    st.lists(st.integers(0, 100), min_size=ROUNDS, max_size=ROUNDS),
    st.sampled_from((0.5, 0.7, 0.85)),
    st.sampled_from((0.0, 0.3)),
)
def test_combi_is_the_rule_of_the_paper(
    proposals: list[int], received: list[int], t: float, reservation: float
) -> None:
    due = None
    for k, (own, offered) in enumerate(zip(proposals, received, strict=True), 1):
        now = k / (ROUNDS + 1)
        begins = 2 * k - (ROUNDS + 1)
        window = [r for j, r in enumerate(received[: k - 1], 1) if j >= begins]
        hoped = now >= t and offered >= max(window, default=0)
        if (offered >= own or hoped) and offered >= 100 * reservation:
            due = k
            break
    match = against(Composed(Recites(*proposals), AcCombi(t=t)), received, reservation)
    assert (match.rounds if match.agreement else None) == due


# -- composing -------------------------------------------------------------------------------------


def test_nothing_below_the_reservation_value_is_accepted() -> None:
    match = against(Composed(Recites(90), AcTime(0.0)), [39, 40], reservation=0.4)
    assert (match.agreement, match.rounds) == ((40,), 2)


def test_a_foolish_proposal_makes_nothing_acceptable_that_is_not() -> None:
    class Foolish(Offering):
        def propose(self, view: View) -> Outcome:
            return (0,)

    rival = Scripted([(39,), (40,)])
    match = play(AlternatingOffers(rounds=ROUNDS), cake(0.4), [rival, Foolish()])
    assert (match.agreement, match.rounds) == ((40,), 2)


def test_where_nothing_is_acceptable_it_walks() -> None:
    match = against(Composed(TimeDependent(), AcNext()), [50], reservation=2)
    assert (match.reason, match.ended_by) == ("walk", 1)


def test_a_strategy_serves_as_offering_rule() -> None:
    match = against(Composed(TimeDependent(e=1.0), AcConst(1.0)), [])
    shares = [t.outcome[0] for t in match.moves if t.party == 1 and t.outcome]
    assert shares == pytest.approx(
        [100 * (1 - k / 20) for k in range(1, 1 + len(shares))], abs=0.5
    )


def test_composed_of_its_parts_a_strategy_plays_as_before() -> None:
    rivals = [20, 40, 60, 55, 70, 72]
    whole = play(
        AlternatingOffers(rounds=ROUNDS), cake(), [scripted(rivals), TimeDependent(e=2.0)]
    )
    parts = against(Composed(TimeDependent(e=2.0), AcNext()), rivals)
    assert parts.moves == whole.moves


def scripted(shares: Sequence[int]) -> Scripted:
    return Scripted([(share,) for share in shares], then=Offer((0,)))


def test_the_offering_rule_is_told_how_it_ended() -> None:
    offering = Recites(50)
    match = against(Composed(offering, AcNext()), [60])
    assert offering.ended == match.result


def test_utilities_in_rules_are_written_as_people_write_them() -> None:
    assert accepted(AcConst(c=1.0), [90], [99, 100]) == 2
    assert SCALE == 10**9
