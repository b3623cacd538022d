"""Checks strategies: legal moves, the reservation value, determinism, nothing from outside, every corner."""

from __future__ import annotations

import hashlib
import pickle
import statistics
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from negotiate import registry
from negotiate.checks.bounds import Bounds
from negotiate.checks.cases import Case, cases, large
from negotiate.checks.lookout import Perturbed
from negotiate.checks.processes import digests
from negotiate.checks.report import Fact, Notebook, Report, Rule, Severity
from negotiate.checks.witness import Erratic, Witness
from negotiate.errors import DomainError, StrategyError
from negotiate.match import Match, play
from negotiate.protocol import Agreement, Reason
from negotiate.registry import Spec
from negotiate.show import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from negotiate.domain import Scenario
    from negotiate.moves import Turn
    from negotiate.strategy import Strategy

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

RULES: dict[str, Rule] = {
    "make": Rule(_ERROR, "give every parameter a default value that works"),
    "raises": Rule(_ERROR, "whatever a method raises loses the match; catch what you expect"),
    "illegal-move": Rule(
        _ERROR,
        "return Offer(outcome), Accept() or another move of view.legal; look at view.standing; offer "
        "outcomes of brief.domain",
    ),
    "reservation": Rule(
        _ERROR,
        "compare with brief.preferences.reservation, and walk if space.max_utility is less; or declare "
        "ignores_reservation = True and say why in the docstring",
    ),
    "undocumented": Rule(
        _WARNING, "say in the docstring why it goes below its reservation value"
    ),
    "deterministic": Rule(
        _ERROR,
        "draw from brief.random alone, keep state in self, never on the class or in the module, and do not "
        "depend on the order of a set",
    ),
    "hash-seed": Rule(_ERROR, "do not depend on hash() of text or on the order of a set; sort"),
    "global-random": Rule(_ERROR, "draw from brief.random"),
    "wall-clock": Rule(_ERROR, "use view.time; a clock makes the same match end differently"),
    "mutation": Rule(_ERROR, "copy what you want to change"),
    "shared-state": Rule(
        _ERROR, "make lists and dictionaries in begin(), one for each instance"
    ),
    "pickle": Rule(_WARNING, "define the class at the top of a module that can be imported"),
    "steps": Rule(_ERROR, "do less in one turn; ask brief.preferences.space for outcomes"),
    "slow": Rule(
        _ERROR,
        "bound every loop, and ask brief.preferences.space instead of searching; what waits for a person or a network "
        "belongs into the program around the strategy",
    ),
    "died": Rule(_ERROR, "do not call exit; catch what compiled code may crash on"),
    "large": Rule(_WARNING, "ask brief.preferences.space; do not enumerate the domain"),
    "process": Rule(_WARNING, "make sure that the class imports in a fresh interpreter"),
}
"""What is checked, how bad a breach is, and its cure."""

_FAULTS = {Reason.ILLEGAL_MOVE: "illegal-move", Reason.TIMEOUT: "steps"}
_MILLION = 10**6
_LARGEST = 10**12


@dataclass(frozen=True)
class Plan:
    """How to examine a strategy; see :func:`check_strategy`.

    Attributes:
        scenarios: play these instead of random ones.
        seed: of the random scenarios and of all matches.
        count: how many random scenarios.
        processes: also play in two fresh interpreters.
        clock: nanoseconds.
        bounds: of real time.
    """

    scenarios: Sequence[Scenario] | None = None
    seed: int = 0
    count: int = 100
    processes: bool = False
    clock: Callable[[], int] = time.perf_counter_ns
    bounds: Bounds = field(default_factory=Bounds)


def check_strategy(
    strategy: str | Spec | type[Strategy],
    *,
    scenarios: Sequence[Scenario] | None = None,
    seed: int = 0,
    count: int = 100,
    processes: bool = False,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> Report:
    """Play a strategy against several rivals in many scenarios, and tell everything that is wrong with it.

    A strategy that never returns from a call is not cut; :func:`~negotiate.checks.check_apart` does that.

    Args:
        strategy: a registered name, ``package.module:Class``, a specification, or a class.
        scenarios: play these instead of random ones; corner cases are tried nevertheless.
        seed: of the random scenarios and of all matches.
        count: how many random scenarios.
        processes: also play in two fresh interpreters with different PYTHONHASHSEED; takes a second or two.
        clock: nanoseconds, to measure the cost of a move.

    Raises:
        UnknownName: no such name.
        StrategyError: the name is not one of a strategy, or its parameters do not fit.
    """
    return examine(_spec(strategy), Plan(scenarios, seed, count, processes, clock))


def examine(spec: Spec, plan: Plan) -> Report:
    """What :func:`check_strategy` finds, by a plan."""
    check = _Check(spec, plan)
    try:
        check.makes()
    except StrategyError as error:
        check.notes.add("make", str(error))
        return Report(spec.id, check.notes.findings, {})
    check.plays(list(_fitting(spec, plan.seed, plan.count, plan.scenarios)))
    largest = None if check.cut_short else check.large(plan.seed)
    facts = check.facts(largest)
    if plan.processes and not check.cut_short:
        facts["same_in_other_processes"] = check.processes(plan.seed)
    return Report(spec.id, check.notes.findings, facts)


def moves_digest(name: str, seed: int, count: int = 12) -> str:
    """A digest of all moves in some matches; equal wherever the strategy is deterministic."""
    spec = registry.strategy(name)
    hasher = hashlib.sha256()
    for case in _fitting(spec, seed, count, None):
        moves = _play(spec, case, Plan(), watch=False).match.moves
        hasher.update(repr([tuple(turn) for turn in moves]).encode())
    return hasher.hexdigest()


@dataclass(frozen=True)
class _Trial:
    """A case, played."""

    case: Case
    match: Match
    witnesses: dict[int, Witness]

    @property
    def own(self) -> list[Turn]:
        """What the strategy did, in all seats that it has."""
        return [turn for turn in self.match.moves if turn.party in self.witnesses]


class _Check:
    """One strategy being checked."""

    def __init__(self, spec: Spec, plan: Plan) -> None:
        self.spec = spec
        self.plan = plan
        self.bounds = plan.bounds
        self.notes = Notebook(RULES)
        self.trials: list[_Trial] = []
        self.costs: list[int] = []
        self.cut_short = False

    def makes(self) -> None:
        """Instances come fresh, and the specification can travel to another process."""
        first, second = self.spec.make(), self.spec.make()
        shared = [
            name
            for name, value in vars(first).items()
            if isinstance(value, (list, dict, set)) and vars(second).get(name) is value
        ]
        if first is second:
            self.notes.add("shared-state", "making it twice gives the same instance")
        for name in shared:
            self.notes.add(
                "shared-state", f"instances share the {name} that they were made with"
            )
        try:
            pickle.loads(pickle.dumps(first))  # noqa: S301 - what was pickled a moment ago
            pickle.loads(pickle.dumps(self.spec))  # noqa: S301
        except Exception as error:  # pickling runs foreign code
            self.notes.add("pickle", f"cannot travel to another process: {one_line(error)}")
        if self.spec.cls.ignores_reservation and "reserv" not in (self.spec.cls.__doc__ or ""):
            self.notes.add(
                "undocumented", "declares ignores_reservation without a word about it"
            )

    def plays(self, todo: Sequence[Case]) -> None:
        """All cases once, watched; then again backwards, with other shared randomness, timed."""
        for case in todo:
            if self._stops(case, len(todo)):
                return
            self.trials.append(_play(self.spec, case, self.plan, watch=True))
            self._judge(self.trials[-1])
        for trial in reversed(self.trials):
            if self._stops(trial.case, len(todo)):
                return
            if trial.match.reason is Reason.TIMEOUT:
                continue  # only the lookout could cut it, and it would not end a second time
            with Perturbed(seed=20_261_122) as outside:
                again = _play(self.spec, trial.case, self.plan, watch=False)
            self._compare(trial, again)
            if outside.touched:
                self._add("global-random", trial.case, "changes a generator that others share")
            self.costs += [cost for w in again.witnesses.values() for cost in w.costs]

    def _stops(self, case: Case, planned: int) -> bool:
        """Whether there is no time for another match, or one was cut already."""
        if self.bounds.spent and not self.bounds.rang:
            played = f"after {len(self.trials)} of {planned} matches"
            self.notes.add("slow", f"is too slow to be checked: time was up {played}")
        self.cut_short = self.bounds.rang or self.bounds.spent
        self.bounds.enter(f"in scenario {case.name}, seed {case.seed}")
        return self.cut_short

    def large(self, seed: int) -> int | None:
        """The largest domain that it can play; None if not even the smallest tried."""
        played: int | None = None
        for outcomes in (_MILLION, _LARGEST):
            case = large(seed, outcomes)
            try:
                _ = case.scenario.roles[0].preferences.space.max_utility
            except DomainError:  # the library itself cannot
                break
            self.bounds.enter(f"in a domain of {outcomes:,} outcomes")
            trial = _play(self.spec, case, self.plan, watch=True)
            if trial.match.fault in trial.witnesses:
                if not self.notes.broken("raises", "illegal-move", "steps"):  # it is the size
                    self._add("large", case, f"with {outcomes:,} outcomes: {trial.match.error}")
                break
            self._reservation(trial)
            played = outcomes
        return played

    def facts(self, largest: int | None) -> dict[str, Fact]:
        """What was measured."""
        agreed = sum(isinstance(trial.match.result, Agreement) for trial in self.trials)
        return {
            "matches": len(self.trials),
            "agreements": agreed,
            "moves": sum(len(trial.own) for trial in self.trials),
            "deterministic": None if self.cut_short else not self.notes.broken("deterministic"),
            "us_per_move": statistics.median(self.costs) / 1000 if self.costs else None,
            "uses_its_random_stream": any(
                witness.drew for trial in self.trials for witness in trial.witnesses.values()
            ),
            "multilateral": self.spec.cls.multilateral,
            "largest_domain": largest,
        }

    def processes(self, seed: int) -> bool | None:
        """Whether two interpreters with different hash seeds see the same moves; None if they cannot."""
        name = _name(self.spec)
        found = digests([name], seed) if name else "it has no name there"
        if isinstance(found, str):
            self.notes.add("process", f"does not play in a fresh interpreter: {found}")
            return None
        same = found[0] == found[1]
        if not same:
            self.notes.add("hash-seed", "other moves in processes with another PYTHONHASHSEED")
        return same

    # -- the rules -------------------------------------------------------------------------------

    def _judge(self, trial: _Trial) -> None:
        match, case = trial.match, trial.case
        at_fault = trial.witnesses.get(-1 if match.fault is None else match.fault)
        if at_fault is not None:
            rule = "slow" if self.bounds.rang else _FAULTS.get(match.reason, "raises")
            what = (match.error or "").removeprefix("Overrun: ")
            self._add(rule, case, what, at_fault.views)
        for witness in trial.witnesses.values():
            for rule, what, view in witness.contacts:
                self._add(rule, case, what, view)
            if witness.changed(case.scenario):
                self._add("mutation", case, "changes its brief or its preferences")
        self._reservation(trial)

    def _reservation(self, trial: _Trial) -> None:
        if self.spec.cls.ignores_reservation:
            return
        views = dict.fromkeys(trial.witnesses, 0)
        for turn, outcome in _with_outcomes(trial.match):
            if turn.party not in views:
                continue
            views[turn.party] += 1
            own = trial.case.scenario.twin.preferences[turn.party]
            if outcome is not None and own.utility(outcome) < own.reservation:
                what = f"{turn.kind}s what is worth less than its reservation value"
                self._add("reservation", trial.case, what, views[turn.party])

    def _compare(self, first: _Trial, again: _Trial) -> None:
        if first.match.moves == again.match.moves:
            return
        pairs = zip(first.own, again.own, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        view = same if same is not None else min(len(first.own), len(again.own))
        self._add("deterministic", first.case, "plays the same match differently", view + 1)

    def _add(self, rule: str, case: Case, message: str, view: int | None = None) -> None:
        self.notes.add(rule, message, scenario=case.name, view=view, seed=case.seed)


def _spec(strategy: str | Spec | type[Strategy]) -> Spec:
    if isinstance(strategy, str):
        return registry.strategy(strategy)
    if isinstance(strategy, Spec):
        return strategy
    return Spec(f"{strategy.__module__}:{strategy.__qualname__}", strategy)


def _name(spec: Spec) -> str:
    """What a fresh interpreter knows a specification by."""
    try:
        return spec.id if registry.strategy(spec.id) == spec else ""
    except (StrategyError, LookupError):
        return ""


def _fitting(
    spec: Spec, seed: int, count: int, scenarios: Sequence[Scenario] | None
) -> Iterator[Case]:
    for case in cases(seed, count, scenarios):
        if spec.cls.multilateral or len(case.scenario.roles) == 2:
            yield case


def _play(spec: Spec, case: Case, plan: Plan, *, watch: bool) -> _Trial:
    witnesses: dict[int, Witness] = {}

    def observed(seat: int) -> Strategy:
        witnesses[seat] = Witness(spec.make(), plan.clock, plan.bounds, watch=watch)
        return witnesses[seat]

    others = iter(case.rivals)
    seats = range(len(case.scenario.roles))
    players = [
        observed(seat) if seat == case.seat else _rival(next(others), partial(observed, seat))
        for seat in seats
    ]
    clock_of_match = _Steps() if case.protocol.needs_clock else None
    match = play(case.protocol, case.scenario, players, seed=case.seed, clock=clock_of_match)
    return _Trial(case, match, witnesses)


def _rival(name: str, itself: Callable[[], Strategy]) -> Strategy:
    if name == "itself":
        return itself()
    return Erratic() if name == "erratic" else registry.strategy(name).make()


class _Steps:
    """A clock that goes three milliseconds further each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 3
        return self.now


def _with_outcomes(match: Match) -> Iterator[tuple[Turn, tuple[int, ...] | None]]:
    """Every turn with what it puts its name to: the outcome offered or accepted, or None."""
    standing: tuple[int, ...] | None = None
    for turn in match.moves:
        if turn.outcome is not None:
            standing = turn.outcome
        yield turn, standing if turn.kind in ("offer", "accept") else None
