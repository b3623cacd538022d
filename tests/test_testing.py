"""What the library offers for tests of one's own does what it says."""

from __future__ import annotations

import pickle
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from negotiate import play
from negotiate.moves import Accept, Offer, Reject
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.testing import (
    Agrees,
    Insists,
    Scripted,
    alternating_offers,
    domains,
    issues,
    outcomes,
    preferences,
    scenarios,
)

if TYPE_CHECKING:
    from negotiate.domain import Domain, LinearAdditive, Scenario


@given(domains(max_issues=4, max_values=6), st.data())
def test_outcomes_are_outcomes_of_their_domain(domain: Domain, data: st.DataObject) -> None:
    outcome = data.draw(outcomes(domain))
    assert domain.contains(outcome)
    assert domain.parse(domain.show(outcome)) == outcome


@given(domains(max_issues=4, max_values=6))
def test_a_domain_is_as_large_as_asked_for(domain: Domain) -> None:
    assert 1 <= len(domain.issues) <= 4
    assert max(domain.sizes) <= 6


@pytest.mark.parametrize("kind", ["choice", "integer", "quantity", "money", "date"])
def test_issues_of_every_kind_are_drawn(kind: str) -> None:
    assert find(issues("x"), lambda issue: issue.kind == kind).kind == kind


@given(domains(), st.data())
def test_preferences_are_over_their_domain(domain: Domain, data: st.DataObject) -> None:
    own = data.draw(preferences(domain))
    assert own.domain == domain
    assert all(type(own.utility(outcome)) is int for outcome in domain.outcomes())
    again: LinearAdditive = pickle.loads(pickle.dumps(own))
    assert [*map(again.utility, domain.outcomes())] == [*map(own.utility, domain.outcomes())]


@pytest.mark.parametrize(
    "wanted",
    [
        lambda s: any(own.groups for own in s.preferences),
        lambda s: any(own.discount < 1 for own in s.preferences),
        lambda s: s.preferences[0].space.max_utility < s.preferences[0].reservation,
        lambda s: s.domain.size == 1,
        lambda s: len(s.roles) == 4,
    ],
    ids=["groups", "discount", "nothing acceptable", "one outcome", "four parties"],
)
def test_scenarios_of_every_sort_are_drawn(wanted: Any) -> None:
    patient = settings(max_examples=3000)
    assert wanted(find(scenarios(max_parties=4), wanted, settings=patient))


@given(alternating_offers(), scenarios(min_parties=2, max_parties=3))
def test_rules_and_scenarios_play(rules: AlternatingOffers, scenario: Scenario) -> None:
    players = [Insists() for _ in scenario.roles]
    match = play(rules, scenario, players, clock=iter(range(10**6)).__next__)
    assert match.fault is None


@cache
def one() -> Scenario:
    return find(scenarios(), lambda scenario: scenario.domain.size == 2)


def test_a_script_is_followed_and_what_was_seen_is_kept() -> None:
    scripted = Scripted([(0,) * len(one().domain.issues), Accept()])
    play(AlternatingOffers(rounds=4), one(), [scripted, Insists(one().domain.at(1))])
    assert [seen.round for seen in scripted.seen] == [1, 2]
    assert [seen.standing for seen in scripted.seen] == [None, one().domain.at(1)]
    assert scripted.seen[0].legal == ("offer", "walk")


def test_when_its_script_is_over_it_walks_or_does_as_told() -> None:
    assert play(AlternatingOffers(), one(), [Scripted(), Agrees()]).reason == "walk"
    then = Scripted(then=Offer(one().domain.at(0)))
    assert play(AlternatingOffers(), one(), [then, Agrees()]).agreement == one().domain.at(0)


def test_a_script_may_hold_illegal_moves() -> None:
    match = play(AlternatingOffers(), one(), [Scripted([Reject()]), Agrees()])
    assert (match.fault, match.reason) == (0, "illegal-move")


def test_insisting_and_agreeing_come_to_terms() -> None:
    wanted = one().domain.at(1)
    for players in ([Insists(wanted), Agrees()], [Agrees(), Insists(wanted)]):
        match = play(AlternatingOffers(), one(), players)
        assert match.agreement == wanted
