"""The bidder interface: what a party of an auction or a market is given, and what it may answer.

Where a negotiation has one mover at a time, a :class:`~negotiate.strategy.Strategy` must answer each view with a
move. In an auction or a market everybody may move at any time, so a :class:`Bidder` may also answer with nothing.
It knows a :class:`BidderBrief`: the rules, what the lots are worth to it, and what is commonly known of the others.
"""

from __future__ import annotations

import hashlib
import random
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, Self, TypeAlias

from negotiate.protocol import View

if TYPE_CHECKING:
    from fractions import Fraction

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Protocol as Rules
    from negotiate.protocol import Result


class AuctionView(View):
    """What one bidder may see.

    Attributes:
        phase: where the auction stands.
        kinds: moves that I may make now.
        price: the standing price, the clock or the posted price, where there is one that I may see.
        least: the least amount that would be accepted from me now; None where that is secret or not asked.
        mine: my bid as it stands; None without one.
        leading: whether I would win if it closed now; False where that is secret.
        now: time of the last event, in milliseconds since the beginning.
        close: when it closes, in milliseconds since the beginning; None when that is open.
    """

    __slots__ = ("close", "kinds", "leading", "least", "mine", "now", "phase", "price")

    def __init__(self, party: Party) -> None:
        super().__init__(party, ((), ()))
        self.phase = ""
        self.kinds: tuple[str, ...] = ()
        self.price: int | None = None
        self.least: int | None = None
        self.mine: int | None = None
        self.leading = False
        self.now = 0
        self.close: int | None = None

    @property
    def legal(self) -> tuple[str, ...]:
        """Kinds of the moves that I may make now."""
        return self.kinds

    def snapshot(self) -> Self:
        """A view that stays as this one is now."""
        taken = copy(self)
        taken._seen, taken._turns, taken._received, taken._sent = None, [], [], []
        return taken


News: TypeAlias = "tuple[str, int, int, News | None]"
"""What everybody in a market saw happen, linked to what happened before: kind, price, quantity, news before.

The kinds: ``bid`` and ``ask``, an order that became the best of its side; ``buy`` and ``sell``, a trade that an
incoming order of that side made with a resting one, at the resting price. The chain is immutable and shared.
"""

TAPE = 1000
"""Trades that a view holds."""


class MarketView(AuctionView):
    """What one trader may see.

    Attributes:
        bid: the best price that a buyer offers; None without one.
        ask: the best price that a seller asks; None without one.
        mine: price of my newest order while it rests; None without one.
        news: the newest of what everybody saw happen; None before anything did.
        position: what I have bought less what I have sold.
        cash: what I have received less what I have paid.
        single: whether a new order of mine takes the place of the one that rests.
        improve: whether an order may rest only if it betters the best of its side.
    """

    __slots__ = (
        "_tape", "_taped", "ask", "bid", "cash", "improve", "news", "position", "single"
    )  # fmt: skip

    def __init__(self, party: Party, *, single: bool = False, improve: bool = False) -> None:
        super().__init__(party)
        self.bid: int | None = None
        self.ask: int | None = None
        self.news: News | None = None
        self.position = 0
        self.cash = 0
        self.single = single
        self.improve = improve
        self._tape: list[tuple[int, int]] = []
        self._taped: News | None = None

    @property
    def tape(self) -> list[tuple[int, int]]:
        """The newest trades, price and quantity, oldest first."""
        news, trades = self.news, list[tuple[int, int]]()
        while news is not self._taped and news is not None and len(trades) < TAPE:
            if news[0] == "buy" or news[0] == "sell":
                trades.append((news[1], news[2]))
            news = news[3]
        self._tape = (self._tape + trades[::-1])[-TAPE:]
        self._taped = self.news
        return self._tape

    def snapshot(self) -> Self:
        """A view that stays as this one is now."""
        taken = super().snapshot()
        taken._tape, taken._taped = [], None
        return taken


class ItemsView(AuctionView):
    """What one bidder may see where there are several units, or several items.

    Tuples have one entry for each item, in the order of the rules.

    Attributes:
        items: their names.
        supply: units of each.
        prices: of a unit of each: the clock, or the bids that stand.
        minimum: the least amounts that would be accepted from me now; empty where that is not asked.
        held: units of each that I would win if it closed now; empty where that is secret.
        demand: units of each that all together wanted in the last round; empty where that is secret.
        eligibility: points that I may still use; None without such a rule.
    """

    __slots__ = ("demand", "eligibility", "held", "items", "minimum", "prices", "supply")

    def __init__(self, party: Party, items: tuple[str, ...], supply: tuple[int, ...]) -> None:
        super().__init__(party)
        self.items, self.supply = items, supply
        self.prices: tuple[int, ...] = ()
        self.minimum: tuple[int, ...] = ()
        self.held: tuple[int, ...] = ()
        self.demand: tuple[int, ...] = ()
        self.eligibility: int | None = None


def commitment(name: str, amount: int, salt: str) -> str:
    """The hash that binds the party called ``name`` to ``amount``; the salt is long, random and its own."""
    text = f"negotiate sealed bid\0{name}\0{amount}\0{salt}"
    return hashlib.sha256(text.encode()).hexdigest()


class Prior(Protocol):
    """What is commonly known of one other party's value, or cost, of a unit: a distribution."""

    def cdf(self, value: float) -> float:
        """The chance that it is at most ``value``."""
        ...


@dataclass(frozen=True, slots=True)
class Stake:
    """What an auction or a market is worth to one party, as far as that party knows.

    Attributes:
        side: whether it came to buy or to sell.
        values: of the first unit it trades, the second, and so on; to a seller, the costs.
        packages: values of sets of items, where the items differ; a set that is not here is worth nothing.
        costs: to a seller, where quality counts: of each quality by name, what each level adds to its cost.
    """

    side: Literal["buy", "sell"] = "buy"
    values: tuple[int, ...] = ()
    packages: tuple[tuple[frozenset[str], int], ...] = ()
    costs: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def worth(self, units: int) -> int:
        """What the first ``units`` units are worth; to a seller, what they cost. Units beyond are worth nothing."""
        return sum(self.values[:units])

    def limit(self, traded: int) -> int | None:
        """Value (or cost) of the next unit after ``traded`` ones; None if no more is wanted."""
        return self.values[traded] if traded < len(self.values) else None

    def profit(self, units: int, payment: int | Fraction) -> int | Fraction:
        """What a party has gained that got ``units`` (negative: gave) and paid ``payment`` (negative: received)."""
        worth = self.worth(units) if units >= 0 else -self.worth(-units)
        return worth - payment


@dataclass(frozen=True)
class BidderBrief:
    """What a party knows before an auction or a market opens.

    Attributes:
        party: my seat.
        parties: the names of all seats.
        domain: what is traded.
        rules: the protocol.
        stake: what it is worth to me; in a common-value auction, my estimate.
        prior: what is commonly known of one rival's value; None if nothing is.
        bounds: least and largest price that is commonly known to make sense.
        seed: seed of my own random stream.
    """

    party: Party
    parties: tuple[str, ...]
    domain: Domain
    rules: Rules
    stake: Stake
    prior: Prior | None = None
    bounds: tuple[int, int] = (0, 10**18)
    seed: int = field(default=0, repr=False)

    @cached_property
    def random(self) -> random.Random:
        """My own random stream. It depends on the names of seed, market, seat and repetition only."""
        return random.Random(self.seed)  # noqa: S311 - play, not secrets


class Bidder:
    """Base of bidders and traders. Override :meth:`respond`, and the others where needed.

    Attributes:
        version: raise it when its moves change; stored results of the old one stay apart.
        plays: names of the protocols that it knows how to play.
        ignores_limit: whether it may pay more than its value, or take less than its cost; its docstring says why.
    """

    version: ClassVar[int] = 1
    plays: ClassVar[tuple[str, ...]] = ()
    ignores_limit: ClassVar[bool] = False

    brief: BidderBrief

    def begin(self, brief: BidderBrief) -> None:
        """Called once, before the opening. Overrides call ``super().begin(brief)``."""
        self.brief = brief

    def respond(self, view: AuctionView) -> AnyMove | None:
        """Answer with a legal move, or with None for nothing now."""
        raise NotImplementedError

    def end(self, result: Result) -> None:
        """Called once, after the close."""
