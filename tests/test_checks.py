"""The checker finds what is wrong with a strategy or a protocol, and nothing where nothing is."""

from __future__ import annotations

import datetime
import json
import random
import sys
import time
import uuid
from itertools import count
from random import choice
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from negotiate import registry
from negotiate.checks import Finding, Report, Severity, check_protocol, check_strategy
from negotiate.checks import lookout as lookout_module
from negotiate.checks.cases import cases, large, random_scenario
from negotiate.errors import IllegalMove, StrategyError, UnknownName
from negotiate.moves import Accept, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingNegotiation, AlternatingOffers
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategy import Brief, Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain import Domain, Outcome
    from negotiate.moves import Move, Party
    from negotiate.protocol import Result, View

# -- a strategy that keeps the rules ---------------------------------------------------------------


class Newcomer(Strategy):
    """Offers its best, and takes what is worth at least half of that."""

    def respond(self, view: View) -> Move:
        own = self.brief.preferences
        best = own.space.kth(0)
        if own.utility(best) < own.reservation:
            return Walk()
        enough = max(own.reservation, own.utility(best) // 2)
        if view.standing is not None and own.utility(view.standing) >= enough:
            return Accept()
        return Offer(best)


def test_a_strategy_that_keeps_the_rules_has_a_clean_report() -> None:
    report = check_strategy(Newcomer)
    assert report, str(report)
    assert report.findings == ()
    assert str(report).startswith("tests.test_checks:Newcomer keeps the rules")


def test_facts_are_measured() -> None:
    facts = check_strategy(Newcomer, count=5).facts
    assert facts["deterministic"] is True
    assert facts["multilateral"] is True
    assert facts["uses_its_random_stream"] is False
    assert facts["largest_domain"] == 10**12
    assert isinstance(facts["us_per_move"], float)
    assert 0 < facts["us_per_move"] < 10_000


def test_the_cost_of_a_move_is_read_off_the_clock_that_is_passed_in() -> None:
    ticks = count(0, 5_000)  # five microseconds between two looks
    report = check_strategy(Newcomer, count=2, clock=lambda: next(ticks))
    assert report.facts["us_per_move"] == 5.0


def test_a_name_a_specification_and_a_class_can_be_checked() -> None:
    reports = [
        check_strategy(subject, count=2)
        for subject in ("genius-linear", registry.strategy("genius-linear"), TimeDependent)
    ]
    assert [bool(report) for report in reports] == [True] * 3
    assert [report.subject for report in reports] == [
        "genius-linear",
        "genius-linear",
        "negotiate.strategies.time_dependent:TimeDependent",
    ]


def test_an_unknown_name_is_no_finding_but_an_error() -> None:
    with pytest.raises(UnknownName):
        check_strategy("no-such-strategy")
    with pytest.raises(StrategyError):
        check_strategy("os:system")


def test_the_same_seed_gives_the_same_report() -> None:
    first, second = (check_strategy(Clumsy, count=5, seed=3) for _ in range(2))
    assert first.findings == second.findings


def test_scenarios_can_be_given() -> None:
    mine = [random_scenario(99, 5), random_scenario(99, 6, parties=3)]
    report = check_strategy(Clumsy, scenarios=mine)
    assert any(finding.scenario.startswith("check-5 as ") for finding in report.findings)


# -- strategies that do not ------------------------------------------------------------------------


class Clumsy(Newcomer):
    """Raises at its third view."""

    views = 0

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        self.views = 0

    def respond(self, view: View) -> Move:
        self.views += 1
        if self.views == 3:
            raise ValueError("stumbled")
        return super().respond(view)


class SoreLoser(Newcomer):
    """Raises when it is over."""

    def end(self, result: Result) -> None:
        raise ValueError("unfair")


class Absent(Strategy):
    """Raises before it starts."""

    def begin(self, brief: Brief) -> None:
        raise SystemExit


class Silent(Strategy):
    """Says nothing."""

    def respond(self, view: View) -> Any:
        return None


class Hasty(Strategy):
    """Accepts before there is an offer."""

    def respond(self, view: View) -> Move:
        return Accept()


class OffTheMap(Newcomer):
    """Offers values instead of positions."""

    def respond(self, view: View) -> Move:
        return Offer(tuple(issue.value(0) for issue in self.brief.domain.issues))  # type: ignore[misc]


class Bilateral(Newcomer):
    """Cannot count further than two, and does not say so."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        _, _ = brief.parties


class HonestlyBilateral(Bilateral):
    """Cannot count further than two, and says so."""

    multilateral = False


class Generous(Strategy):
    """Offers anything."""

    def respond(self, view: View) -> Move:
        return Offer(self.brief.preferences.space.kth(self.brief.domain.size - 1))


class Agreeable(Strategy):
    """Accepts anything."""

    def respond(self, view: View) -> Move:
        if view.standing is not None:
            return Accept()
        own = self.brief.preferences
        return Offer(own.space.kth(0)) if own.space.max_utility >= own.reservation else Walk()


class DocumentedGiver(Generous):
    """Gives everything away, below its reservation value too: that is its purpose."""

    ignores_reservation = True


class UndocumentedGiver(Generous):
    """Gives."""

    ignores_reservation = True


class Gambler(Newcomer):
    """Draws from the generator that all share."""

    def respond(self, view: View) -> Move:
        random.random()
        return super().respond(view)


class SlyGambler(Newcomer):
    """Imported the function by name."""

    def respond(self, view: View) -> Move:
        choice((1, 2))
        return super().respond(view)


class Shuffler(Newcomer):
    """Seeds the shared generator, for luck."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        random.seed(5)


class ArrayGambler(Newcomer):
    """Draws from the generator that all users of arrays share."""

    def respond(self, view: View) -> Move:
        np.random.rand()
        return super().respond(view)


class Registered(Newcomer):
    """Asks the system for randomness."""

    def respond(self, view: View) -> Move:
        uuid.uuid4()
        return super().respond(view)


class Timed(Newcomer):
    """Looks at the clock."""

    def respond(self, view: View) -> Move:
        time.time()
        return super().respond(view)


class SlyTimed(Newcomer):
    """Imported the clock by name."""

    def respond(self, view: View) -> Move:
        perf_counter()
        return super().respond(view)


class Dated(Newcomer):
    """Looks at the calendar."""

    def respond(self, view: View) -> Move:
        datetime.datetime.now()
        return super().respond(view)


class Unseeded(Newcomer):
    """Has a generator of its own, different each time."""

    def respond(self, view: View) -> Move:
        own = self.brief.preferences
        if random.Random().random() < 0.5 and own.space.max_utility >= own.reservation:
            return Offer(own.space.kth(0))
        return super().respond(view) if view.standing is None else Walk()


class Elephant(Newcomer):
    """Remembers in its class how many matches it has played."""

    played: list[str] = []  # noqa: RUF012 - that is the mistake

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        self.played.append(brief.role)

    def respond(self, view: View) -> Move:
        return Walk() if len(self.played) % 3 == 0 else super().respond(view)


class Superstitious(Newcomer):
    """Depends on how text hashes in this process."""

    def respond(self, view: View) -> Move:
        return Walk() if hash(f"{view.round}") % 4 == 0 else super().respond(view)


class Forger(Newcomer):
    """Raises its own utilities."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        vars(brief.preferences)["reservation"] = 0


class Embellisher(Newcomer):
    """Paints what it remembers."""

    def end(self, result: Result) -> None:
        memory: Any = self.brief.preferences.utility
        memory.__self__[self.brief.domain.at(0)] = 10**12


class Roomy(Newcomer):
    """Keeps its notes in a list that all instances share."""

    def __init__(self, notes: list[Outcome] = []) -> None:  # noqa: B006 - that is the mistake
        self.notes = notes


class Single(Newcomer):
    """There is only one of it."""

    _only: Single | None = None

    def __new__(cls) -> Single:
        cls._only = cls._only or super().__new__(cls)
        return cls._only


class Thorough(Newcomer):
    """Looks at every outcome there is."""

    def begin(self, brief: Brief) -> None:
        super().begin(brief)
        self.all = sorted(brief.domain.outcomes(), key=brief.preferences.utility)


class Demanding(Newcomer):
    """Cannot be made without being told what for."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose


class Restless(Newcomer):
    """Never comes to an end."""

    def respond(self, view: View) -> Move:
        while True:
            self.brief.domain.at(0)


WRONG: dict[type[Strategy], str] = {
    Clumsy: "raises",
    SoreLoser: "raises",
    Absent: "raises",
    Silent: "illegal-move",
    Hasty: "illegal-move",
    OffTheMap: "illegal-move",
    Bilateral: "raises",
    Generous: "reservation",
    Agreeable: "reservation",
    UndocumentedGiver: "undocumented",
    Gambler: "global-random",
    SlyGambler: "global-random",
    Shuffler: "global-random",
    ArrayGambler: "global-random",
    Registered: "global-random",
    Timed: "wall-clock",
    SlyTimed: "wall-clock",
    Dated: "wall-clock",
    Unseeded: "deterministic",
    Elephant: "deterministic",
    Forger: "mutation",
    Embellisher: "mutation",
    Roomy: "shared-state",
    Single: "shared-state",
    Demanding: "make",
}


@pytest.mark.parametrize("cls", WRONG, ids=lambda cls: cls.__name__)
def test_a_mistake_is_found_with_evidence_and_cure(cls: type[Strategy]) -> None:
    report = check_strategy(cls, count=12)
    found = [finding for finding in report.findings if finding.rule == WRONG[cls]]
    assert found, str(report)
    assert all(finding.message and finding.cure for finding in found)
    assert bool(report) == (WRONG[cls] == "undocumented")


@pytest.mark.parametrize("cls", [HonestlyBilateral, DocumentedGiver], ids=lambda c: c.__name__)
def test_what_is_declared_is_no_mistake(cls: type[Strategy]) -> None:
    assert check_strategy(cls, count=6).findings == ()


def test_what_changes_a_shared_generator_is_found_however_it_does() -> None:
    messages = {finding.message for finding in check_strategy(ArrayGambler, count=2).findings}
    assert "changes a generator that others share" in messages


def test_all_mistakes_are_told_and_not_the_first_alone() -> None:
    class Everything(Gambler, Timed, Generous):
        """Does everything wrong."""

    rules = {finding.rule for finding in check_strategy(Everything, count=3).findings}
    assert rules >= {"global-random", "wall-clock", "pickle"}


def test_the_evidence_leads_to_the_match() -> None:
    (finding,) = check_strategy(Clumsy, count=10).findings
    assert (finding.rule, finding.message) == ("raises", "ValueError: stumbled")
    assert finding.view == 3
    assert finding.times > 1
    case = next(case for case in cases(0, 10) if case.name == finding.scenario)
    assert case.seed == finding.seed


def test_a_call_to_a_clock_is_told_with_its_line() -> None:
    (finding,) = check_strategy(Timed, count=2).findings
    assert finding.message.startswith("calls time() at test_checks.py:")


def test_chance_that_others_share_is_told_with_the_line_of_the_strategy() -> None:
    class Chooser(Newcomer):
        def respond(self, view: View) -> Move:
            random.choice("ab")  # the generator is called inside of the standard library
            return super().respond(view)

    findings = check_strategy(Chooser, count=2).findings
    messages = [f.message for f in findings if f.rule == "global-random"]
    assert any(
        message.startswith("calls getrandbits() at test_checks.py:") for message in messages
    )


def test_checking_leaves_shared_randomness_as_it_was() -> None:
    random.seed(1)
    np.random.seed(1)
    expected = random.Random(1).random(), np.random.RandomState(1).rand()
    check_strategy(Gambler, count=2)
    check_strategy(ArrayGambler, count=2)
    random.seed(1)
    np.random.seed(1)
    check_strategy(Newcomer, count=2)
    assert (random.random(), np.random.rand()) == expected


def test_checking_leaves_a_profiler_in_place() -> None:
    def profiler(*_: object) -> None: ...

    before = sys.getprofile()
    try:
        sys.setprofile(profiler)
        check_strategy(Newcomer, count=1)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)


def test_other_processes_see_whether_text_hashes_matter() -> None:
    report = check_strategy(f"{__name__}:Superstitious", count=2, processes=True)
    assert report.facts["same_in_other_processes"] is False
    assert "hash-seed" in {finding.rule for finding in report.findings}


def test_what_other_processes_cannot_import_is_a_warning() -> None:
    class Local(Newcomer):
        """Lives in a function."""

    report = check_strategy(Local, count=1, processes=True)
    assert report
    assert {finding.rule for finding in report.findings} == {"pickle", "process"}
    assert report.facts["same_in_other_processes"] is None


def test_a_turn_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout_module, "MOST_STEPS", 10_000)
    report = check_strategy(Restless, count=1)
    assert not report
    assert "steps" in {finding.rule for finding in report.findings}


def test_who_enumerates_a_vast_domain_is_told_before_memory_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("negotiate.checks.cases._ENUMERABLE", 10_000)
    report = check_strategy(Thorough, count=1)
    assert report
    (finding,) = report.findings
    assert finding.rule == "large"
    assert "too many to enumerate" in finding.message
    assert report.facts["largest_domain"] is None


def test_a_large_domain_is_as_large_as_it_says() -> None:
    for outcomes in (10**6, 10**12):
        assert large(0, outcomes).scenario.domain.size == outcomes


def test_scenarios_come_from_the_seed_alone() -> None:
    first, second, other = ([c.scenario.digest for c in cases(s, 10)] for s in (1, 1, 2))
    assert first == second
    assert first != other


# -- reports ---------------------------------------------------------------------------------------


def finding(severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    return Finding(severity, "raises", "ValueError: no", "do not", **more)


def test_a_report_is_true_unless_there_is_an_error() -> None:
    assert Report("x", (), {})
    assert Report("x", (finding(Severity.WARNING),), {})
    assert not Report("x", (finding(Severity.WARNING), finding()), {})


def test_a_report_reads_well() -> None:
    found = finding(scenario="check-3 as r0", view=7, seed="0/check-3/0", times=4)
    report = Report(
        "mine:Mine", (found,), {"deterministic": True, "us_per_move": 0.25, "n": None}
    )
    assert str(report) == (
        "mine:Mine breaks the rules\n"
        "error[raises]: ValueError: no (scenario check-3 as r0, view 7, seed 0/check-3/0, 4 matches)\n"
        "  help: do not\n"
        "  deterministic: yes\n"
        "  us_per_move: 0.25\n"
        "  n: not measured"
    )


def test_a_report_is_a_dictionary_for_machines() -> None:
    report = check_strategy(Clumsy, count=3)
    told = json.loads(json.dumps(report.as_dict()))
    assert told["ok"] is False
    assert told["findings"][0]["rule"] == "raises"
    assert told["facts"]["deterministic"] is True


def test_errors_come_before_warnings() -> None:
    class Mixed(Clumsy):
        """Local, and clumsy."""

    severities = [finding.severity for finding in check_strategy(Mixed, count=3).findings]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}


# -- protocols -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        AlternatingOffers(rounds=1),
        AlternatingOffers(rounds=6),
        AlternatingOffers(rounds=6, consent="majority", breakdown=200_000),
        AlternatingOffers(rounds=None, time_limit=100),
        AlternatingOffers(rounds=5, time_limit=60, discounting="round"),
    ],
    ids=lambda rules: rules.model_dump_json(exclude_defaults=True),
)
def test_alternating_offers_keeps_the_rules(rules: AlternatingOffers) -> None:
    report = check_protocol(rules)
    assert report.findings == (), str(report)


def test_every_row_of_the_table_is_reached() -> None:
    rules = AlternatingOffers(rounds=6, consent="majority", breakdown=200_000)
    facts = check_protocol(rules).facts
    assert facts["rows_not_reached"] == "none"
    assert facts["ended_by"] == "accept, breakdown, deadline, walk"


class Faulty(AlternatingNegotiation):
    """To be broken in one place."""


def protocol_of(state: type[Faulty], **more: Any) -> AlternatingOffers:
    class Broken(AlternatingOffers):
        def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Faulty:
            return state(self, domain, len(parties), at)

    Broken.__module__ = AlternatingOffers.__module__  # where the table is
    return Broken(rounds=4, **more)


class ActsFirst(Faulty):
    def push(self, party: Party, move: Move, at: int = 0) -> None:
        if isinstance(move, Offer):
            self.standing = getattr(move, "outcome", None)
        super().push(party, move, at)


class LetsAnybody(Faulty):
    def check(self, party: Party, move: Move, at: int = 0) -> None:
        super().check(self.mover if type(move) is Walk else party, move, at)  # type: ignore[arg-type]


class Trips(Faulty):
    def check(self, party: Party, move: Move, at: int = 0) -> None:
        _ = move.kind
        super().check(party, move, at)


class Codeless(Faulty):
    def check(self, party: Party, move: Move, at: int = 0) -> None:
        try:
            super().check(party, move, at)
        except IllegalMove as error:
            error.code = ""
            raise


class CountsChecks(Faulty):
    checks = 0

    def check(self, party: Party, move: Move, at: int = 0) -> None:
        super().check(party, move, at)
        self.round += 1


class Endless(Faulty):
    def _next_round(self) -> None:
        self.round = 1
        self.mover = 0


class Rejects(Faulty):
    @property
    def legal(self) -> tuple[str, ...]:
        return ("offer", "accept", "walk", "reject")


class Forgetful(Faulty):
    games = 0

    def _end(self, result: Result) -> None:
        type(self).games += 1
        super()._end(result)
        self.round += type(self).games % 2


class Starts(Faulty):
    starts = 0

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        type(self).starts += 1
        self.standing = (0, 0) if self.starts % 2 else None


class ShowsAll(Faulty):
    def view(self, party: Party) -> View:
        view = super().view(party)
        view._sent = [self]  # type: ignore[list-item]
        return view


BROKEN: dict[type[Faulty], str] = {
    ActsFirst: "refusal",
    LetsAnybody: "check",
    Trips: "escapes",
    Codeless: "code",
    CountsChecks: "check",
    Endless: "ends",
    Rejects: "table",
    Forgetful: "fold",
    Starts: "pure-start",
    ShowsAll: "view",
}


@pytest.mark.parametrize("state", BROKEN, ids=lambda state: state.__name__)
def test_a_mistake_of_a_protocol_is_found(state: type[Faulty]) -> None:
    report = check_protocol(protocol_of(state), games=9)
    assert not report
    assert BROKEN[state] in {finding.rule for finding in report.findings}, str(report)


def test_rules_that_cannot_be_written_are_found() -> None:
    class Private(AlternatingOffers):
        secret: list[int] = []  # noqa: RUF012 - not hashable

    Private.__module__ = AlternatingOffers.__module__
    rules = {finding.rule for finding in check_protocol(Private(rounds=2), games=3).findings}
    assert "value" in rules


def test_a_protocol_without_a_table_is_told_so() -> None:
    class Tableless(AlternatingOffers):
        pass

    report = check_protocol(Tableless(rounds=2), games=3)
    assert report
    assert [finding.rule for finding in report.findings] == ["no-table"]
