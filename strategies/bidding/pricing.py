"""Sellers that post a price, and learn which: UCB, Exp3, a climber; and one that knows the demand.

A price is tried on buyers who come one after another; each that takes it brings the price less the cost. The learners
choose from a grid of ``prices`` prices, spread evenly from the cost, or the lower bound of the market if that is more,
to the upper bound. An instance keeps what it has learnt from one sale to the next.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import TYPE_CHECKING, ClassVar

from negotiate.bidder import AuctionView, Bidder, BidderBrief
from negotiate.errors import StrategyError
from negotiate.moves import Bid
from negotiate.protocol import unfold

if TYPE_CHECKING:
    from negotiate.moves import AnyMove
    from negotiate.protocol import Entry


class Pricer(Bidder):
    """Base of sellers that post a price. Give :meth:`choose`, and :meth:`learn` to learn."""

    plays: ClassVar[tuple[str, ...]] = ("posted-price",)

    def begin(self, brief: BidderBrief) -> None:
        """A new sale: nobody has answered yet."""
        super().begin(brief)
        self.cost = brief.stake.values[0] if brief.stake.values else 0
        self.low, self.high = max(brief.bounds[0], self.cost), brief.bounds[1]
        if self.low >= self.high:
            raise StrategyError(
                f"no price between the cost {self.cost} and the bound {self.high} gains anything",
                code="parameter",
            )
        self._read: Entry | None = None

    def respond(self, view: AuctionView) -> AnyMove | None:
        """Learn from the answers, then post the next price, if it is another."""
        if "bid" not in view.kinds:
            return None
        answered = 0
        for _, _, kind, value in unfold(view.last, self._read):
            if (kind == "accept" or kind == "walk") and value is not None:
                self.learn(int(str(value[0])), kind == "accept")
                answered += 1
        self._read = view.last
        if view.price is not None and not answered:
            return None  # nobody has seen this one yet
        price = self.choose()
        return None if price == view.price else Bid(price)

    @abstractmethod
    def choose(self) -> int:
        """The price for the next buyer."""

    def learn(self, price: int, sold: bool) -> None:
        """A buyer took this price, or left."""


class MonopolyPrice(Pricer):
    """Knows the distribution F of values, and posts the price that maximises ``(price - cost) (1 - F(price))``.

    Source: Myerson (1981), for one buyer.
    """

    def choose(self) -> int:
        """The best of a thousand prices."""
        prior, width = self.brief.prior, self.high - self.low
        step = max(1, width // 1000)

        def gain(price: int) -> float:
            chance = (price - self.low) / width if prior is None else prior.cdf(price)
            return (price - self.cost) * (1 - chance)

        return max(range(self.low, self.high + 1, step), key=gain)


@dataclass(eq=False)
class _GridPricer(Pricer):
    """Chooses from a grid."""

    prices: int = 10
    _grid: list[int] = field(default_factory=list[int], init=False, repr=False)
    _place: int = field(default=0, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """Lay the grid; what was learnt of another grid is forgotten."""
        if self.prices < 2:
            raise StrategyError(
                f"prices is {self.prices}; 2 or more are expected", code="parameter"
            )
        super().begin(brief)
        width = self.high - self.low
        grid = [self.low + width * (n + 1) // (self.prices + 1) for n in range(self.prices)]
        if grid != self._grid:
            self._grid = grid
            self._forget()

    def learn(self, price: int, sold: bool) -> None:
        """What this price brought, as a share of the most that any could."""
        if price == self._grid[self._place]:
            self._update((price - self.cost) / (self.high - self.cost) if sold else 0.0)

    def choose(self) -> int:
        """The next price of the grid."""
        self._place = self._pick()
        return self._grid[self._place]

    @abstractmethod
    def _forget(self) -> None:
        """Start from nothing."""

    @abstractmethod
    def _update(self, reward: float) -> None:
        """What the last pick brought."""

    @abstractmethod
    def _pick(self) -> int:
        """The place of the next price."""


@dataclass(eq=False)
class UcbPrice(_GridPricer):
    """UCB1: the price with the highest mean gain plus ``sqrt(c ln t / n)``, each one tried n times in t.

    Attributes:
        prices: on the grid.
        c: weight of what is not known; 2 as published.

    Source: Auer, Cesa-Bianchi & Fischer (2002); for posted prices Kleinberg & Leighton (2003).
    """

    c: float = 2.0

    def _forget(self) -> None:
        self._tries = [0] * self.prices
        self._gains = [0.0] * self.prices

    def _update(self, reward: float) -> None:
        self._tries[self._place] += 1
        self._gains[self._place] += reward

    def _pick(self) -> int:
        if 0 in self._tries:
            return self._tries.index(0)
        total = log(sum(self._tries))
        return max(range(self.prices), key=lambda n: self._bound(n, total))

    def _bound(self, place: int, total: float) -> float:
        tries = self._tries[place]
        return self._gains[place] / tries + sqrt(self.c * total / tries)


@dataclass(eq=False)
class Exp3Price(_GridPricer):
    """Exp3: prices at random, by weights that grow with what each has brought; made for demand that may change.

    Attributes:
        prices: on the grid.
        gamma: share of picks that are uniform.

    Source: Auer, Cesa-Bianchi, Freund & Schapire (2002), "The nonstochastic multiarmed bandit problem".
    """

    gamma: float = 0.1

    def _forget(self) -> None:
        self._logs = [0.0] * self.prices  # of the weights

    def _chances(self) -> list[float]:
        most = max(self._logs)
        weights = [exp(value - most) for value in self._logs]
        total, uniform = sum(weights), self.gamma / self.prices
        return [(1 - self.gamma) * weight / total + uniform for weight in weights]

    def _update(self, reward: float) -> None:
        chance = self._chances()[self._place]
        self._logs[self._place] += self.gamma * reward / chance / self.prices

    def _pick(self) -> int:
        left = self.brief.random.random()
        for place, chance in enumerate(self._chances()):
            left -= chance
            if left < 0:
                return place
        return self.prices - 1


@dataclass(eq=False)
class GradientPrice(Pricer):
    """Climbs the gain: tries a price a little above and a little below, and moves to where it gained more.

    All as shares of the way from the cost to the upper bound: in round k it tries ``x + width / k**(1/3)`` and ``x -
    width / k**(1/3)`` on ``sample`` buyers each, and moves x by ``rate / k`` times the slope that it found.

    Attributes:
        start: first x.
        rate: of the first move.
        width: of the first trial.
        sample: buyers that answer each price of a trial.

    Source: Kiefer & Wolfowitz (1952), "Stochastic estimation of the maximum of a regression function".
    """

    start: float = 0.5
    rate: float = 0.5
    width: float = 0.2
    sample: int = 5
    _x: float = field(default=-1.0, init=False, repr=False)
    _round: int = field(default=1, init=False, repr=False)
    _answers: int = field(default=0, init=False, repr=False)
    _slope: float = field(default=0.0, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """Start, on the first sale."""
        super().begin(brief)
        self._x = self.start if self._x < 0 else self._x

    def choose(self) -> int:
        """Above, then below."""
        side = 1 if self._answers < self.sample else -1
        share = min(max(self._x + side * self._reach, 0.0), 1.0)
        return max(self.low, round(self.cost + share * (self.high - self.cost)))

    def learn(self, price: int, sold: bool) -> None:
        """One more answer; after those to both prices, a step."""
        if price != self.choose():
            return  # an answer to the price before
        side = 1 if self._answers < self.sample else -1
        self._slope += side * sold * (price - self.cost) / (self.high - self.cost)
        self._answers += 1
        if self._answers == 2 * self.sample:
            slope = self._slope / self.sample / (2 * self._reach)
            self._x = min(max(self._x + self.rate / self._round * slope, 0.0), 1.0)
            self._round, self._answers, self._slope = self._round + 1, 0, 0.0

    @property
    def _reach(self) -> float:
        return float(self.width / self._round ** (1 / 3))
