"""The seat of a language model, with scripted models."""

import json

import pytest

from negotiate.domain import Choice, Domain, Integer, LinearAdditive
from negotiate.errors import StrategyError
from negotiate.match import play
from negotiate.moves import Accept, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.language import LanguageSeat, Recorder, replay
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences, scenario

BEST = {"x": "h", "y": "h", "z": "h"}
FAIR = {"x": "h", "y": "h", "z": "g"}
RULES = AlternatingOffers(rounds=4)


def says(*answers):
    """A model that gives these answers in turn, the last one for ever."""
    left = list(answers)
    return lambda prompt: left.pop(0) if len(left) > 1 else left[0]


def offer(values=BEST):
    return json.dumps({"action": "offer", "outcome": values})


def moved(model, standing=None, *, reservation=0.0, turns=0, **options):
    """What the seat does, and the seat."""
    seat, negotiation = LanguageSeat(model, **options), RULES.start(DOMAIN, ("a", "b"))
    own = preferences(1, reservation)
    seat.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, RULES))
    for _ in range(turns):
        negotiation.push(0, Offer((7, 7, 7)))
        negotiation.push(1, Offer((0, 0, 0)))
    if standing is not None:
        negotiation.push(0, Offer((7, 7, 7)))
        negotiation.push(1, Offer(standing))
    return seat.respond(negotiation.view(0)), seat


def test_it_does_what_the_model_proposes():
    move, seat = moved(says("I think: " + offer(FAIR) + " is fair."))
    assert move == Offer((7, 7, 6))
    assert seat.refusals == []


def test_it_accepts_when_the_model_does():
    assert moved(says('{"action": "accept"}'), (7, 7, 6))[0] == Accept()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("no idea", "holds no JSON object"),
        ("[1]", "holds no JSON object"),
        ('{"a": }', "holds no JSON object"),
        ('{"action": "dance"}', "must be"),
        ('{"action": "walk"}', "must be"),
        ('{"action": "accept"}', "no offer to accept"),
        ('{"action": "offer"}', "an object"),
        (offer({"x": "h"}), "no value for issue 'y'"),
        (offer({**BEST, "x": "zz"}), "zz"),
        (offer({"x": "a", "y": "a", "z": "a"}), "worth less"),
    ],
)
def test_the_guard_refuses_and_the_deterministic_strategy_moves(answer, why):
    move, seat = moved(says(answer))
    assert move == Offer((7, 7, 7))
    assert len(seat.refusals) == 2
    assert why in seat.refusals[0]


def test_a_refused_model_is_told_why_and_asked_again():
    model = Recorder(says("what?", offer(FAIR)))
    move, _ = moved(model)
    assert move == Offer((7, 7, 6))
    assert "holds no JSON object" in model.calls[1].prompt


def test_it_accepts_nothing_below_the_reservation_value():
    move, seat = moved(says('{"action": "accept"}'), (0, 0, 0), reservation=0.5)
    assert isinstance(move, Offer)
    assert "worth less" in seat.refusals[0]


def test_a_model_that_raises_does_not_stop_the_play():
    def model(prompt):
        raise RuntimeError

    move, seat = moved(model)
    assert isinstance(move, Offer)
    assert seat.refusals == ["the model failed: RuntimeError"]


def test_the_last_round_takes_an_acceptable_offer_whatever_the_model_says():
    assert moved(says(offer()), (4, 4, 4), turns=1)[0] != Accept()
    assert moved(says(offer()), (4, 4, 4), turns=2)[0] == Accept()


def test_it_walks_where_nothing_is_acceptable():
    assert moved(says(offer()), reservation=2.0)[0] == Walk()


def test_the_mandate_binds_the_model_and_the_strategy_behind_it():
    move, seat = moved(says(offer()), mandate=lambda outcome: outcome[2] == 0)
    assert isinstance(move, Offer)
    assert move.outcome == (7, 7, 0)
    assert "outside the mandate" in seat.refusals[0]


def test_a_mandate_that_allows_nothing_makes_it_walk():
    assert moved(says(offer()), mandate=lambda outcome: False)[0] == Walk()


def test_a_recorded_run_replays_without_the_model():
    def game(model):
        seats = [LanguageSeat(model), strategy("genius-conceder").make()]
        return play(AlternatingOffers(rounds=20), scenario(), seats)

    model = Recorder(says(offer(), "nonsense", offer(FAIR)))
    first = game(model)
    assert game(replay(model.to_json())).moves == first.moves


@pytest.mark.parametrize("text", ["", '[{"prompt": 1}]', "{}x"])
def test_what_is_not_a_record_is_refused(text):
    with pytest.raises(StrategyError, match="does not read as calls"):
        replay(text)


def test_a_replay_notices_another_run():
    with pytest.raises(StrategyError, match="differs"):
        replay("[]")("anything")


def test_long_issues_are_told_by_their_ends():
    domain = Domain((Integer("n", 0, 99), Choice("c", ("u", "v"))))
    seat = LanguageSeat(says(""))
    rules = AlternatingOffers(rounds=3)
    seat.begin(Brief(0, "a", ("a", "b"), domain, LinearAdditive(domain, {}), rules))
    text = seat.prompt(rules.start(domain, ("a", "b")).view(0))
    assert '"values": 100' in text
