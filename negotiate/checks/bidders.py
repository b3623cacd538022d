"""Checks bidders and traders: legal moves, the limit, determinism, nothing from outside, every protocol they play."""

from __future__ import annotations

import hashlib
import inspect
import pickle
import statistics
import time
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from negotiate import registry
from negotiate.bidder import AuctionView, Bidder, BidderBrief
from negotiate.checks.lookout import Lookout, Perturbed
from negotiate.checks.processes import digests
from negotiate.checks.report import Fact, Notebook, Report, Rule, Severity
from negotiate.checks.strategies import RULES as STRATEGY_RULES
from negotiate.domain.markets import load_market
from negotiate.errors import LocalError, StrategyError
from negotiate.host import hold
from negotiate.markets import fitted, form_of, markets_for, stakes_of
from negotiate.match import Overrun, derive_seed
from negotiate.protocol import Allocation
from negotiate.registry import BidderSpec
from negotiate.show import one_line
from negotiate.strategies.bidding.pricing import Pricer
from negotiate.strategies.bidding.truthful import Truthful
from negotiate.strategies.trading.zero_intelligence import ZeroIntelligence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from negotiate.domain.markets import Market
    from negotiate.host import Host
    from negotiate.moves import AnyMove
    from negotiate.protocol import Protocol, Result

RULES: dict[str, Rule] = {
    **{
        name: rule
        for name, rule in STRATEGY_RULES.items()
        if name
        in ("make", "raises", "deterministic", "hash-seed", "global-random", "shared-state")
        or name in ("pickle", "steps", "process")
    },
    "wall-clock": Rule(
        Severity.ERROR, "use view.now and view.close; a clock cannot be repeated"
    ),
    "illegal-move": Rule(
        Severity.ERROR, "look at view.kinds and view.least; answer with None for nothing now"
    ),
    "limit": Rule(
        Severity.ERROR,
        "bid at most brief.stake.limit(units) for the next unit, and ask at least that; or declare ignores_limit = "
        "True and say why in the docstring",
    ),
    "undocumented": Rule(Severity.WARNING, "say in the docstring why it goes beyond its limit"),
    "plays": Rule(Severity.ERROR, "name in plays the protocols that it knows how to play"),
}
"""What is checked, how bad a breach is, and its cure."""

_FORMS: dict[str, tuple[str, ...]] = {
    "sealed-bid": (
        "", "[price=second]", "[price=third]", "[price=all-pay]", "[price=second,side=reverse]",
        "[commit_reveal=True]", "[reserve=300]",
    ),
    "english": ("", "[form=proxy]", "[window=3000,extension=5000]"),
    "clock-auction": ("", "[form=japanese]"),
    "contract-net": ("", "[rounds=3]"),
    "posted-price": ("", "[seller=True]"),
    "scoring": ("", "[rule=second_score]"),
}  # fmt: skip
_TICKS = {"continuous-market": 3000}


def check_bidder(
    bidder: str | BidderSpec | type[Bidder],
    *,
    seed: int = 0,
    count: int = 3,
    processes: bool = False,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> Report:
    """Hold auctions and markets with a bidder in them, and tell everything that is wrong with it.

    Each protocol that it plays is held on a bundled market, against others of its kind and against truthful ones. A
    bidder that never returns from a call is not cut.

    Args:
        bidder: a registered name, ``package.module:Class``, a specification, or a class.
        seed: of all auctions.
        count: how often each is held.
        processes: also play in two fresh interpreters with different PYTHONHASHSEED; takes a second or two.
        clock: nanoseconds, to measure the cost of an answer.

    Raises:
        UnknownName: no such name.
        StrategyError: the name is not one of a bidder, or its parameters do not fit.
    """
    spec = _spec(bidder)
    check = _Check(spec, clock)
    try:
        check.makes()
    except StrategyError as error:
        check.notes.add("make", str(error))
        return Report(spec.id, check.notes.findings, {})
    todo = list(_cases(spec, seed, count))
    if not todo:
        check.notes.add("plays", f"plays {spec.cls.plays!r}, none of which is a known protocol")
    for case in todo:
        check.plays(case)
    facts = check.facts(len(todo))
    if processes:
        facts["same_in_other_processes"] = check.processes(seed)
    return Report(spec.id, check.notes.findings, facts)


def moves_digest(name: str, seed: int) -> str:
    """A digest of all moves in some auctions; equal wherever the bidder is deterministic."""
    spec = registry.bidder(name)
    hasher = hashlib.sha256()
    for case in _cases(spec, seed, 1):
        hasher.update(repr(_held(spec, case).answers).encode())
    return hasher.hexdigest()


@dataclass(frozen=True)
class _Case:
    """One auction to hold.

    Attributes:
        name: unique in a check.
        rules: fitted to the market.
        market: what it is about.
        alone: whether truthful bidders sit in the other seats, and not others like it.
        seed: of the auction.
    """

    name: str
    rules: Protocol
    market: Market
    alone: bool
    seed: str


@dataclass
class _Held:
    """An auction with witnesses in it."""

    case: _Case
    witnesses: dict[int, _Witness]
    host: Host | None = None
    overrun: str = ""

    @property
    def answers(self) -> list[tuple[int, list[str]]]:
        """What the bidder answered in each of its seats."""
        return [(seat, witness.answers) for seat, witness in self.witnesses.items()]


class _Witness(Bidder):
    """Stands in for a bidder, passes every call on, and notes what the host does not."""

    def __init__(self, inner: Bidder, clock: Callable[[], int], *, watch: bool) -> None:
        self.inner, self.clock = inner, clock
        self.answers: list[str] = []
        self.costs: list[int] = []
        self.errors: list[str] = []
        self.contacts: list[tuple[str, str, int]] = []
        self._lookout = Lookout() if watch else None

    def begin(self, brief: BidderBrief) -> None:
        self.brief = brief
        self._called(lambda: self.inner.begin(brief))

    def respond(self, view: AuctionView) -> AnyMove | None:
        began = self.clock()
        move = self._called(lambda: self.inner.respond(view))
        self.costs.append(self.clock() - began)
        self.answers.append(repr(move))
        return move

    def end(self, result: Result) -> None:
        self._called(lambda: self.inner.end(result))

    @property
    def drew(self) -> bool:
        """Whether it has made use of its own random stream."""
        return hasattr(self, "brief") and "random" in vars(self.brief)

    def _called(self, call: Callable[[], AnyMove | None]) -> AnyMove | None:
        try:
            with self._lookout or nullcontext():
                return call()
        except (KeyboardInterrupt, Overrun):
            raise
        except BaseException as error:
            self.errors.append(one_line(error))
            raise RuntimeError from None
        finally:
            if self._lookout is not None:
                view = len(self.answers) + 1
                self.contacts += [(*contact, view) for contact in self._lookout.contacts]
                self._lookout.contacts.clear()


class _Check:
    """One bidder being checked."""

    def __init__(self, spec: BidderSpec, clock: Callable[[], int]) -> None:
        self.spec, self.clock = spec, clock
        self.notes = Notebook(RULES)
        self.moves = 0
        self.traded = 0
        self.costs: list[int] = []
        self.drew = False

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
            pickle.loads(pickle.dumps(self.spec))  # noqa: S301 - what was pickled a moment ago
        except Exception as error:  # pickling runs foreign code
            self.notes.add("pickle", f"cannot travel to another process: {one_line(error)}")
        if self.spec.cls.ignores_limit and not _says_why(self.spec.cls):
            self.notes.add("undocumented", "declares ignores_limit without a word about it")

    def plays(self, case: _Case) -> None:
        """A case, watched; then again, with other shared randomness, timed."""
        held = _held(self.spec, case, self.clock, watch=True)
        self._judge(held)
        if held.overrun:
            return
        with Perturbed(seed=20_261_122) as outside:
            again = _held(self.spec, case, self.clock)
        if outside.touched:
            self._add("global-random", case, "changes a generator that others share")
        if held.answers != again.answers:
            self._add("deterministic", case, "plays the same auction differently")
        self.costs += [cost for witness in again.witnesses.values() for cost in witness.costs]

    def _judge(self, held: _Held) -> None:
        case = held.case
        if held.overrun:
            self._add("steps", case, held.overrun)
        for witness in held.witnesses.values():
            for error in witness.errors:
                self._add("raises", case, error, len(witness.answers) + 1)
            for rule, what, view in witness.contacts:
                self._add(rule, case, what, view)
            self.moves += sum(answer != "None" for answer in witness.answers)
            self.drew |= witness.drew
        if held.host is None:
            return
        for receipt in held.host.receipts:
            if receipt.code not in ("", "error") and receipt.party in held.witnesses:
                self._add(
                    "illegal-move",
                    case,
                    f"{receipt.code}: the rules refused its {receipt.kind}",
                )
        self._limit(held)

    def _limit(self, held: _Held) -> None:
        """Nobody pays more than what it got is worth to it, as far as it knows; but all pay where all have to."""
        result = held.host.negotiation.result if held.host is not None else None
        if not isinstance(result, Allocation):
            return
        everybody_pays = getattr(held.case.rules, "price", "") == "all-pay"
        for seat, witness in held.witnesses.items():
            self.traded += bool(result.units[seat])
            stake = witness.brief.stake
            if self.spec.cls.ignores_limit or everybody_pays or stake.packages:
                continue
            per_click = held.case.rules.__class__.__name__ == "PositionAuction"
            units, paid = result.units[seat], Fraction(result.payments[seat])
            worth = units * stake.worth(1) if per_click else stake.profit(units, 0)
            if paid > worth:
                self._add(
                    "limit", held.case, "paid more than its value, or took less than its cost"
                )

    def facts(self, auctions: int) -> dict[str, Fact]:
        """What was measured."""
        return {
            "auctions": auctions,
            "protocols": ", ".join(self.spec.cls.plays),
            "moves": self.moves,
            "traded": self.traded,
            "deterministic": not self.notes.broken("deterministic"),
            "us_per_answer": statistics.median(self.costs) / 1000 if self.costs else None,
            "uses_its_random_stream": self.drew,
        }

    def processes(self, seed: int) -> bool | None:
        """Whether two interpreters with different hash seeds see the same moves; None if they cannot."""
        try:
            known = registry.bidder(self.spec.id) == self.spec
        except (StrategyError, LookupError):
            known = False
        found: list[list[str]] | str = "it has no name there"
        if known:
            found = digests([self.spec.id], seed, module=__name__)
        if isinstance(found, str):
            self.notes.add("process", f"does not play in a fresh interpreter: {found}")
            return None
        same = found[0] == found[1]
        if not same:
            self.notes.add("hash-seed", "other moves in processes with another PYTHONHASHSEED")
        return same

    def _add(self, rule: str, case: _Case, message: str, view: int | None = None) -> None:
        self.notes.add(rule, message, scenario=case.name, view=view, seed=case.seed)


def _spec(bidder: str | BidderSpec | type[Bidder]) -> BidderSpec:
    if isinstance(bidder, str):
        return registry.bidder(bidder)
    if isinstance(bidder, BidderSpec):
        return bidder
    return BidderSpec(f"{bidder.__module__}:{bidder.__qualname__}", bidder)


def _says_why(cls: type[Bidder]) -> bool:
    text = (inspect.getdoc(cls) or "").lower()
    return any(word in text for word in ("limit", "reservation", "loses", "below", "above"))


def _cases(spec: BidderSpec, seed: int, count: int) -> Iterator[_Case]:
    """Every form of every protocol that it plays, on markets in turn."""
    for name in spec.cls.plays:
        for form in _FORMS.get(name, ("",)):
            try:
                rules = registry.protocol(f"{name}{form}")
                fitting = markets_for(rules)
            except LocalError:
                continue
            if form_of(rules) == "arrivals" and not issubclass(spec.cls, Pricer):
                continue  # it has no seat for others
            if form_of(rules) == "two-sided":
                fitting = ("symmetric-market", "two-sided-uniform")
            for number in range(count if fitting else 0):
                market = load_market(fitting[number % len(fitting)])
                yield _Case(
                    f"{name}{form} on {market.name}",
                    fitted(rules, market),
                    market,
                    alone=number % 2 == 0,
                    seed=f"{seed}/{name}{form}/{number}",
                )


def _held(
    spec: BidderSpec,
    case: _Case,
    clock: Callable[[], int] = time.perf_counter_ns,
    *,
    watch: bool = False,
) -> _Held:
    drawn = case.market.draw(
        lambda *names: Random(derive_seed("checks", case.seed, *names))  # noqa: S311 - play
    )
    stakes = stakes_of(drawn)
    other = ZeroIntelligence if case.market.form == "two-sided" else Truthful
    mine = [0, len(stakes) // 2] if case.alone else range(len(stakes))
    if case.market.form == "arrivals":
        mine = [0]
    held = _Held(case, {seat: _Witness(spec.make(), clock, watch=watch) for seat in mine})
    seats: list[tuple[str, Bidder]] = [
        (f"seat-{n + 1}", held.witnesses.get(n) or other()) for n in range(len(stakes))
    ]
    try:
        held.host = hold(
            case.rules,
            case.market.domain,
            seats,
            stakes,
            seed=derive_seed("checks", case.seed, "host"),
            prior=case.market.model.prior,
            bounds=case.market.bounds,
            tick=_TICKS.get(str(getattr(case.rules, "name", "")), 1000),
        )
    except Overrun as late:
        held.overrun = str(late)
    return held
