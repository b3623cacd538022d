"""Checks protocols: the table is the truth, a refusal changes nothing, the log is all there is, and it ends.

Bargaining is tried with every move; where everybody may move at once, in auctions and markets, moves are guessed
from what a party sees, and time passes by leaps, to the deadlines. What no game came through is told as a fact.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import TYPE_CHECKING, TypeAlias, cast, get_args

from negotiate.checks.reach import reachable
from negotiate.checks.report import Fact, Notebook, Report, Rule, Severity
from negotiate.checks.trials import foreign, nonsense, trials
from negotiate.domain import Choice, Domain
from negotiate.errors import IllegalMove, LocalError
from negotiate.match import derive_seed
from negotiate.moves import CHANCE, Move, Offer
from negotiate.protocol import Agreement, NoAgreement, Reason, View, unfold
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import one_line, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Entry, Negotiation, Protocol

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

RULES: dict[str, Rule] = {
    "table": Rule(_ERROR, "let the code follow TABLE, or correct TABLE"),
    "no-table": Rule(
        _WARNING,
        "put a TABLE from (phase, kind of move) to phases into the module, and a phase property",
    ),
    "refusal": Rule(_ERROR, "check everything before anything is changed"),
    "check": Rule(_ERROR, "let push call check, and let check change nothing"),
    "escapes": Rule(
        _ERROR, "refuse foreign moves with IllegalMove; nothing else may leave check and push"
    ),
    "code": Rule(_ERROR, "give every IllegalMove a code that is not empty"),
    "pure-start": Rule(
        _ERROR, "let start make everything anew, and read nothing but its arguments"
    ),
    "fold": Rule(_ERROR, "keep all state a function of the rules and the moves"),
    "value": Rule(_ERROR, "make the rules a frozen model of plain values"),
    "starts": Rule(
        _ERROR, "let start take two, three or four parties; give a domain that fits the rules"
    ),
    "ends": Rule(_ERROR, "limit rounds or time, and let advance() apply the limit on time"),
    "view": Rule(
        _ERROR, "hand out copies; give a view no way to the negotiation or to another view"
    ),
}
"""What is checked, how bad a breach is, and its cure."""

_DOMAIN = Domain((Choice("a", ("x", "y", "z")), Choice("b", ("x", "y"))))
_STEPS = 3_000
_HOSTED_STEPS = 60
_KINDS = len(get_args(Move)) + 1  # moves that strangers try, too
_LONG = 10**15
_Table: TypeAlias = "Mapping[tuple[str, str], tuple[str, ...]]"


def check_protocol(
    protocol: Protocol, *, domain: Domain = _DOMAIN, seed: int = 0, games: int = 40
) -> Report:
    """Walk through a protocol, try everything at every phase, and tell everything that is wrong with it.

    Args:
        protocol: the rules to check.
        domain: what is negotiated; needed where the rules name issues.
        seed: of the walks.
        games: how many walks, with two to four parties.
    """
    notes = Notebook(RULES)
    table: _Table | None = getattr(sys.modules[type(protocol).__module__], "TABLE", None)
    if table is None:
        notes.add("no-table", f"{type(protocol).__name__} has no table to check it against")
    _check_value(protocol, notes)
    walk = _Walk(protocol, domain, table or {}, notes)
    for game in range(games):
        parties = 2 + game % 3
        random = Random(derive_seed("protocol", seed, game))  # noqa: S311 - play, not secrets
        try:
            _check_start(walk.start, parties, protocol, notes)
            walk.game(random, parties, f"{seed}/{game}", stubborn=game < 3)
        except LocalError:  # these rules are not for so many parties
            continue
    if games and not walk.games:
        notes.add(
            "starts",
            f"no game of {type(protocol).__name__} could be begun and played to its end",
        )
    return Report(type(protocol).__name__, notes.findings, walk.facts())


@dataclass
class _Walk:
    """Games played at random, trying at every step what should not be possible."""

    protocol: Protocol
    domain: Domain
    table: _Table
    notes: Notebook
    covered: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    tried: int = 0
    games: int = 0
    reasons: set[str] = field(default_factory=set[str])

    def start(self, parties: int) -> Negotiation:
        """A new game."""
        return self.protocol.start(self.domain, [f"p{i}" for i in range(parties)], 0)

    def game(self, random: Random, parties: int, seed: str, *, stubborn: bool) -> None:
        """One game: refusals first, then a legal move, until it is over."""
        self.seed, self.parties, self.random = seed, parties, random
        state = self.start(parties)
        hosted = isinstance(state, HostedNegotiation)
        log: list[tuple[Party, AnyMove, int]] = []
        at = 0
        self._isolated(state)
        if hosted:
            self._silent(parties)
        for step in range(_HOSTED_STEPS if hosted else _STEPS):
            self.step = step + 1
            at = self._later(state, at)
            state.advance(at)
            if state.result is not None:
                break
            legal = self._legal(state, at, thorough=step < 4 or random.random() < 0.03)
            if not legal:
                if hosted:
                    continue  # none was guessed; time passes
                self._note("ends", "no move is legal, and it is not over")
                return
            party, move = self._choose(legal, stubborn=stubborn)
            before = _phase(state)
            log.append((party, move, at))
            _push(state, party, move, at)
            self._followed(state, before, move)
        self._isolated(state)
        self._folds(state, log, self._over(state, at))
        self.games += 1

    def _silent(self, parties: int) -> None:
        """Nobody says anything."""
        self.step, state = 0, self.start(parties)
        state.advance(_LONG)
        if state.result is None:
            self._note("ends", "silence holds up the close")

    def _later(self, state: Negotiation, at: int) -> int:
        """The time of the next step; now and then that of a deadline."""
        if not self.protocol.needs_clock:
            return at
        if isinstance(state, HostedNegotiation) and self.random.random() < 0.15:
            close = state.view(0).close
            return at if close is None else max(at, close)
        return at + self.random.randint(0, 9)

    def facts(self) -> dict[str, Fact]:
        """What was walked, and the rows of the table that no game came through."""
        rows = {(phase, kind) for phase, kind, _ in self.covered}
        missed = sorted(f"{kind} in {phase}" for phase, kind in set(self.table) - rows)
        return {
            "games": self.games,
            "moves_tried": self.tried,
            "rows_reached": len(rows & set(self.table)),
            "rows_not_reached": ", ".join(missed) or "none",
            "ended_by": ", ".join(sorted(self.reasons)),
        }

    # -- trying ----------------------------------------------------------------------------------

    def _legal(
        self, state: Negotiation, at: int, *, thorough: bool
    ) -> list[tuple[Party, AnyMove]]:
        legal: list[tuple[Party, AnyMove]] = []
        strangers = (*range(-1, self.parties + 1), None, True, "0", 0.0) if thorough else ()
        for number, (by, move) in enumerate(self._moves(state, thorough=thorough)):
            movers = state.to_move if by is None else (by,)
            legal += [(p, move) for p in movers if self._allowed(state, p, move, at)]
            for stranger in strangers if number < _KINDS else ():
                self._allowed(state, stranger, move, at)
        if thorough and legal:
            self._ahead(state, legal[-1][1], at + _LONG)
        for junk in nonsense(state, self.domain, self.random) if thorough else ():
            for party in state.to_move[:1]:
                if self._allowed(state, party, junk, at):
                    self._note("escapes", f"{quote(junk)} is let through")
        return legal

    def _moves(
        self, state: Negotiation, *, thorough: bool
    ) -> list[tuple[Party | None, AnyMove]]:
        """Moves to try, each with who is to try it; None for all who may move."""
        domain, random = self.domain, self.random
        if isinstance(state, HostedNegotiation):
            tried: list[tuple[Party | None, AnyMove]] = [
                (p, move) for p in state.to_move for move in trials(state, p, domain, random)
            ]
            strange = foreign(state, 0, domain, random) if thorough else ()
            return [*tried, *((None, move) for move in strange)]
        outcomes = [domain.at(random.randrange(domain.size)) for _ in range(2)]
        others: list[Move] = [cls() for cls in get_args(Move) if cls is not Offer]
        return [(None, move) for move in (*map(Offer, outcomes), *others)]

    def _ahead(self, state: Negotiation, move: AnyMove, at: int) -> None:
        """A check at a time when deadlines have passed that have not taken effect yet."""
        seen = _observe(state, self.parties)
        self._refused(state.check, 0, move, at)
        if _observe(state, self.parties) != seen:
            self._note("check", f"check of {quote(move)} at a later time changes the state")

    def _allowed(self, state: Negotiation, party: object, move: object, at: int) -> bool:
        """Whether the protocol allows it; tries it where it does not, and looks that nothing changed."""
        self.tried += 1
        seen = _observe(state, self.parties)
        refused = self._refused(state.check, party, move, at)
        if _observe(state, self.parties) != seen:
            self._note("check", f"check of {quote(move)} changes the state")
        in_turn = type(party) is int and party in state.to_move
        if not refused and not in_turn:
            self._note(
                "check", f"{quote(move)} of party {quote(party)}, not to move, is let through"
            )
        row = (_phase(state), getattr(move, "kind", ""))
        if not refused and in_turn and self.table and row not in self.table:
            self._note(
                "table", f"{row[1]} passes in phase {row[0]}, where the table has no such row"
            )
        if refused:
            if not self._refused(state.push, party, move, at):
                self._note("check", f"push lets {quote(move)} through, which check refuses")
            elif _observe(state, self.parties) != seen:
                self._note("refusal", f"the refused {quote(move)} changes the state")
        return not refused and in_turn

    def _refused(self, call: object, party: object, move: object, at: int) -> bool:
        try:
            call(party, move, at)  # type: ignore[operator]
        except IllegalMove as error:
            if not error.code:
                self._note("code", f"the refusal of {quote(move)} has no code")
            return True
        except Exception as error:  # whatever it is, it should not be
            self._note("escapes", f"{quote(move)} raises {one_line(error)}")
            return True
        return False

    def _choose(
        self, legal: list[tuple[Party, AnyMove]], *, stubborn: bool
    ) -> tuple[Party, AnyMove]:
        if stubborn:  # goes on as long as the rules allow
            return min(legal, key=lambda m: ("offer", "proceed").count(m[1].kind) == 0)
        fresh = [m for m in legal if not any(m[1].kind == kind for _, kind, _ in self.covered)]
        return self.random.choice(fresh or legal)

    # -- looking ---------------------------------------------------------------------------------

    def _followed(self, state: Negotiation, before: str, move: AnyMove) -> None:
        after = _phase(state)
        self.covered.add((before, move.kind, after))
        over = isinstance(state.result, NoAgreement) and state.result.reason is Reason.DEADLINE
        follows = self.table.get((before, move.kind), (after,))
        if after not in follows and not over and state.mover != CHANCE:
            self._note(
                "table", f"{move.kind} in phase {before} leads to {after}, not {follows}"
            )

    def _over(self, state: Negotiation, at: int) -> int:
        """Look at the end, and let time bring it if nothing else did; the time of it."""
        if state.result is None and self.protocol.needs_clock:
            at += _LONG
            state.advance(at)
        if state.result is None:
            if self.parties * (self.protocol.steady_rounds or 0) < _STEPS // 2:
                self._note("ends", f"not over after {_STEPS:,} moves")
            return at
        agreed = isinstance(state.result, Agreement)
        self.reasons.add("accept" if agreed else state.result.reason)  # type: ignore[union-attr]
        if state.to_move:
            self._note("ends", "somebody is to move although it is over")
        for _, move in self._moves(state, thorough=True):
            for party in range(-1, self.parties):
                self._allowed(state, party, move, at)
        return at

    def _folds(
        self, state: Negotiation, log: list[tuple[Party, AnyMove, int]], at: int
    ) -> None:
        again = self.start(self.parties)
        try:
            for party, move, then in log:
                again.advance(then)
                _push(again, party, move, then)
            again.advance(at)
        except IllegalMove as error:
            self._note("fold", f"the same moves do not replay: {one_line(error)}")
            return
        same_log = unfold(again.last) == unfold(state.last)
        if not same_log or _observe(again, self.parties) != _observe(state, self.parties):
            self._note("fold", "the same moves give another state")

    def _isolated(self, state: Negotiation) -> None:
        for party in range(self.parties):
            view = state.view(party)
            if any(
                o is state or (isinstance(o, View) and o is not view) for o in reachable(view)
            ):
                self._note("view", f"the view of party {party} leads to more than itself")
            if view.party != party:
                self._note("view", f"party {party} is shown the view of party {view.party}")

    def _note(self, rule: str, message: str) -> None:
        self.notes.add(rule, message, seed=self.seed, view=getattr(self, "step", None))


def _check_value(protocol: Protocol, notes: Notebook) -> None:
    try:
        again = type(protocol).model_validate_json(protocol.model_dump_json())
        if again != protocol or hash(again) != hash(protocol):
            notes.add("value", "written and read again, the rules are others")
    except Exception as error:  # whatever pydantic or the model says
        notes.add("value", f"the rules cannot be written, read and hashed: {one_line(error)}")


def _check_start(
    start: Callable[[int], Negotiation], parties: int, protocol: Protocol, notes: Notebook
) -> None:
    rules = protocol.model_dump_json()
    first = start(parties)
    seen = _observe(first, parties)
    if _observe(start(parties), parties) != seen:
        notes.add("pure-start", "starting twice gives two different states")
    if protocol.model_dump_json() != rules:
        notes.add("pure-start", "start changes the rules")


def _push(state: Negotiation, party: Party, move: AnyMove, at: int) -> None:
    state.push(
        party, cast("Move", move), at
    )  # of auctions and markets only where these are tried


def _phase(state: Negotiation) -> str:
    return str(getattr(state, "phase", "done" if state.result is not None else "running"))


def _observe(state: Negotiation, parties: int) -> tuple[object, ...]:
    """What can be seen of a negotiation from outside, but for its log, of which only the end is looked at."""
    views = [
        (*_shown(v), v.standing_by, v.legal, _end(v.last))
        for v in map(state.view, range(parties))
    ]
    seen = (state.round, state.result, state.to_move, _end(state.last))
    return (*seen, _phase(state), getattr(state, "standing", None), views)


def _shown(view: View) -> list[object]:
    """What stands in a view, the log and its unfoldings left out."""
    cls: type = type(view)
    return [getattr(view, name, None) for name in _slots(cls)]


@cache
def _slots(cls: type) -> tuple[str, ...]:
    names = (name for base in cls.__mro__ for name in getattr(base, "__slots__", ()))
    return tuple(name for name in names if name != "last" and not name.startswith("_"))


def _end(last: Entry | None) -> tuple[object, ...] | None:
    return None if last is None else last[:4]
