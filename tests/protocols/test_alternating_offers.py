"""The rules of alternating offers, one by one."""

from __future__ import annotations

import gc
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from negotiate import play
from negotiate.domain import Choice, Domain, Integer, LinearAdditive, Role, Scenario, Table
from negotiate.errors import IllegalMove, LocalError
from negotiate.match import payoffs
from negotiate.moves import CHANCE, Accept, Breakdown, Move, Offer, Proceed, Reject, Walk
from negotiate.protocol import Agreement, NoAgreement, Protocol, Reason
from negotiate.protocols.alternating_offers import (
    TABLE,
    AlternatingNegotiation,
    AlternatingOffers,
)
from negotiate.testing import Insists, Scripted, alternating_offers, domains, outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

DOMAIN = Domain((Choice("colour", ("red", "green", "blue")), Integer("days", 1, 4)))
X, Y = (0, 0), (2, 3)


def begin(
    rules: AlternatingOffers | None = None, parties: int = 2, at: int = 0
) -> AlternatingNegotiation:
    names = [f"p{i}" for i in range(parties)]
    return (rules or AlternatingOffers(rounds=3)).start(DOMAIN, names, at)


def run(state: AlternatingNegotiation, *moves: Move) -> AlternatingNegotiation:
    """Each move by whoever is to move."""
    for move in moves:
        assert state.mover is not None
        state.push(state.mover, move)
    return state


def refused(state: AlternatingNegotiation, party: Any, move: Any, at: int = 0) -> IllegalMove:
    """The refusal of a move by check, which push shares."""
    with pytest.raises(IllegalMove) as checked:
        state.check(party, move, at)
    with pytest.raises(IllegalMove) as pushed:
        state.push(party, move, at)
    assert (checked.value.code, str(checked.value)) == (pushed.value.code, str(pushed.value))
    return checked.value


# -- the rules are a value -------------------------------------------------------------------------


def test_a_negotiation_must_end() -> None:
    with pytest.raises(ValidationError, match="must end: give rounds, or a time limit"):
        AlternatingOffers(rounds=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0},
        {"rounds": 1_000_001},
        {"rounds": 2.0},
        {"rounds": "3"},
        {"rounds": True},
        {"time_limit": 0},
        {"breakdown": -1},
        {"breakdown": 1_000_001},
        {"consent": "most"},
        {"discounting": "yearly"},
        {"roundz": 3},
        {"name": "other"},
    ],
    ids=repr,
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AlternatingOffers(**wrong)


@given(alternating_offers(max_rounds=1000))
def test_rules_written_and_read_again_are_the_same(rules: AlternatingOffers) -> None:
    again = AlternatingOffers.model_validate_json(rules.model_dump_json())
    assert again == rules
    assert hash(again) == hash(rules)
    assert type(again) is type(rules)


def test_rules_do_not_change() -> None:
    with pytest.raises(ValidationError):
        AlternatingOffers().rounds = 3  # type: ignore[misc]


@pytest.mark.parametrize("names", [[], ["one"], ["twin", "twin"], ["a", "b", "a"]], ids=repr)
def test_two_or_more_parties_with_distinct_names_are_needed(names: list[str]) -> None:
    with pytest.raises(LocalError, match="two or more with distinct names"):
        AlternatingOffers().start(DOMAIN, names)


def test_starting_twice_gives_two_negotiations_that_do_not_meet() -> None:
    rules = AlternatingOffers()
    first, second = begin(rules), begin(rules)
    run(first, Offer(X), Offer(Y))
    assert (second.mover, second.standing, second.last) == (0, None, None)


# -- turns and rounds ------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", [2, 3, 4, 5])
def test_the_parties_move_in_turn_and_a_round_is_one_turn_of_each(parties: int) -> None:
    state = begin(AlternatingOffers(rounds=3), parties)
    seen: list[tuple[int, int | None]] = []
    while state.result is None:
        seen.append((state.round, state.mover))
        run(state, Offer(X))
    assert seen == [(r, p) for r in (1, 2, 3) for p in range(parties)]
    assert state.result == NoAgreement(Reason.DEADLINE, None, 3)


def test_the_first_turn_cannot_accept() -> None:
    error = refused(begin(), 0, Accept())
    assert error.code == "phase"
    assert str(error) == "accept is not allowed before an offer; allowed now: offer, walk"


def test_a_party_that_is_not_to_move_is_refused() -> None:
    error = refused(begin(), 1, Offer(X))
    assert error.code == "turn"
    assert str(error) == "party 1 is not to move; to move: 0"


@pytest.mark.parametrize("party", [True, 1.0, "1", None, np.int64(1), 2, -1], ids=repr)
def test_a_seat_is_an_integer_and_nothing_like_it(party: object) -> None:
    state = run(begin(), Offer(X))
    run(state, Offer(Y))  # both outcomes have been checked: the quick way is open
    run(state, Offer(X))
    assert refused(state, party, Offer(Y)).code == "turn"


def test_when_it_is_over_nobody_may_move() -> None:
    state = run(begin(), Offer(X), Accept())
    last = state.last
    for party in (0, 1, CHANCE, None):
        for move in (Offer(X), Accept(), Walk(), Proceed()):
            assert refused(state, party, move).code == "over"
    assert (state.last, state.to_move, state.legal) == (last, (), ())


# -- offers ----------------------------------------------------------------------------------------


class Two(tuple[int, ...]):
    """A tuple, but not exactly."""


class Three(int):
    """An integer, but not exactly."""


class Agreeable:
    """Equal to everything, and hashes like an outcome."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(X)

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Any:
        return iter(X)


class Explosive:
    """Raises whatever is done with it."""

    def boom(self, *_: object) -> NoReturn:
        raise SystemExit

    __eq__ = __hash__ = __len__ = __iter__ = __repr__ = __getitem__ = boom  # type: ignore[assignment]
    __class__ = property(boom)  # type: ignore[assignment]


OFF_DOMAIN: dict[str, object] = {
    "nothing": None,
    "no issues": (),
    "too few": (0,),
    "too many": (0, 0, 0),
    "below": (-1, 0),
    "above": (3, 0),
    "above in the last issue": (0, 4),
    "floats": (0.0, 0.0),
    "bools": (True, False),
    "not a number": (float("nan"), 0),
    "text": ("0", "0"),
    "a text": "00",
    "bytes": b"\0\0",
    "list": [0, 0],
    "dict": {0: 0, 1: 0},
    "set": {0, 1},
    "generator": (i for i in (0, 0)),
    "tuple subclass": Two(X),
    "integer subclass": (Three(0), 0),
    "numpy integers": (np.int64(0), np.int64(0)),
    "numpy array": np.zeros(2, dtype=np.int64),
    "huge": (10**5000, 0),
    "values instead of positions": ("red", 2),
    "nested": ((0, 0), 0),
    "agreeable": Agreeable(),
    "agreeable inside": (Agreeable(), 0),
    "explosive": Explosive(),
    "explosive inside": (Explosive(), 0),
    "an offer": Offer(X),
    "a class": tuple,
}
each_off_domain = pytest.mark.parametrize("name", OFF_DOMAIN)


@each_off_domain
def test_no_offer_outside_the_domain_is_let_through(name: str) -> None:
    state = begin()
    assert refused(state, 0, Offer(OFF_DOMAIN[name])).code == "off-domain"  # type: ignore[arg-type]
    assert (state.mover, state.standing, state.last) == (0, None, None)


@each_off_domain
def test_nor_later_when_good_offers_have_been_made(name: str) -> None:
    state = run(begin(), Offer(X), Offer(Y))
    assert refused(state, 0, Offer(OFF_DOMAIN[name])).code == "off-domain"  # type: ignore[arg-type]
    assert (state.mover, state.standing) == (0, Y)


def test_an_offer_made_without_its_constructor_is_refused() -> None:
    assert refused(begin(), 0, object.__new__(Offer)).code == "off-domain"


def test_an_outcome_that_was_offered_once_does_not_vouch_for_another_at_its_address() -> None:
    state = begin()
    for i in range(1000):
        state.check(0, Offer((i % 3, i % 4)))
        gc.collect(0)
        off = (i % 3, 4 + i % 4)  # may well lie where the good one lay
        assert refused(state, 0, Offer(off)).code == "off-domain"


@given(domains(), st.data())
def test_every_outcome_of_the_domain_may_be_offered_and_agreed(
    domain: Domain, data: st.DataObject
) -> None:
    outcome = data.draw(outcomes(domain))
    state = AlternatingOffers(rounds=1).start(domain, ["a", "b"])
    run(state, Offer(outcome), Accept())
    assert state.result == Agreement(outcome, 1, 1, 0.5)


class LikeOffer(type):
    def __eq__(cls, other: object) -> bool:
        return other is Accept

    def __hash__(cls) -> int:
        return hash(Accept)


class Pretender(metaclass=LikeOffer):
    kind = "accept"
    outcome = X


class OfferToo(Offer):
    """A subclass: its fields need not be what they were."""


class Text(str):
    kind = "walk"


@pytest.mark.parametrize(
    "move",
    [None, 3, "accept", Text("walk"), X, Offer, Accept, Pretender(), OfferToo(X), ("offer", X)],
    ids=lambda move: type(move).__name__,
)
def test_what_is_not_a_move_is_refused(move: object) -> None:
    assert refused(run(begin(), Offer(X)), 1, move).code == "not-a-move"


# -- agreement -------------------------------------------------------------------------------------


def test_two_parties_agree_when_the_other_accepts() -> None:
    state = run(begin(), Offer(X), Offer(Y), Accept())
    assert state.result == Agreement(Y, by=0, round=2, time=2 / 4)


def test_the_newest_offer_replaces_what_stood() -> None:
    state = run(begin(parties=3), Offer(X), Accept(), Offer(Y))
    assert state.standing == Y
    run(state, Accept())
    assert state.result is None  # the first party's consent was to something else
    run(state, Accept())
    assert state.result == Agreement(Y, by=1, round=2, time=2 / 4)


@pytest.mark.parametrize("parties", [2, 3, 4, 5])
def test_under_unanimity_all_others_must_accept_in_turn(parties: int) -> None:
    state = run(begin(parties=parties), Offer(X))
    for _ in range(parties - 2):
        assert run(state, Accept()).result is None
    assert run(state, Accept()).result == Agreement(X, parties - 1, 1, 1 / 4)


def test_consent_goes_on_into_the_next_round() -> None:
    state = run(begin(parties=3), Offer(X), Offer(Y), Accept(), Accept())
    assert state.result == Agreement(Y, by=0, round=2, time=2 / 4)


def test_under_unanimity_nobody_may_reject() -> None:
    error = refused(run(begin(), Offer(X)), 1, Reject())
    assert error.code == "phase"
    assert "allowed now: offer, accept, walk" in str(error)


MAJORITY = AlternatingOffers(rounds=3, consent="majority")


@pytest.mark.parametrize(("parties", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_a_majority_is_more_than_half_with_the_proposer(parties: int, needed: int) -> None:
    state = run(begin(MAJORITY, parties), Offer(X))
    for _ in range(needed - 1):
        assert run(state, Accept()).result is None
    assert run(state, Accept()).result == Agreement(X, needed, 1, 1 / 4)


def test_a_rejection_leaves_the_offer_to_those_after() -> None:
    state = run(begin(MAJORITY, 3), Offer(X), Reject())
    assert (state.standing, state.mover) == (X, 2)
    assert run(state, Accept()).result == Agreement(X, by=2, round=1, time=1 / 4)


@pytest.mark.parametrize("accepting", [1, 2, 3])
def test_an_offer_that_all_have_answered_without_a_majority_falls(accepting: int) -> None:
    answers = [Accept() if seat == accepting else Reject() for seat in (1, 2, 3)]
    state = run(begin(MAJORITY, 4), Offer(X), *answers)
    assert "open" in TABLE["standing", answers[-1].kind]
    assert (state.phase, state.standing, state.mover, state.round) == ("open", None, 0, 2)
    assert refused(state, 0, Accept()).code == "phase"


def test_answers_to_an_offer_that_was_replaced_do_not_count() -> None:
    state = run(begin(MAJORITY, 5), Offer(X), Accept(), Offer(Y), Accept())
    assert state.result is None
    assert run(state, Accept()).result == Agreement(Y, by=4, round=1, time=1 / 4)


@given(st.integers(2, 5), st.sampled_from(("unanimity", "majority")), st.randoms())
def test_nobody_is_asked_about_an_offer_of_its_own(
    parties: int, consent: Any, random: Random
) -> None:
    state = begin(AlternatingOffers(rounds=20, consent=consent), parties)
    by = None
    while state.result is None:
        assert state.standing is None or state.mover != by
        kinds = {"offer": Offer(X), "accept": Accept(), "reject": Reject()}
        move = kinds[random.choice([kind for kind in state.legal if kind in kinds])]
        by = state.mover if isinstance(move, Offer) else by
        run(state, move)


# -- ending without agreement ----------------------------------------------------------------------


@pytest.mark.parametrize("moves", [[], [Offer(X)], [Offer(X), Offer(Y)]], ids=len)
def test_whoever_walks_ends_it_for_all(moves: list[Move]) -> None:
    state = run(begin(parties=3), *moves)
    by = state.mover
    run(state, Walk())
    assert state.result == NoAgreement(Reason.WALK, by, 1)


def test_the_last_turn_may_still_accept() -> None:
    state = run(begin(AlternatingOffers(rounds=1)), Offer(X), Accept())
    assert isinstance(state.result, Agreement)


def test_an_offer_in_the_last_turn_comes_too_late_for_an_answer() -> None:
    state = run(begin(AlternatingOffers(rounds=1)), Offer(X), Offer(Y))
    assert state.result == NoAgreement(Reason.DEADLINE, None, 1)


# -- chance ----------------------------------------------------------------------------------------


RISKY = AlternatingOffers(rounds=3, breakdown=500_000)


def test_chance_moves_at_the_end_of_each_round() -> None:
    state = run(begin(RISKY, 3), Offer(X), Offer(Y), Offer(X))
    assert (state.mover, state.phase, state.legal) == (
        CHANCE,
        "chance",
        ("proceed", "breakdown"),
    )
    run(state, Proceed())
    assert (state.mover, state.phase, state.round, state.standing) == (0, "standing", 2, X)


def test_chance_may_break_it_off() -> None:
    state = run(begin(RISKY), Offer(X), Offer(Y), Breakdown())
    assert state.result == NoAgreement(Reason.BREAKDOWN, None, 1)


def test_nobody_may_move_for_chance_nor_chance_for_anybody() -> None:
    state = begin(RISKY)
    assert refused(state, CHANCE, Proceed()).code == "turn"
    assert refused(state, 0, Breakdown()).code == "phase"
    run(state, Offer(X), Offer(Y))
    assert refused(state, 0, Offer(X)).code == "turn"
    assert refused(state, 0, Proceed()).code == "turn"
    assert refused(state, CHANCE, Accept()).code == "phase"
    assert refused(state, CHANCE, Offer(X)).code == "phase"


def test_an_agreement_leaves_chance_nothing_to_break() -> None:
    state = run(begin(RISKY), Offer(X), Accept())
    assert isinstance(state.result, Agreement)


@pytest.mark.parametrize(("millionths", "kind"), [(0, "proceed"), (1_000_000, "breakdown")])
def test_what_is_certain_happens(millionths: int, kind: str) -> None:
    rules = AlternatingOffers(breakdown=millionths)
    assert {rules.chance(Random(i)).kind for i in range(100)} == {kind}


def test_chance_breaks_off_as_often_as_the_rules_say() -> None:
    stream = Random(1)
    rules = AlternatingOffers(breakdown=100_000)
    broken = sum(rules.chance(stream).kind == "breakdown" for _ in range(10_000))
    assert 900 < broken < 1100


def test_rules_without_a_random_event_have_no_chance() -> None:
    class Silent(Protocol):
        def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> NoReturn:
            raise NotImplementedError

    with pytest.raises(LocalError, match="Silent has no random event"):
        Silent().chance(Random(1))


# -- time ------------------------------------------------------------------------------------------


TIMED = AlternatingOffers(rounds=None, time_limit=100)


def test_when_time_is_up_it_ends() -> None:
    state = begin(TIMED, at=5000)
    state.push(0, Offer(X), 5099)
    state.advance(5099)
    assert state.result is None
    state.advance(5100)
    assert state.result == NoAgreement(Reason.DEADLINE, None, 1)


def test_a_move_after_the_time_is_refused_and_changes_nothing() -> None:
    state = begin(TIMED, at=5000)
    assert refused(state, 0, Offer(X), 5100).code == "late"
    assert (state.result, state.last) == (None, None)


def test_time_does_not_run_back() -> None:
    state = begin(TIMED, at=5000)
    state.push(0, Offer(X), 5050)
    error = refused(state, 1, Accept(), 5049)
    assert error.code == "clock"
    assert "from 5050 to 5049 ms" in str(error)


def test_without_a_limit_on_time_nobody_looks_at_the_clock() -> None:
    state = begin()
    state.advance(10**12)
    state.push(0, Offer(X), 50)
    state.push(1, Offer(X), 3)
    state.push(0, Accept(), 10**15)
    assert state.result == Agreement(X, by=0, round=2, time=2 / 4)
    assert state.view(0).elapsed == 0


@pytest.mark.parametrize(
    ("rules", "time"),
    [
        (AlternatingOffers(rounds=9), 0.1),
        (TIMED, 0.25),
        (AlternatingOffers(rounds=9, time_limit=100), 0.25),
        (AlternatingOffers(rounds=1, time_limit=100), 0.5),
    ],
    ids=["rounds", "time", "both, time ahead", "both, rounds ahead"],
)
def test_relative_time_is_the_larger_of_both(rules: AlternatingOffers, time: float) -> None:
    state = begin(rules, at=7)
    state.push(0, Offer(X), 7)
    state.advance(32)
    assert state.view(1).time == time
    state.push(1, Accept(), 32)
    assert state.result == Agreement(X, 1, 1, time)


def test_with_both_limits_whichever_comes_first_ends_it() -> None:
    both = AlternatingOffers(rounds=1, time_limit=100)
    early, late = begin(both), begin(both)
    run(early, Offer(X), Offer(Y))
    assert early.result == NoAgreement(Reason.DEADLINE, None, 1)
    late.advance(100)
    assert late.result == NoAgreement(Reason.DEADLINE, None, 1)


def test_only_a_limit_on_time_needs_a_clock() -> None:
    assert TIMED.needs_clock
    assert not AlternatingOffers().needs_clock
    assert AlternatingOffers(rounds=7).steady_rounds == 7
    assert AlternatingOffers(rounds=7, time_limit=3).steady_rounds is None


# -- discounting -----------------------------------------------------------------------------------


def shrinking(discount: Fraction) -> Scenario:
    worth = {"colour": (1, Table((Fraction(1), Fraction(0), Fraction(1, 2))))}
    roles = (
        Role("patient", LinearAdditive(DOMAIN, worth, reservation=Fraction(1, 10))),
        Role("hasty", LinearAdditive(DOMAIN, worth, discount=discount)),
    )
    return Scenario("shrinking", DOMAIN, roles)


@pytest.mark.parametrize(
    ("kind", "worth"),
    [
        ("relative", round(10**9 * 0.81**0.5)),
        ("round", round(10**9 * 0.81**1)),
        ("none", 10**9),
    ],
)
def test_an_agreement_shrinks_as_the_rules_say(kind: Any, worth: int) -> None:
    rules = AlternatingOffers(rounds=3, discounting=kind)
    scenario = shrinking(Fraction(81, 100))
    players = [Scripted([X, Accept()]), Scripted([X])]
    match = play(rules, scenario, players)  # agreed in round 2 of 3: at relative time 1/2
    assert match.result == Agreement(X, by=0, round=2, time=0.5)
    assert match.utilities == (10**9, worth)


def test_an_agreement_in_the_first_round_of_rubinstein_is_whole() -> None:
    rules = AlternatingOffers(rounds=3, discounting="round")
    match = play(rules, shrinking(Fraction(1, 2)), [Insists(X), Scripted([Accept()])])
    assert match.utilities == (10**9, 10**9)


def test_no_agreement_is_worth_the_reservation_value_undiscounted() -> None:
    result = NoAgreement(Reason.DEADLINE, None, 3)
    rules = AlternatingOffers(rounds=3)
    assert payoffs(rules, shrinking(Fraction(1, 2)), result) == (10**8, 0)


# -- views -----------------------------------------------------------------------------------------


def test_what_a_party_writes_into_its_view_changes_nothing() -> None:
    state = run(begin(AlternatingOffers(rounds=9)), Offer(X))
    view = state.view(1)
    view.rounds = view.round = 10**9
    view.elapsed, view.standing, view.last = -5.0, Y, None
    view.turns.clear()
    run(state, Accept())
    assert state.result == Agreement(X, by=1, round=1, time=1 / 10)


def test_a_view_counts_the_rounds_that_are_left() -> None:
    state = begin()
    assert state.view(0).rounds_left == 3
    run(state, Offer(X), Offer(X))
    assert state.view(0).rounds_left == 2
    assert begin(TIMED).view(0).rounds_left is None


def test_a_view_of_three_parties_says_whose_offer_stands() -> None:
    state = run(begin(parties=3), Offer(X), Accept())
    assert state.view(2).standing_by == 0
    assert state.view(0).sent == [X]
    assert state.view(2).received == [X]
