"""Moves worth trying: made from the fields of their classes, with numbers and names that a party can see."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin, get_type_hints

from negotiate.bidder import AuctionView, ItemsView
from negotiate.domain.issues import Domain, Outcome
from negotiate.moves import MarketMove, Move, Offer
from negotiate.protocols.hosted import HostedNegotiation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Negotiation

_TRIES = 3


def trials(
    state: HostedNegotiation, party: Party, domain: Domain, random: Random
) -> Iterator[AnyMove]:
    """Some moves of each kind that the rules know, guessed from what the party sees, and the protocol's examples."""
    guess = _Guess(state.view(party), domain, random)
    for cls in state.moves:
        for _ in range(_TRIES if fields(cls) else 1):
            yield guess.move(cls)
    yield from state.examples(party)


def foreign(
    state: HostedNegotiation, party: Party, domain: Domain, random: Random
) -> Iterator[AnyMove]:
    """A move of each kind that the rules do not know."""
    guess = _Guess(state.view(party), domain, random)
    for cls in (*get_args(Move), *get_args(MarketMove)):
        if cls not in state.moves:
            yield guess.move(cls)


def nonsense(state: Negotiation, domain: Domain, random: Random) -> list[object]:
    """What is no move, or a move that says what cannot be."""
    blank = object.__new__(Offer)
    off: list[object] = [Offer(cast("Outcome", outcome)) for outcome in _off(domain)]
    if isinstance(state, HostedNegotiation):
        off += _misfits(state, domain, random)
    return [None, "accept", 42, Offer, blank, *off]


def _off(domain: Domain) -> list[object]:
    """What looks like an outcome of the domain and is none."""
    rest = (0,) * (len(domain.sizes) - 1)
    firsts: tuple[object, ...] = (domain.sizes[0], -1, True, 0.0, None, "0")
    return [
        None,
        (),
        "0",
        rest,
        (0, 0, *rest),
        [0, *rest],
        *((first, *rest) for first in firsts),
    ]


def _misfits(state: HostedNegotiation, domain: Domain, random: Random) -> Iterator[AnyMove]:
    """Moves of the kinds that the rules know, each with a field of another type than its class says."""
    guess = _Guess(state.view(0), domain, random)
    for cls in state.moves:
        for field in fields(cls):
            for junk in _JUNK:
                if field.name != "outcome" and not _fits(junk, _hints(cls)[field.name]):
                    junked: dict[str, Any] = {field.name: junk}
                    yield replace(guess.move(cls), **junked)


_JUNK: tuple[object, ...] = (
    None, True, 1, 1.5, "", "x" * 300, (), ("x", 1), ((1,), (1,)), [1], {"x": 1}, b"x",
)  # fmt: skip


def _fits(value: object, kind: object) -> bool:
    origin = get_origin(kind)
    if origin is UnionType:
        return any(_fits(value, one) for one in get_args(kind))
    if origin is Literal:
        return value in get_args(kind)
    if origin is tuple:
        inner = get_args(kind)[0]
        return type(value) is tuple and all(_fits(one, inner) for one in cast("Outcome", value))
    return type(value) is (kind if kind is not None else NoneType)


@cache
def _hints(cls: type) -> dict[str, object]:
    """What the fields of a move may hold."""
    return get_type_hints(cls, localns={"Outcome": Outcome})


class _Guess:
    """Values for the fields of moves."""

    def __init__(self, view: AuctionView, domain: Domain, random: Random) -> None:
        self.view, self.domain, self.random = view, domain, random
        self.names: tuple[str, ...] = tuple("12345")
        self.most: tuple[int, ...] = (random.randint(1, 3),) * random.randint(1, 2)
        self.near = [0, 1, random.randint(0, 12), view.price, view.least]
        if isinstance(view, ItemsView):
            self.names, self.most = view.items, view.supply
            self.near += [*view.prices, *view.minimum, *(low + 1 for low in view.minimum)]

    def move(self, cls: type) -> AnyMove:
        hints = _hints(cls)
        values = {
            field.name: self.value(field.name, hints[field.name]) for field in fields(cls)
        }
        return cast("AnyMove", cls(**values))

    def value(self, name: str, kind: object) -> object:
        random = self.random
        if name == "round":
            return self.view.round
        if name == "outcome":
            return self.domain.at(random.randrange(self.domain.size))
        if get_origin(kind) is UnionType:
            one = random.choice(get_args(kind))
            return None if one is NoneType else self.value(name, one)
        if get_origin(kind) is Literal:
            return random.choice(get_args(kind))
        if get_origin(kind) is tuple:
            return self.several(get_args(kind)[0])
        if kind is bool:
            return random.random() < 0.5
        if kind is int:
            return random.choice([near for near in self.near if near is not None])
        return random.choice(self.names)

    def several(self, kind: object) -> tuple[object, ...]:
        """Names without repetition; or numbers, in any order or falling."""
        if kind is str:
            return tuple(
                self.random.sample(self.names, self.random.randint(1, len(self.names)))
            )
        numbers = [self.random.randint(0, most) for most in self.most]
        return tuple(sorted(numbers, reverse=self.random.random() < 0.5))
