"""MiCRO concedes a step for each new offer, and never faster."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import play
from negotiate.domain import Choice, Domain, LinearAdditive, Outcome, Role, Scenario, Table
from negotiate.moves import Accept, Move, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.micro import Micro
from negotiate.strategy import Brief, Strategy, View
from negotiate.testing import Scripted, outcomes, scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.match import Match

RULES = AlternatingOffers(rounds=30)
A, B, C, D, E = ((i,) for i in range(5))


def line(worth: Sequence[float], *rivals: Sequence[float], reservation: float = 0) -> Scenario:
    """One issue with five values; what each is worth to MiCRO, and to others (nothing if not given)."""
    domain = Domain((Choice("x", tuple("abcde")),))

    def own(values: Sequence[float], floor: float = 0) -> LinearAdditive:
        table = Table(tuple(Fraction(value).limit_denominator(100) for value in values))
        return LinearAdditive(domain, {"x": (1, table)}, reservation=floor)

    others = rivals or ((0, 0, 0, 0, 0),)
    roles = [Role("micro", own(worth, reservation))]
    roles += [Role(f"rival{i}", own(values)) for i, values in enumerate(others)]
    return Scenario("line", domain, tuple(roles))


FALLING = (1.0, 0.8, 0.6, 0.4, 0.2)


def offered(match: Match, party: int = 0) -> list[Outcome]:
    return [t.outcome for t in match.moves if t.party == party and t.outcome is not None]


def against(
    script: Sequence[Outcome | Move], scenario: Scenario, then: Move | None = None
) -> Match:
    return play(RULES, scenario, [Micro(), Scripted(script, then)], seed=1)


def test_it_opens_with_its_best_outcome() -> None:
    assert offered(against([], line((0.2, 0.4, 1.0, 0.6, 0.8)))) == [C]


def test_it_concedes_one_step_for_each_new_offer() -> None:
    match = against([E, D], line(FALLING))
    assert offered(match) == [A, B, C]


def test_what_was_offered_before_is_no_new_offer() -> None:
    made = offered(against([E, E, E, E, E, E], line(FALLING)))
    assert made[:2] == [A, B]
    assert set(made[2:]) <= {A, B}


def test_what_it_repeats_is_drawn_from_all_that_it_offered() -> None:
    made = offered(against([E, D] + [E] * 25, line(FALLING)))
    assert made[:3] == [A, B, C]
    assert set(made[3:]) == {A, B, C}


def test_as_the_second_to_move_it_opens_with_its_best_too() -> None:
    scenario = line((0, 0, 0, 0, 0), FALLING)
    match = play(RULES, scenario, [Scripted([E, D, E, E]), Micro()], seed=1)
    made = offered(match, 1)
    assert made[:3] == [A, B, C][: len(made[:3])]
    assert set(made) <= {A, B, C}


def test_it_stops_at_its_reservation_value() -> None:
    scenario = line(FALLING, reservation=0.6)
    made = offered(against([E, D, E, D, (4,), (3,)] * 4, scenario))
    assert set(made) <= {A, B, C}


def test_where_nothing_is_acceptable_it_walks() -> None:
    match = against([E], line(FALLING, reservation=2))
    assert (match.reason, match.ended_by, offered(match)) == ("walk", 0, [])


def test_ready_to_concede_it_accepts_what_it_would_offer_next() -> None:
    match = against([B], line(FALLING))  # after E its next would be B itself
    assert match.agreement == B
    assert match.rounds == 2


def test_not_ready_it_accepts_only_what_is_as_good_as_it_has_offered() -> None:
    match = against([C, C, D, C], line(FALLING))
    made = offered(match)
    assert made[:2] == [A, B]
    assert made[2] in (A, B)  # C again is nothing new, and worth less than B
    assert made[3] == C  # for D, which is new
    assert (match.agreement, match.rounds, match.ended_by) == (C, 5, 0)


def test_among_equals_it_prefers_what_the_other_side_offered() -> None:
    scenario = line((1.0, 0.9, 0.5, 0.5, 0.2))
    assert offered(against([D, E], scenario)) == [A, B, D]


def test_without_such_an_offer_equals_come_in_outcome_order() -> None:
    flat = line((0.1, 0.5, 0.5, 0.5, 0.5))
    assert offered(against([A, A], flat))[:2] == [B, C]


def test_with_several_rivals_it_counts_the_least_generous() -> None:
    scenario = line(FALLING, (0,) * 5, (0,) * 5)
    generous = Scripted([E, D, C, (1,), (4,)], then=Offer(E))
    stingy = Scripted([E] * 30, then=Offer(E))
    match = play(AlternatingOffers(rounds=8), scenario, [Micro(), generous, stingy], seed=1)
    made = offered(match)
    assert made[:2] == [A, B]
    assert set(made) == {A, B}


@pytest.mark.parametrize("size", [3, 4, 5, 10, 11])
def test_two_of_them_meet_in_the_middle(size: int) -> None:
    domain = Domain((Choice("x", tuple(f"v{i}" for i in range(size))),))
    rising = Table(tuple(Fraction(i, size - 1) for i in range(size)))
    falling = Table(rising.values[::-1])
    roles = (
        Role("a", LinearAdditive(domain, {"x": (1, falling)})),
        Role("b", LinearAdditive(domain, {"x": (1, rising)})),
    )
    match = play(AlternatingOffers(rounds=50), Scenario("x", domain, roles), [Micro(), Micro()])
    assert match.agreement is not None
    assert abs(match.agreement[0] - (size - 1) / 2) <= 1


class Paper(Strategy):
    """The published rule once more, by sorting and searching, without any thought for speed."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        own = brief.preferences
        self.worth, self.floor = own.utility, own.reservation
        self.order = sorted(brief.domain.outcomes(), key=lambda o: (-self.worth(o), o))
        self.made: list[Outcome] = []

    def respond(self, view: View) -> Move:
        others = [p for p in range(len(self.brief.parties)) if p != self.brief.party]
        received = [
            {t.outcome for t in view.turns if t.party == p and t.outcome} for p in others
        ]
        left = [o for o in self.order if o not in self.made and self.worth(o) >= self.floor]
        candidate = None
        if len(self.made) <= min(map(len, received)) and left:
            level = [o for o in left if self.worth(o) == self.worth(left[0])]
            offered_too = [o for o in level if any(o in offers for offers in received)]
            candidate = (offered_too or level)[0]
        wanted = candidate or (self.made[-1] if self.made else None)
        standing = view.standing
        due = self.floor if wanted is None else max(self.worth(wanted), self.floor)
        if standing is not None and wanted is not None and self.worth(standing) >= due:
            return Accept()
        if candidate is not None:
            self.made.append(candidate)
            return Offer(candidate)
        return Offer(self.made[int(self.brief.random.random() * len(self.made))])


@given(scenarios(max_parties=3, max_issues=2), st.data())
def test_it_does_what_the_paper_says(scenario: Scenario, data: st.DataObject) -> None:
    if scenario.preferences[0].space.max_utility < scenario.preferences[0].reservation:
        return  # it walks
    drawn = st.lists(outcomes(scenario.domain), max_size=12)
    scripts = [data.draw(drawn) for _ in scenario.roles[1:]]
    ours, papers = (
        play(RULES, scenario, [player, *map(Scripted, scripts)], seed=3)
        for player in (Micro(), Paper())
    )
    assert ours.moves == papers.moves
