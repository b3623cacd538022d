"""A seat for a language model: the model proposes an action as data, a deterministic guard decides what is done.

The model is any callable from a prompt to a text. Nothing that it says can make the seat accept or offer less than the
reservation value or break the rules, the mandate or the domain, and what the other side says reaches it as grid values
only. Calls are recorded, so that a run replays without the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from negotiate.domain.preferences import SCALE
from negotiate.errors import NegotiateError, StrategyError
from negotiate.moves import Move, Offer
from negotiate.show import quote
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from negotiate.domain.issues import Issue, Outcome
    from negotiate.protocol import Result

Complete: TypeAlias = Callable[[str], str]
"""A language model: from a prompt to its answer."""

Mandate: TypeAlias = "Callable[[Outcome], bool]"
"""Whether the seat may sign an outcome."""

_SHOWN = 12  # values of an issue, and offers of the other side, that a prompt lists
_LONGEST = 20_000  # characters of an answer that are read


class Call(NamedTuple):
    """One exchange with the model.

    Attributes:
        prompt: what it was asked.
        answer: what it said.
    """

    prompt: str
    answer: str


@dataclass
class Recorder:
    """Keeps every exchange with a model, and hands it on as JSON.

    Attributes:
        complete: the model.
        calls: the exchanges, oldest first.
    """

    complete: Complete
    calls: list[Call] = field(default_factory=lambda: cast("list[Call]", []))

    def __call__(self, prompt: str) -> str:
        """Ask the model and keep what it said."""
        answer = self.complete(prompt)
        self.calls.append(Call(prompt, answer))
        return answer

    def to_json(self) -> str:
        """The exchanges as JSON text; :func:`replay` answers from it."""
        return json.dumps([call._asdict() for call in self.calls])


def replay(text: str) -> Complete:
    """A model that gives the recorded answers, in order, to the recorded prompts.

    Args:
        text: what :meth:`Recorder.to_json` wrote.

    Raises:
        StrategyError: it does not read; and, when it is asked, another prompt comes than the recorded one.
    """
    try:
        calls = iter([Call(**entry) for entry in json.loads(text)])
    except (ValueError, TypeError) as error:
        raise StrategyError(f"{quote(text)} does not read as calls", code="calls") from error

    def answer(prompt: str) -> str:
        call = next(calls, None)
        if call is None or call.prompt != prompt:
            raise StrategyError("the run differs from the recorded one", code="calls")
        return call.answer

    return answer


class RefusedError(Exception):
    """What the model proposed cannot be done; the text says why, for its next attempt."""


@dataclass
class LanguageSeat(Strategy):
    """Lets a language model propose each move, and does what it proposes only if a guard lets it pass.

    The model answers with a JSON object: ``{"action": "offer", "outcome": {issue: value}}`` or ``{"action":
    "accept"}``. The guard refuses what does not read, is not in the domain, is below the reservation value, below
    what ``least`` would still demand less the margin, or outside the mandate. A refused model is told why and asked
    again; after the last attempt, or if it raises, ``least`` moves. In the last round an acceptable standing offer
    is accepted whatever the model says; the seat walks only where nothing is acceptable.

    Source: the guards that language models need as negotiators, from NegotiationArena (Bianchi et al. 2024) and
    "Measuring bargaining abilities of LLMs" (Xia et al. 2024): they are moved by prompts of desperation and by first
    offers; ours.

    Attributes:
        complete: the model; wrap it in a :class:`Recorder` to keep its calls.
        least: the deterministic strategy behind the guard.
        margin: how far below the offer of ``least`` the model may go, a utility.
        mandate: what the seat may sign; everything, if None.
        persona: what the model is told about its task, before the facts.
        attempts: how often it is asked for one move.
    """

    complete: Complete
    least: TimeDependent = field(default_factory=TimeDependent)
    margin: float = 0.1
    mandate: Mandate | None = None
    persona: str = "You negotiate on behalf of your principal."
    attempts: int = 2

    def begin(self, brief: Brief) -> None:
        """Prepare the guard."""
        super().begin(brief)
        self.least.begin(brief)
        self.own = brief.preferences
        self.refusals: list[str] = []

    def respond(self, view: View) -> Move:
        """Ask the model, guard its answer, fall back on the deterministic strategy."""
        fallback = self.least.respond(view)
        if fallback == WALK:
            return fallback
        if view.rounds_left == 1 and self._signable(view.standing):
            return ACCEPT
        why = ""
        for _ in range(self.attempts):
            try:
                return self._guarded(view, self.complete(self.prompt(view, why)))
            except RefusedError as refused:
                why = str(refused)
                self.refusals.append(why)
            except Exception as error:  # a model may raise anything; the seat plays on
                self.refusals.append(f"the model failed: {type(error).__name__}")
                break
        return self._within_mandate(fallback, view)

    def end(self, result: Result) -> None:
        """Tell the deterministic strategy."""
        self.least.end(result)

    def prompt(self, view: View, why: str = "") -> str:
        """What the model is asked: facts as data, nothing that the other side wrote."""
        facts = {
            "issues": {issue.name: _values(issue) for issue in self.brief.domain.issues},
            "round": view.round,
            "rounds": view.rounds,
            "my_offers": [self._shown(o) for o in view.sent[-_SHOWN:]],
            "their_offers": [self._shown(o) for o in view.received[-_SHOWN:]],
            "standing_offer": None if view.standing is None else self._shown(view.standing),
            "least_acceptable_utility": self.own.reservation / SCALE,
        }
        refused = f"\nYour last answer was refused: {why}" if why else ""
        return (
            f"{self.persona}\n{json.dumps(facts)}\n"
            'Answer with one JSON object: {"action": "offer", "outcome": {issue: value}} or '
            f'{{"action": "accept"}}.{refused}'
        )

    def _shown(self, outcome: Outcome) -> dict[str, object]:
        utility = round(self.own.utility(outcome) / SCALE, 4)
        return {"outcome": self.brief.domain.plain(outcome), "my_utility": utility}

    def _guarded(self, view: View, answer: str) -> Move:
        action = _parsed(answer)
        kind = action.get("action")
        if kind == "accept":
            if view.standing is None:
                raise RefusedError("there is no offer to accept")
            self._check(view.standing, self.own.reservation)
            return ACCEPT
        if kind == "offer":
            outcome = self._read(action.get("outcome"))
            demanded = self.own.utility(self.least.propose(view)) - self.margin * SCALE
            self._check(outcome, max(demanded, self.own.reservation))
            return Offer(outcome)
        raise RefusedError('"action" must be "offer" or "accept"')

    def _read(self, values: object) -> Outcome:
        if not isinstance(values, dict):
            raise RefusedError('"outcome" must be an object with a value for each issue')
        pairs = cast("dict[str, object]", values)
        try:
            return tuple(
                issue.parse(str(pairs[issue.name])) if issue.name in pairs else _missing(issue)
                for issue in self.brief.domain.issues
            )
        except NegotiateError as error:
            raise RefusedError(str(error)) from error

    def _check(self, outcome: Outcome, least: float) -> None:
        if self.own.utility(outcome) < least:
            raise RefusedError(f"that is worth less than {least / SCALE:.4f}")
        if self.mandate is not None and not self.mandate(outcome):
            raise RefusedError("that is outside the mandate")

    def _signable(self, outcome: Outcome | None) -> bool:
        if outcome is None or self.own.utility(outcome) < self.own.reservation:
            return False
        return self.mandate is None or self.mandate(outcome)

    def _within_mandate(self, move: Move, view: View) -> Move:
        outcome = move.outcome if isinstance(move, Offer) else view.standing
        if self._signable(outcome):
            return move
        # The best outcome that may be signed, as far as a few of the best ones go; else there is nothing to do here.
        space = self.own.space
        for k in range(min(space.size, 1000)):
            if self._signable(space.kth(k)):
                return Offer(space.kth(k))
        return WALK


def _parsed(answer: str) -> dict[str, object]:
    text = answer[:_LONGEST]
    first, last = text.find("{"), text.rfind("}")
    try:
        found: object = json.loads(text[first : last + 1])
    except (ValueError, RecursionError) as error:
        raise RefusedError("the answer holds no JSON object") from error
    if not isinstance(found, dict):
        raise RefusedError("the answer holds no JSON object")
    return cast("dict[str, object]", found)


def _missing(issue: Issue) -> int:
    raise RefusedError(f"no value for issue {issue.name!r}")


def _values(issue: Issue) -> object:
    if issue.size <= _SHOWN:
        return [issue.show(position) for position in range(issue.size)]
    return {"from": issue.show(0), "to": issue.show(issue.size - 1), "values": issue.size}
