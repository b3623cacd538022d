"""The reference loop: plays to the end, and whoever breaks a rule loses its own match and nothing else."""

from __future__ import annotations

import pickle
import subprocess
import sys
from fractions import Fraction
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import Match, play, registry
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.errors import LocalError
from negotiate.match import Overrun, derive_seed
from negotiate.match import Table as MatchTable
from negotiate.moves import Accept, Move, Offer, Proceed, Reject, Walk
from negotiate.protocol import (
    Agreement,
    Negotiation,
    NoAgreement,
    Protocol,
    Reason,
    Result,
    View,
)
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategy import Brief, Strategy
from negotiate.testing import Agrees, Insists, Scripted, alternating_offers, scenarios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from negotiate.moves import Party

DOMAIN = Domain((Choice("cake", ("all", "half", "none")),))
ALL, HALF, NONE = (0,), (1,), (2,)
RULES = AlternatingOffers(rounds=5)


def cake(*roles: str) -> Scenario:
    """One cake; who comes last wants it whole, the others want the last to go without."""
    rising = Table((Fraction(0), Fraction(1, 2), Fraction(1)))
    falling = Table(rising.values[::-1])
    names = roles or ("left", "right")
    tables = [*[falling] * (len(names) - 1), rising]
    return Scenario(
        "cake",
        DOMAIN,
        tuple(
            Role(
                name, LinearAdditive(DOMAIN, {"cake": (1, table)}, reservation=Fraction(1, 10))
            )
            for name, table in zip(names, tables, strict=True)
        ),
    )


RESERVATION = (10**8, 10**8)


def ticks(*milliseconds: int) -> Callable[[], int]:
    """A clock that shows these times, and then the last one."""
    times = chain(milliseconds, repeat(milliseconds[-1]))
    return lambda: next(times)


# -- an honest match -------------------------------------------------------------------------------


def test_a_match_tells_everything_that_happened() -> None:
    match = play(RULES, cake(), [Scripted([ALL, Accept()]), Scripted([HALF])])
    assert match.result == Agreement(HALF, by=0, round=2, time=2 / 6)
    assert [tuple(turn) for turn in match.moves] == [
        (1, 0, "offer", ALL),
        (1, 1, "offer", HALF),
        (2, 0, "accept", None),
    ]
    assert (match.turns, match.rounds, match.agreement) == (3, 2, HALF)
    assert (match.reason, match.ended_by) == (Reason.ACCEPT, 0)
    assert match.utilities == (5 * 10**8, 5 * 10**8)
    assert (match.fault, match.error) == (None, None)


def test_no_agreement_is_worth_the_reservation_values() -> None:
    match = play(RULES, cake(), [Insists(ALL), Insists(NONE)])
    assert (match.reason, match.ended_by, match.agreement) == (Reason.DEADLINE, None, None)
    assert (match.utilities, match.rounds, match.turns) == (RESERVATION, 5, 10)


def test_moves_of_chance_are_no_turns_of_a_party() -> None:
    rules = AlternatingOffers(rounds=3, breakdown=1)
    match = play(rules, cake(), [Insists(ALL), Insists(NONE)])
    assert (len(match.moves), match.turns) == (9, 6)


def test_a_strategy_is_begun_asked_and_ended_in_that_order() -> None:
    calls: list[str] = []

    class Diligent(Agrees):
        def begin(self, brief: Brief) -> None:
            calls.append("begin")
            super().begin(brief)

        def respond(self, view: View) -> Move:
            calls.append("respond")
            return super().respond(view)

        def end(self, result: Result) -> None:
            calls.append(f"end by {result.by}")

    play(RULES, cake(), [Insists(HALF), Diligent()])
    assert calls == ["begin", "respond", "end by 1"]


def test_the_brief_says_who_and_what() -> None:
    briefs: list[Brief] = []

    class Reader(Agrees):
        def begin(self, brief: Brief) -> None:
            briefs.append(brief)
            super().begin(brief)

    scenario = cake("ann", "bob", "cid")
    play(RULES, scenario, [Reader(), Reader(), Reader()])
    assert [(b.party, b.role, b.parties) for b in briefs] == [
        (i, name, ("ann", "bob", "cid")) for i, name in enumerate(("ann", "bob", "cid"))
    ]
    assert all(b.domain == DOMAIN and b.rules == RULES for b in briefs)
    assert [b.preferences for b in briefs] == list(scenario.preferences)


def test_a_brief_does_not_print_what_is_private() -> None:
    brief = Brief(0, "a", ("a", "b"), DOMAIN, cake().preferences[0], RULES, seed=123456789)
    assert "123456789" not in repr(brief)
    assert "100000000" not in repr(brief)
    assert "1/10" not in repr(brief)


@given(alternating_offers(), scenarios(min_parties=2, max_parties=4), st.integers())
def test_the_same_match_twice_is_the_same(
    rules: AlternatingOffers, scenario: Scenario, seed: int
) -> None:
    names = ("random", "micro", "genius-conceder", "tit_for_tat")[: len(scenario.roles)]

    def once() -> Match:
        clock = iter(range(0, 10**6, 3))
        players = [registry.strategy(name).make() for name in names]
        return play(rules, scenario, players, seed=seed, clock=lambda: next(clock))

    assert once() == once()


@given(alternating_offers(), scenarios(min_parties=2, max_parties=4))
def test_a_match_always_ends_and_is_worth_what_it_says(
    rules: AlternatingOffers, scenario: Scenario
) -> None:
    clock = iter(range(10**6))
    players = [registry.strategy("random").make() for _ in scenario.roles]
    match = play(rules, scenario, players, clock=lambda: next(clock))
    assert match.fault is None
    if match.agreement is None:
        assert match.utilities == tuple(own.reservation for own in scenario.preferences)
    else:
        assert scenario.domain.contains(match.agreement)
        assert all(u <= own.utility(match.agreement) for u, own in worth(match, scenario))


def worth(match: Match, scenario: Scenario) -> Iterable[tuple[int, LinearAdditive]]:
    return zip(match.utilities, scenario.preferences, strict=True)


# -- what a match is -------------------------------------------------------------------------------


def long_match(rounds: int = 5_000) -> Match:
    rules = AlternatingOffers(rounds=rounds)
    return play(rules, cake(), [Insists(ALL), Insists(NONE)])


def test_a_long_match_can_be_pickled_compared_and_hashed() -> None:
    match = long_match()
    again = pickle.loads(pickle.dumps(match))
    assert again == match
    assert hash(again) == hash(match)
    assert again.moves == match.moves
    assert again.last[:4] == match.last[:4]  # type: ignore[index]


def test_matches_with_other_moves_differ() -> None:
    assert long_match(3) != long_match(4)
    other = play(AlternatingOffers(rounds=3), cake(), [Insists(HALF), Insists(NONE)])
    assert long_match(3) != other
    assert long_match(3) != "a match"


# -- seats -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_role_needs_a_strategy(count: int) -> None:
    with pytest.raises(
        LocalError, match=rf"{count} strategies for the 2 roles of 'cake' \(left"
    ):
        play(RULES, cake(), [Agrees() for _ in range(count)])


def test_one_instance_cannot_sit_in_two_seats() -> None:
    twin = Agrees()
    with pytest.raises(LocalError, match="make an instance for each"):
        play(RULES, cake(), [twin, twin])


def test_a_limit_on_time_needs_a_clock() -> None:
    with pytest.raises(LocalError, match="pass clock="):
        play(AlternatingOffers(time_limit=5), cake(), [Agrees(), Agrees()])
    with pytest.raises(LocalError, match="pass clock="):
        play(RULES, cake(), [Agrees(), Agrees()], move_limit=5)


# -- whose fault it is -----------------------------------------------------------------------------


class Custom(BaseException):
    """Not even an Exception."""


class Mute(Exception):  # noqa: N818
    def __str__(self) -> NoReturn:
        raise SystemExit("gagged")


class Vandal(Exception):  # noqa: N818
    def __str__(self) -> str:
        return "\x1b[2Jall\nis \u202eenif " + "x" * 5000


RAISED: dict[str, Callable[[], BaseException]] = {
    "an exception": lambda: ValueError("no idea"),
    "an exit": lambda: SystemExit(0),
    "an exception of its own": Custom,
    "a generator's end": GeneratorExit,
    "out of memory": MemoryError,
    "stop of an iteration": StopIteration,
    "one that cannot be shown": Mute,
    "one that paints the terminal": Vandal,
    "a group": lambda: ExceptionGroup("many", [ValueError("one")]),
    "one of ours": lambda: LocalError("mine"),
}


def raises(error: BaseException) -> Any:
    def method(*_: object) -> NoReturn:
        raise error

    return method


def check_lost(match: Match, seat: int, reason: Reason) -> None:
    assert (match.fault, match.ended_by, match.reason) == (seat, seat, reason)
    assert match.utilities == RESERVATION
    assert match.error is not None
    assert match.error.isprintable()
    assert 0 < len(match.error) < 400


def seated(rogue: Strategy, seat: int) -> list[Strategy]:
    players: list[Strategy] = [Insists(HALF), Insists(HALF)]
    players[seat] = rogue
    return players


each_seat = pytest.mark.parametrize("seat", [0, 1])


@each_seat
@pytest.mark.parametrize("method", ["begin", "respond"])
@pytest.mark.parametrize("name", RAISED)
def test_whatever_a_strategy_raises_is_its_own_loss(name: str, method: str, seat: int) -> None:
    rogue = type("Rogue", (Scripted,), {method: raises(RAISED[name]())})()
    match = play(RULES, cake(), seated(rogue, seat))
    check_lost(match, seat, Reason.ERROR)


@each_seat
def test_endless_recursion_is_its_own_loss(seat: int) -> None:
    class Endless(Strategy):
        def respond(self, view: View) -> Move:
            return self.respond(view)

    match = play(RULES, cake(), seated(Endless(), seat))
    check_lost(match, seat, Reason.ERROR)
    assert "RecursionError" in (match.error or "")


@each_seat
def test_what_was_raised_is_told(seat: int) -> None:
    rogue = type("Rogue", (Scripted,), {"respond": raises(ValueError("no idea"))})()
    assert play(RULES, cake(), seated(rogue, seat)).error == "ValueError: no idea"


NONSENSE: dict[str, Any] = {
    "nothing": None,
    "a text": "accept",
    "a number": 1,
    "a class": Accept,
    "an outcome": HALF,
    "an offer of nothing": Offer(None),  # type: ignore[arg-type]
    "an offer outside the domain": Offer((7,)),
    "an offer of floats": Offer((1.0,)),  # type: ignore[arg-type]
    "an offer without content": object.__new__(Offer),
    "a rejection where there is none": Reject(),
    "a move of chance": Proceed(),
    "something that cannot be shown": type("Thing", (), {"__repr__": raises(SystemExit())})(),
}


@each_seat
@pytest.mark.parametrize("name", NONSENSE)
def test_what_is_no_legal_move_is_its_own_loss(name: str, seat: int) -> None:
    rogue = type("Rogue", (Strategy,), {"respond": lambda *_: NONSENSE[name]})()
    check_lost(play(RULES, cake(), seated(rogue, seat)), seat, Reason.ILLEGAL_MOVE)


def test_accepting_before_an_offer_is_its_own_loss() -> None:
    match = play(RULES, cake(), [Scripted([Accept()]), Agrees()])
    check_lost(match, 0, Reason.ILLEGAL_MOVE)
    assert (
        match.error == "phase: accept is not allowed before an offer; allowed now: offer, walk"
    )


def test_walking_is_no_fault() -> None:
    match = play(RULES, cake(), [Insists(ALL), Scripted([Walk()])])
    assert (match.reason, match.ended_by, match.fault) == (Reason.WALK, 1, None)
    assert match.utilities == RESERVATION


@each_seat
def test_a_strategy_without_respond_is_its_own_loss(seat: int) -> None:
    class Secretive(Strategy):
        @property
        def respond(self) -> NoReturn:  # type: ignore[override]
            raise RuntimeError("secret")

    check_lost(play(RULES, cake(), seated(Secretive(), seat)), seat, Reason.ERROR)


def test_a_failure_at_the_end_is_told_and_the_deal_stands() -> None:
    rogue = type("Rogue", (Insists,), {"end": raises(ValueError("sore loser"))})(HALF)
    match = play(RULES, cake(), [Agrees(), rogue])
    assert (match.fault, match.error) == (1, "in end(): ValueError: sore loser")
    assert (match.reason, match.utilities) == (Reason.ACCEPT, (5 * 10**8, 5 * 10**8))


def test_a_failure_at_the_end_does_not_hide_an_earlier_one() -> None:
    rogue = type("Rogue", (Scripted,), {"end": raises(ValueError("sore loser"))})
    match = play(RULES, cake(), [Scripted([Accept()]), rogue()])
    assert (match.fault, match.reason) == (0, Reason.ILLEGAL_MOVE)


def test_the_innocent_side_is_told_how_it_ended() -> None:
    results: list[Result] = []

    class Waiting(Agrees):
        def end(self, result: Result) -> None:
            results.append(result)

    play(RULES, cake(), [Waiting(), Scripted([None])])  # type: ignore[list-item]
    assert results == [NoAgreement(Reason.ILLEGAL_MOVE, 1, 1)]


def test_who_was_never_begun_is_not_ended() -> None:
    calls: list[str] = []

    class Late(Strategy):
        def end(self, result: Result) -> None:
            calls.append("end")

    rogue = type("Rogue", (Strategy,), {"begin": raises(ValueError())})()
    check_lost(play(RULES, cake(), [rogue, Late()]), 0, Reason.ERROR)
    assert calls == []


@pytest.mark.parametrize("method", ["begin", "respond", "end"])
def test_somebody_at_the_keyboard_can_stop_a_match(method: str) -> None:
    rogue = type("Rogue", (Insists,), {method: raises(KeyboardInterrupt())})(ALL)
    with pytest.raises(KeyboardInterrupt):
        play(RULES, cake(), [rogue, Insists(NONE)])


@given(scenarios(), st.integers(0, 1), st.sampled_from(sorted(RAISED)))
def test_the_innocent_side_is_paid_its_reservation_value(
    scenario: Scenario, seat: int, name: str
) -> None:
    rogue = type("Rogue", (Strategy,), {"respond": raises(RAISED[name]())})()
    players: list[Strategy] = [Insists(), Insists()]
    players[seat] = rogue
    match = play(RULES, scenario, players)
    assert match.utilities == tuple(own.reservation for own in scenario.preferences)
    assert match.fault == seat


# -- time ------------------------------------------------------------------------------------------


def test_a_move_that_takes_too_long_is_its_own_loss() -> None:
    clock = ticks(0, 1, 2, 3, 14)  # begin; turn of the left, 1 ms; turn of the right, 11 ms
    match = play(RULES, cake(), [Insists(ALL), Insists(NONE)], clock=clock, move_limit=10)
    check_lost(match, 1, Reason.TIMEOUT)
    assert match.error == "took more than 10 ms for one move"


def test_a_move_that_takes_all_of_its_time_is_in_time() -> None:
    clock = ticks(*range(0, 1000, 10))
    match = play(RULES, cake(), [Insists(ALL), Insists(NONE)], clock=clock, move_limit=10)
    assert match.reason is Reason.DEADLINE
    assert match.fault is None


def test_what_a_watchdog_raises_is_an_overrun() -> None:
    rogue = type("Rogue", (Strategy,), {"respond": raises(Overrun("cut after 2 s"))})()
    match = play(RULES, cake(), [rogue, Agrees()])
    check_lost(match, 0, Reason.TIMEOUT)
    assert "cut after 2 s" in (match.error or "")


TIMED = AlternatingOffers(rounds=None, time_limit=10)


def test_a_deadline_that_passes_between_two_moves_is_nobodys_fault() -> None:
    match = play(TIMED, cake(), [Insists(ALL), Insists(NONE)], clock=ticks(0, 1, 2, 11))
    assert match.result == NoAgreement(Reason.DEADLINE, None, 1)
    assert (match.turns, match.fault) == (1, None)


@pytest.mark.parametrize("move", [Accept(), Offer(NONE), None], ids=repr)
def test_a_deadline_that_passes_during_a_move_is_nobodys_fault(move: Any) -> None:
    answers = type("A", (Strategy,), {"respond": lambda *_: move})()
    match = play(TIMED, cake(), [Insists(ALL), answers], clock=ticks(0, 1, 2, 3, 11))
    assert match.result == NoAgreement(Reason.DEADLINE, None, 1)
    assert (match.turns, match.fault) == (1, None)


def test_a_deadline_that_passes_while_chance_moves_is_nobodys_fault() -> None:
    rules = AlternatingOffers(rounds=None, time_limit=10, breakdown=1)
    clock = ticks(0, 1, 2, 3, 4, 11)
    match = play(rules, cake(), [Insists(ALL), Insists(NONE)], clock=clock)
    assert match.result == NoAgreement(Reason.DEADLINE, None, 1)


def test_a_clock_that_runs_back_is_nobodys_fault() -> None:
    rules = AlternatingOffers(rounds=3, time_limit=1000)
    clock = ticks(500, 510, 505, 400, 0, 520)
    match = play(rules, cake(), [Insists(ALL), Insists(HALF)], clock=clock)
    assert (match.reason, match.fault) == (Reason.DEADLINE, None)


def test_a_view_shows_how_much_time_has_passed() -> None:
    left = Scripted([ALL, ALL])
    play(
        TIMED, cake(), [left, Scripted([NONE])], clock=ticks(100, 100, 101, 103, 105, 107, 108)
    )
    assert [seen.time for seen in left.seen] == [0.0, 0.7]


# -- randomness ------------------------------------------------------------------------------------


class Dicer(Scripted):
    """Writes down the first numbers of its own random stream."""

    def begin(self, brief: Brief) -> None:
        self.numbers = [brief.random.random() for _ in range(3)]
        super().begin(brief)


def numbers(
    roles: Sequence[str] = ("left", "right"), who: str = "left", seed: Any = 0
) -> list[float]:
    players = [Dicer() for _ in roles]
    play(RULES, cake(*roles), players, seed=seed)
    return players[roles.index(who)].numbers


def test_a_party_has_the_same_stream_whoever_sits_where() -> None:
    expected = numbers(("left", "right"))
    assert numbers(("right", "left")) == expected
    assert numbers(("other", "left", "third")) == expected


def test_parties_and_seeds_have_streams_of_their_own() -> None:
    streams = [
        numbers(),
        numbers(who="right"),
        numbers(seed=1),
        numbers(seed="a"),
        numbers(("left ", "right"), "left "),
    ]
    assert len({tuple(stream) for stream in streams}) == len(streams)


def test_a_stream_does_not_depend_on_how_much_the_rival_draws() -> None:
    class Greedy(Scripted):
        def begin(self, brief: Brief) -> None:
            [brief.random.random() for _ in range(1000)]
            super().begin(brief)

    quiet, beside = Dicer(), Dicer()
    play(RULES, cake(), [Scripted(), quiet])
    play(RULES, cake(), [Greedy(), beside])
    assert quiet.numbers == beside.numbers


def test_what_chance_does_depends_on_no_strategy() -> None:
    rules = AlternatingOffers(rounds=100, breakdown=100_000)
    first = play(rules, cake(), [Insists(ALL), Insists(NONE)], seed=5)
    noisy = registry.strategy("genius-hardliner")
    second = play(rules, cake(), [noisy.make(), Insists(NONE)], seed=5)
    assert first.reason is Reason.BREAKDOWN
    assert (first.rounds, first.reason) == (second.rounds, second.reason)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derive_seed(0, "party", "left") == 149724917379009090219710573525158215282


@given(st.lists(st.text()), st.lists(st.text()))
def test_other_names_give_other_seeds(names: list[str], others: list[str]) -> None:
    assert (derive_seed(*names) == derive_seed(*others)) == (names == others)


@pytest.mark.parametrize(
    ("names", "others"),
    [(("a", "b"), ("ab",)), (("a\x1fb",), ("a", "b")), ((1, 23), (12, 3)), ((), ("",))],
    ids=repr,
)
def test_names_do_not_run_into_each_other(names: Any, others: Any) -> None:
    assert derive_seed(*names) != derive_seed(*others)


def test_a_match_is_the_same_in_processes_that_hash_text_differently() -> None:
    code = (
        "from negotiate import play, registry\n"
        "from negotiate.checks.cases import random_scenario\n"
        "from negotiate.protocols.alternating_offers import AlternatingOffers\n"
        "players = [registry.strategy(n).make() for n in ('random', 'micro', 'tit_for_tat')]\n"
        "scenario = random_scenario(1, 1, parties=3)\n"
        "print(play(AlternatingOffers(rounds=50), scenario, players, seed='x').moves)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert "offer" in outputs.pop()


# -- the table, for watchdogs ----------------------------------------------------------------------


def test_a_watchdog_sees_whose_code_is_running() -> None:
    seen: list[tuple[str, Party | None]] = []

    class Watched(Agrees):
        def begin(self, brief: Brief) -> None:
            super().begin(brief)
            seen.append((table.stage, table.whom))

        def respond(self, view: View) -> Move:
            seen.append((table.stage, table.whom))
            return super().respond(view)

        def end(self, result: Result) -> None:
            seen.append((table.stage, table.whom))

    table = MatchTable(RULES, cake(), [Watched(), Watched()])
    table.play()
    assert seen == [
        ("begin", 0), ("begin", 1), ("respond", 0), ("respond", 1), ("end", 0), ("end", 1),
    ]  # fmt: skip


def test_a_match_that_is_cut_short_is_lost_by_whom_it_is_said() -> None:
    table = MatchTable(RULES, cake(), [Agrees(), Agrees()])
    check_lost(table.forfeit(1, Reason.TIMEOUT, "died"), 1, Reason.TIMEOUT)


def test_this_loop_refuses_protocols_in_which_several_move_at_once() -> None:
    class Simultaneous(Negotiation):
        mover, result, round, last = None, None, 1, None

        def check(self, party: Party, move: Move, at: int = 0) -> None: ...
        def push(self, party: Party, move: Move, at: int = 0) -> None: ...
        def advance(self, at: int) -> None: ...
        def view(self, party: Party) -> View:
            return View(party, ((), ()))

    class AllAtOnce(Protocol):
        def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Negotiation:
            return Simultaneous()

    with pytest.raises(LocalError, match="several parties to move at once"):
        play(AllAtOnce(), cake(), [Agrees(), Agrees()])
