"""Alternating offers keeps to its table: every phase, every move, every variant, against a plain model.

At each step of a random walk every party tries every move. What the model allows passes the check; the rest is
refused with the right code and changes nothing, to the last private attribute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from negotiate.errors import IllegalMove
from negotiate.moves import CHANCE, Move, Offer, Party
from negotiate.protocol import Agreement, NoAgreement, Reason, View, unfold
from negotiate.protocols.alternating_offers import (
    TABLE,
    AlternatingNegotiation,
    AlternatingOffers,
)
from negotiate.testing import alternating_offers, domains
from tests.protocols.model import Model

if TYPE_CHECKING:
    from negotiate.domain import Domain

_KEPT = [name for name in AlternatingNegotiation.__slots__ if name != "_valid"]


def snapshot(state: AlternatingNegotiation) -> dict[str, object]:
    """Everything there is, views and private parts included; only the memory of valid outcomes is left out."""
    found = {name: getattr(state, name) for name in _KEPT if name != "_views"}
    for view in state._views:
        found |= {f"view {view.party} {name}": getattr(view, name) for name in View.__slots__}
    return {k: list(v) if isinstance(v, list) else v for k, v in found.items()}


def refusal(call: object, party: object, move: object, at: int) -> str | None:
    try:
        call(party, move, at)  # type: ignore[operator]
    except IllegalMove as error:
        return error.code
    return None


class AlternatingOffersMachine(RuleBasedStateMachine):
    """The library's negotiation and the model, side by side."""

    @initialize(
        rules=alternating_offers(max_rounds=5),
        domain=domains(max_issues=2, max_values=3),
        parties=st.integers(2, 5),
    )
    def begin(self, rules: AlternatingOffers, domain: Domain, parties: int) -> None:
        self.protocol, self.domain, self.parties = rules, domain, parties
        self.names = [f"p{i}" for i in range(parties)]
        self.state = rules.start(domain, self.names, 1000)
        self.model = Model(rules, domain, parties)
        self.pushed: list[tuple[Party, Move, int]] = []

    @property
    def at(self) -> int:
        return 1000 + self.model.now

    def moves(self) -> list[Move]:
        others = [cls() for cls in get_args(Move) if cls is not Offer]
        return [Offer(self.domain.at(0)), Offer(self.domain.at(self.domain.size - 1)), *others]

    @rule()
    def everybody_tries_everything(self) -> None:
        strangers: list[object] = [-2, self.parties, None, True, 0.0, "0"]
        junk: list[object] = [None, 42, "accept", Offer, Offer(()), Offer((99,) * 9), object()]
        for party in [*range(CHANCE, self.parties), *strangers]:
            for move in [*self.moves(), *junk]:
                before = snapshot(self.state)
                expected = self.model.refusal(party, move, self.model.now)
                assert refusal(self.state.check, party, move, self.at) == expected
                assert snapshot(self.state) == before
                if expected is not None:
                    assert refusal(self.state.push, party, move, self.at) == expected
                    assert snapshot(self.state) == before

    @precondition(lambda self: self.model.reason is None)
    @rule(data=st.data())
    def somebody_moves(self, data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(self.model.legal))
        if kind in ("walk", "breakdown") and data.draw(st.integers(0, 3)):
            return  # else most games would end at once
        cls = next(cls for cls in get_args(Move) if cls.kind == kind)
        place = data.draw(st.integers(0, self.domain.size - 1))
        move = Offer(self.domain.at(place)) if cls is Offer else cls()
        before = self.model.phase
        party = self.model.mover
        assert party is not None
        self.state.push(party, move, self.at)
        self.model.push(party, move, self.model.now)
        self.pushed.append((party, move, self.at))
        deadline = self.model.reason == "deadline"
        assert deadline or self.model.phase in (*TABLE[before, kind], "chance")

    @rule(ms=st.integers(0, 60))
    def time_passes(self, ms: int) -> None:
        self.state.advance(self.at + ms)
        self.model.wait(self.model.now + ms)

    @precondition(lambda self: self.protocol.time_limit is not None and self.model.now > 0)
    @rule()
    def time_cannot_run_back(self) -> None:
        if self.model.mover is not None:
            assert refusal(self.state.push, self.model.mover, self.moves()[0], 1000) == "clock"

    @invariant()
    def both_see_the_same(self) -> None:
        state, model = self.state, self.model
        assert (state.phase, state.mover, state.round) == (
            model.phase,
            model.mover,
            model.round,
        )
        assert list(state.legal) == model.legal
        assert state.standing == model.standing
        assert [tuple(turn) for turn in unfold(state.last)] == model.log

    @invariant()
    def the_result_is_what_the_rules_say(self) -> None:
        result, reason = self.state.result, self.model.reason
        if reason is None:
            assert result is None
        elif reason == "accept":
            assert self.model.agreed is not None
            outcome, by, time = self.model.agreed
            assert result == Agreement(outcome, by, self.model.round, time)  # type: ignore[arg-type]
        else:
            by = self.model.log[-1][1] if reason == "walk" else None
            assert result == NoAgreement(Reason(reason), by, self.model.round)

    @invariant()
    def whoever_is_to_move_sees_where_it_stands(self) -> None:
        if self.model.mover is None or self.model.mover == CHANCE:
            return
        view = self.state.view(self.model.mover)
        turns = [tuple(turn) for turn in view.turns]
        offers = [(p, o) for _, p, _, o in self.model.log if o is not None]
        assert (view.round, view.standing, turns) == (
            self.model.round,
            self.model.standing,
            self.model.log,
        )
        assert list(view.legal) == self.model.legal
        assert view.time == self.model.time
        assert view.received == [o for p, o in offers if p != view.party]
        assert view.sent == [o for p, o in offers if p == view.party]
        assert view.standing_by == (offers[-1][0] if view.standing is not None else None)
        assert view.standing_by != view.party  # nobody accepts its own offer

    def teardown(self) -> None:
        """The log is all there is: the same moves give the same state."""
        if not hasattr(self, "state"):
            return
        again = self.protocol.start(self.domain, self.names, 1000)
        for party, move, at in self.pushed:
            again.advance(at)
            again.push(party, move, at)
        again.advance(self.at)
        for party in range(self.parties):
            assert again.view(party).turns == self.state.view(party).turns
        for name in ("mover", "result", "round", "standing", "phase", "legal", "to_move"):
            assert getattr(again, name) == getattr(self.state, name)
        assert unfold(again.last) == unfold(self.state.last)


AlternatingOffersMachine.TestCase.settings = settings(
    max_examples=80, stateful_step_count=20, deadline=None
)
TestAlternatingOffers = AlternatingOffersMachine.TestCase
