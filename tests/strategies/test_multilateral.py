"""Strategies for several parties: who stands behind what, and whom to please."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from negotiate import play, registry
from negotiate.checks.cases import random_scenario
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.errors import StrategyError
from negotiate.moves import Accept, Move, Offer, Reject
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.multilateral import Backing, Consensus
from negotiate.testing import Scripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain import Outcome
    from negotiate.match import Match

A, B, C, D, E = ((i,) for i in range(5))


def scenario(*worths: Sequence[float]) -> Scenario:
    """One issue with five values, and what each is worth to each party."""
    domain = Domain((Choice("x", tuple("abcde")),))

    def own(values: Sequence[float]) -> LinearAdditive:
        return LinearAdditive(
            domain, {"x": (1, Table(tuple(Fraction(v).limit_denominator(100) for v in values)))}
        )

    roles = tuple(Role(f"p{i}", own(values)) for i, values in enumerate(worths))
    return Scenario("several", domain, roles)


MINE = (1.0, 0.7, 0.8, 0.7, 0.1)
ANY = (0.0, 0.0, 0.0, 0.0, 1.0)


def played(
    scripts: Sequence[Sequence[Outcome | Move]],
    rounds: int = 10,
    consent: str = "unanimity",
    **given: float,
) -> Match:
    table = scenario(MINE, *([ANY] * len(scripts)))
    rules = AlternatingOffers.model_validate({"rounds": rounds, "consent": consent})
    agent = Consensus(**given)  # type: ignore[arg-type]
    return play(rules, table, [agent, *map(Scripted, scripts)], seed=1)


def offered(match: Match) -> list[Outcome]:
    return [t.outcome for t in match.moves if t.party == 0 and t.outcome is not None]


def test_who_accepts_stands_behind_an_outcome_as_who_offers_it() -> None:
    rules = AlternatingOffers(rounds=5)
    negotiation = rules.start(scenario(MINE, ANY, ANY).domain, ("a", "b", "c"))
    for party, move in enumerate((Offer(A), Offer(B), Accept())):
        negotiation.push(party, move)
    backing = Backing(0)
    assert backing.read(negotiation.view(0)) == [(1, B)]
    assert (backing.of(A), backing.of(B)) == (0, 2)
    assert backing.read(negotiation.view(0)) == []


def test_who_rejects_does_not() -> None:
    rules = AlternatingOffers(rounds=5, consent="majority")
    negotiation = rules.start(scenario(MINE, ANY, ANY).domain, ("a", "b", "c"))
    for party, move in enumerate((Offer(A), Reject(), Reject())):
        negotiation.push(party, move)
    backing = Backing(0)
    backing.read(negotiation.view(0))
    assert backing.backers == {}


def compromise(consent: str) -> Outcome:
    """What it offers, at any price, to one who likes x1 and y0 and another who likes x0 and y1."""
    domain = Domain((Choice("x", ("x0", "x1", "x2")), Choice("y", ("y0", "y1", "y2"))))
    half, none, all_ = Fraction(1, 2), Fraction(0), Fraction(1)
    mine = {
        "x": (half, Table((none, Fraction(4, 5), all_))),
        "y": (half, Table((none, Fraction(3, 5), all_))),
    }
    roles = tuple(Role(f"p{i}", LinearAdditive(domain, mine)) for i in range(3))
    rules = AlternatingOffers.model_validate({"rounds": 4, "consent": consent})
    rivals = [Scripted([(1, 0)] * 4), Scripted([(0, 1)] * 4)]
    players = [Consensus(e=100.0, closing=0), *rivals]
    return offered(play(rules, Scenario("two", domain, roles), players, seed=1))[1]


def test_under_unanimity_it_serves_the_least_satisfied() -> None:
    assert compromise("unanimity") == (1, 1)  # half of what each likes


def test_under_majority_it_serves_whom_it_needs() -> None:
    assert compromise("majority") == (1, 0)  # all of what the cheaper one likes


def test_it_closes_with_what_most_others_stand_behind() -> None:
    # C has the support of both, B and D of one each.
    one, other = [B, C, B, B, B, B], [D, Accept(), D, D, D, D]
    match = played([one, other], rounds=6, e=0.01, closing=2)
    assert offered(match)[:4] == [A] * 4
    assert offered(match)[4] == C


def test_it_closes_with_nothing_twice() -> None:
    one, other = [B, C, D, E, E, E], [E] * 6
    match = played([one, other], rounds=6, e=0.01, closing=3)
    closing = offered(match)[3:]
    assert len(set(closing)) == len(closing)


def test_in_the_last_round_it_takes_what_beats_no_agreement() -> None:
    match = played([[E, E, E], [E, E, E]], rounds=3, e=0.01, closing=0)
    assert match.moves[-1].kind in ("accept", "offer")
    assert [t.kind for t in match.moves if t.party == 0][-1] == "accept"


@pytest.mark.parametrize("text", ["consensus[e=0]", "consensus[closing=-1]"])
def test_parameters_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(StrategyError, match="are expected"):
        registry.strategy(text)


@pytest.mark.parametrize("consent", ["unanimity", "majority"])
@pytest.mark.parametrize("parties", [3, 4])
def test_several_of_them_agree_more_often_than_as_many_micros(
    parties: int, consent: str
) -> None:
    rules = AlternatingOffers.model_validate({"rounds": 20, "consent": consent})

    def agreements(name: str) -> int:
        return sum(
            play(
                rules,
                random_scenario(11, i, parties),
                [registry.strategy(name).make() for _ in range(parties)],
                seed=i,
            ).agreement
            is not None
            for i in range(12)
        )

    assert agreements("consensus") >= agreements("micro")
    assert agreements("consensus") >= 6


@pytest.mark.parametrize("name", ["micro", "consensus", "atlas3", "agreeable"])
@pytest.mark.parametrize("parties", [3, 4])
def test_nobody_ends_below_its_reservation_value(name: str, parties: int) -> None:
    for i in range(6):
        table = random_scenario(12, i, parties)
        rivals = ["genius-linear", name, "genius-conceder"][: parties - 1]
        players = [registry.strategy(n).make() for n in (name, *rivals)]
        match = play(AlternatingOffers(rounds=15, discounting="none"), table, players, seed=i)
        assert match.fault is None
        for own, brought in zip(table.preferences, match.utilities, strict=True):
            assert brought >= own.reservation
