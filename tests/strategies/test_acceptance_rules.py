"""Acceptance rules, each on a scripted table."""

import pytest

from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.acceptance import (
    AcAspiration,
    AcCombi,
    AcCombiAverage,
    AcCombiBestAverage,
    AcCombiProbability,
    AcConst,
    AcGap,
    AcNext,
    AcNextOrTime,
    AcPrevious,
    AcTime,
)
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences

OWN = preferences(1)
SPACE = OWN.space


def worth(utility: float):
    return SPACE.nearest(utility * 1e9)


def verdict(rule, received, rounds=10, sent=0.9, proposal=0.8, reservation=0.0):
    """What a rule says of the last of the offers received, one a round, all but that shown to it before."""
    rules = AlternatingOffers(rounds=rounds)
    negotiation = rules.start(DOMAIN, ("a", "b"))
    own = preferences(1, reservation)
    rule.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, rules))
    said = False
    for utility in received:
        negotiation.push(0, Offer(worth(sent)))
        outcome = worth(utility)
        negotiation.push(1, Offer(outcome))
        if negotiation.mover == 0:
            said = rule.accepts(negotiation.view(0), outcome, worth(proposal))
    return said


@pytest.mark.parametrize(
    ("rule", "offered", "accepted"),
    [
        (AcNext(), 0.85, True),
        (AcNext(), 0.7, False),
        (AcNext(b=0.2), 0.7, True),
        (AcPrevious(), 0.95, True),
        (AcPrevious(), 0.85, False),
        (AcGap(c=0.1), 0.85, True),
        (AcGap(c=0.01), 0.8, False),
        (AcConst(c=0.6), 0.7, True),
        (AcConst(c=0.6), 0.5, False),
        (AcTime(t=0.1), 0.0, True),
        (AcTime(t=0.9), 0.9, False),
        (AcNextOrTime(t=0.1), 0.0, True),
        (AcNextOrTime(t=0.9), 0.5, False),
        (AcAspiration(e=50.0), 0.9, False),
    ],
)
def test_a_rule_judges_one_offer(rule, offered, accepted):
    assert verdict(rule, [offered]) is accepted


@pytest.mark.parametrize("rule", [AcPrevious(), AcGap()])
def test_rules_on_the_own_last_offer_wait_for_one(rule):
    rules = AlternatingOffers(rounds=5)
    negotiation = rules.start(DOMAIN, ("b", "a"))
    rule.begin(Brief(1, "a", ("b", "a"), DOMAIN, OWN, rules))
    negotiation.push(0, Offer(worth(1.0)))
    assert not rule.accepts(negotiation.view(1), worth(1.0), worth(0.5))


EARLIER = [0.1] * 6 + [0.2, 0.6]


@pytest.mark.parametrize(
    ("rule", "last", "accepted"),
    [
        (AcCombi(t=0.5), 0.5, False),
        (AcCombi(t=0.5), 0.65, True),
        (AcCombiAverage(t=0.5), 0.5, True),
        (AcCombiAverage(t=0.5), 0.1, False),
        (AcCombiBestAverage(t=0.5), 0.5, False),
        (AcCombiBestAverage(t=0.5), 0.65, True),
        (AcCombiProbability(t=0.5), 0.5, True),
        (AcCombiProbability(t=0.5), 0.1, False),
        (AcCombiProbability(t=0.5, many=0), 0.65, False),
        (AcCombi(t=0.99), 0.7, False),
    ],
)
def test_late_rules_compare_with_what_may_still_come(rule, last, accepted):
    assert verdict(rule, [*EARLIER, last], rounds=12) is accepted


def test_the_last_round_takes_what_beats_the_reservation_value():
    assert verdict(AcAspiration(), [0.4], rounds=2, reservation=0.3)
    assert not verdict(AcAspiration(), [0.2], rounds=2, reservation=0.3)
