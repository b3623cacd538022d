"""The tactics of Faratin, Sierra & Jennings (1998) that are not the GENIUS form: known answers."""

from fractions import Fraction
from math import exp, log

import pytest

from negotiate.domain import Choice, Domain, Integer, LinearAdditive, Table
from negotiate.errors import StrategyError
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.per_issue import PerIssue
from negotiate.strategies.resource import ResourceDependent
from negotiate.strategies.time_dependent import Exponential
from negotiate.strategy import Brief

DOMAIN = Domain((Integer("price", 0, 100), Choice("colour", ("red", "blue", "green"))))
RULES = AlternatingOffers(rounds=99)  # so that time is round / 100


def begun(agent, reservation=0.0, rising=False):
    price = [Fraction(x if rising else 100 - x, 100) for x in range(101)]
    colour = [Fraction(1, 2), Fraction(1), Fraction(0)]  # blue is best, green worst
    terms = {
        "price": (Fraction(3, 4), Table(tuple(price))),
        "colour": (Fraction(1, 4), Table(tuple(colour))),
    }
    own = LinearAdditive(DOMAIN, terms, reservation=Fraction(reservation))
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, RULES))
    negotiation = RULES.start(DOMAIN, ("a", "b"))
    return agent, negotiation


@pytest.mark.parametrize("time", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("beta", [0.2, 1.0, 3.0])
def test_shares_conceded_are_those_of_the_paper(time, beta):
    assert PerIssue("polynomial", beta, 0.1).share(time) == pytest.approx(
        0.1 + 0.9 * time ** (1 / beta)
    )
    assert PerIssue("exponential", beta, 0.1).share(time) == pytest.approx(
        exp((1 - time) ** beta * log(0.1))
    )


def test_from_its_deadline_on_all_is_conceded():
    tactic = PerIssue("polynomial", 1.0, 0.0, deadline=0.5)
    assert [tactic.share(t) for t in (0.25, 0.5, 0.9)] == [0.5, 1.0, 1.0]


@pytest.mark.parametrize(("rising", "price"), [(False, 1), (True, 99)])
def test_each_issue_moves_along_its_own_range(rising, price):
    agent, negotiation = begun(PerIssue(k=0.0), rising=rising)
    assert agent.propose(negotiation.view(0)) == (price, 1)


def test_choices_are_put_in_the_order_of_their_worth():
    agent, _ = begun(PerIssue())
    assert list(agent.falling[1]) == [1, 0, 2]


def test_an_offer_below_the_reservation_value_is_the_least_that_reaches_it():
    agent, negotiation = begun(PerIssue(k=1.0), reservation=0.8)
    offer = agent.propose(negotiation.view(0))
    assert agent.utility(offer) == 800_000_000


def test_the_exponential_curve_in_utility():
    agent, _ = begun(Exponential(beta=2.0, k=0.05))
    for time in (0.0, 0.3, 1.0):
        assert agent.target(time) / 1e9 == pytest.approx(1 - exp((1 - time) ** 2 * log(0.05)))


def test_a_dynamic_deadline_comes_nearer_with_every_offer():
    agent, negotiation = begun(ResourceDependent("deadline", patience=40.0))
    view = negotiation.view(0)
    assert agent.spent(view) == pytest.approx(1 / 40)  # round 1, T = 40 * 1 / 1
    for _ in range(9):
        negotiation.push(0, Offer((0, 1)))
        negotiation.push(1, Offer((100, 2)))
    assert agent.spent(negotiation.view(0)) == 1.0  # round 10, T = 40 / 9


@pytest.mark.parametrize(
    "options", [{"form": "cubic"}, {"beta": 0.0}, {"k": 2.0}, {"deadline": 0.0}]
)
def test_parameters_without_sense_are_refused(options):
    with pytest.raises(StrategyError, match="per_issue with"):
        PerIssue(**options)


def test_an_exponential_cannot_open_at_nothing():
    with pytest.raises(StrategyError, match="0 < k"):
        Exponential(k=0.0)
    with pytest.raises(StrategyError, match="above 0"):
        PerIssue("exponential", k=0.0)
