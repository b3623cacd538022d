"""Every built-in strategy plays a domain of a million million outcomes."""

from fractions import Fraction
from functools import cache
from random import Random

import pytest

from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.match import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import ACCEPTANCE, MODELS, STRATEGIES, strategy

NAMES = [name for name, target in STRATEGIES.items() if ":" in target]
SMALL = {"full_bayesian"}  # it says so: see test_models.py
TOLD = {"perfect", "worst"}  # for evaluation only
COMPOSED = [
    *(f"composed[model={name}]" for name in MODELS if name not in SMALL | TOLD),
    *(f"composed[acceptance={name}]" for name in ACCEPTANCE),
]


@cache
def vast() -> Scenario:
    random = Random(1)
    domain = Domain(tuple(Choice(f"i{j}", tuple(map(str, range(10)))) for j in range(12)))

    def own() -> LinearAdditive:
        terms = {
            issue.name: (
                Fraction(1, 12),
                Table(tuple(Fraction(random.randrange(1001), 1000) for _ in range(10))),
            )
            for issue in domain.issues
        }
        return LinearAdditive(domain, terms, reservation=Fraction(1, 2))

    return Scenario("vast", domain, (Role("a", own()), Role("b", own())))


@pytest.mark.parametrize("name", [*NAMES, *COMPOSED])
def test_it_plays_a_million_million_outcomes(name):
    agents = [strategy(name).make(), strategy("genius-boulware").make()]
    match = play(AlternatingOffers(rounds=12), vast(), agents)
    assert match.fault is None, match.error
    own = vast().preferences[0]
    mine = [
        turn.outcome for turn in match.moves if turn.party == 0 and turn.outcome is not None
    ]
    assert all(own.utility(outcome) >= own.reservation for outcome in mine)
