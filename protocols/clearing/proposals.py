"""Contract net: a call for proposals, answers until a deadline, and one acceptance.

Each participant may answer once. Answers at or after the deadline are ignored as late; a second answer is
ignored as not understood. The cheapest proposal at or below the ceiling is accepted, the earliest of equals; all
other proposals that counted are rejected.

Sources: Smith (1980); FIPA Contract Net Interaction Protocol, SC00029H (2002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from negotiate.protocols.clearing.amounts import Amount


class Answer(NamedTuple):
    """What a participant sent back."""

    sender: str
    kind: Literal["propose", "refuse", "not-understood"]
    price: Amount | None
    time: Amount


class Awarded(NamedTuple):
    """Whom the initiator accepts, whom it rejects, and what did not count and why."""

    accept: str | None
    reject: list[str]
    ignored: list[tuple[str, str]]


def contract_net(
    answers: Iterable[Answer], deadline: Amount | None = None, ceiling: Amount | None = None
) -> Awarded:
    """Choose among the answers, in the order in which they came."""
    counted: dict[str, Answer] = {}
    ignored: list[tuple[str, str]] = []
    for answer in answers:
        if deadline is not None and answer.time >= deadline:
            ignored.append((answer.sender, "late"))
        elif answer.sender in counted:
            ignored.append((answer.sender, "not-understood"))
        else:
            counted[answer.sender] = answer
    prices = {
        sender: answer.price
        for sender, answer in counted.items()
        if answer.kind == "propose" and answer.price is not None
    }
    fair = {s: price for s, price in prices.items() if ceiling is None or price <= ceiling}
    accept = min(fair, key=lambda sender: fair[sender], default=None)
    return Awarded(accept, [sender for sender in prices if sender != accept], ignored)
