"""AA: aggressiveness towards an estimate of the equilibrium price, both learned."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import exp, floor, log1p, sqrt
from typing import TYPE_CHECKING

from negotiate.strategies.trading.trader import Trader, signed_book, unanswered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import BidderBrief, MarketView, News


@dataclass(eq=False)
class AdaptiveAggressive(Trader):
    """AA: quotes towards a target between its limit, the equilibrium that it estimates, and the far bound.

    The estimate e is the mean of the last ``window`` prices, each weighted ``decay`` times the next newer one. With
    aggressiveness r in [-1, 1] and ``y(r) = (exp(r theta) - 1) / (exp(theta) - 1)`` the target of a buyer is

    * with its limit above e: ``e + (limit - e) y(r)`` for r >= 0, else ``e - (e - low) y(-r)``;
    * else: the limit for r >= 0, else ``limit - (limit - low) y(-r)``.

    After each trade at q, a buyer whose target is q or more becomes less aggressive, else more; after each bid that
    is not taken and reaches its target, more: ``r += short * ((1 +- relative) r_q +- absolute - r)``, with r_q the
    aggressiveness whose target is q. After each trade theta moves by ``long`` towards ``-8 + 10 (1 - a exp(2 (a -
    1)))``, with a the place of Smith's alpha of the last prices between the least and the largest seen.

    It takes an ask at or below its target; else it quotes ``(target - best bid) / eta`` above the best bid, and before
    the first trade ``(min(limit, ask) - best bid) / eta``. Sellers do likewise with the signs turned.

    Attributes:
        eta: how many steps it takes to the target; 3 as published.
        window: trades that the estimate rests on; 5.
        decay: weight of a price to that of the next newer one; 0.9.
        relative: relative step of the aggressiveness; 0.02.
        absolute: absolute step of the aggressiveness; 0.01.
        rate_low: least of both learning rates, which each trader draws; 0.1.
        rate_high: largest of both learning rates; 0.5.

    Sources: Vytelingum (2006); Vytelingum, Cliff & Jennings (2008), "Strategic bidding in continuous double
    auctions"; De Luca & Cliff (2011) for the form of the target and the learning rates.
    """

    eta: float = 3.0
    window: int = 5
    decay: float = 0.9
    relative: float = 0.02
    absolute: float = 0.01
    rate_low: float = 0.1
    rate_high: float = 0.5
    _prices: deque[int] = field(default_factory=deque[int], init=False, repr=False)
    _drawn: bool = field(default=False, init=False, repr=False)
    _r: float = field(default=0.0, init=False, repr=False)
    _theta: float = field(default=0.0, init=False, repr=False)
    _short: float = field(default=0.0, init=False, repr=False)
    _long: float = field(default=0.0, init=False, repr=False)
    _spread: tuple[float, float] | None = field(default=None, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """Draw what this trader is like, on its first day."""
        super().begin(brief)
        self._far = min(self.low * self.sign, self.high * self.sign)
        if not self._drawn:
            random = brief.random
            self._short = random.uniform(self.rate_low, self.rate_high)
            self._long = random.uniform(self.rate_low, self.rate_high)
            self._r, self._theta = -0.3 * random.random(), -5 * random.random()
            self._prices = deque(maxlen=self.window)
            self._drawn = True

    # -- learning ------------------------------------------------------------------------------------

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Learn from trades, and from quotes of the own side that are not taken."""
        if limit is None:
            limit = self.limits[-1] if self.limits else 0
        most = limit * self.sign
        refused = "bid" if self.buys else "ask"
        for kind, price, _, _ in news or unanswered(view, self.sign):
            if kind == "buy" or kind == "sell":
                self._prices.append(price * self.sign)
                self._adapt()
                self._aim(price * self.sign, most, less=self._target(most) >= price * self.sign)
            elif kind == refused and self._prices and self._target(most) <= price * self.sign:
                self._aim(price * self.sign, most, less=False)

    def _estimate(self) -> float:
        weight, total, weights = 1.0, 0.0, 0.0
        for price in reversed(self._prices):
            total += weight * price
            weights += weight
            weight *= self.decay
        return total / weights

    def _adapt(self) -> None:
        """Long-term learning, after a trade."""
        e = self._estimate()
        alpha = sqrt(sum((price - e) ** 2 for price in self._prices) / len(self._prices))
        alpha /= abs(e) or 1.0
        low, high = self._spread or (alpha, alpha)
        low, high = self._spread = min(low, alpha), max(high, alpha)
        if high > low:
            place = (alpha - low) / (high - low)
            wanted = -8 + 10 * (1 - place * exp(2 * (place - 1)))
            self._theta += self._long * (wanted - self._theta)

    def _aim(self, price: int, most: int, *, less: bool) -> None:
        """Short-term learning: towards a little less or more than what this price shows."""
        shown = self._aggressiveness(price, most)
        turn = -1 if less else 1
        wanted = (1 + turn * self.relative) * shown + turn * self.absolute
        self._r = max(-1.0, min(1.0, self._r + self._short * (wanted - self._r)))

    # -- the target and its inverse ------------------------------------------------------------------

    def _target(self, most: int) -> float:
        e, r = self._estimate(), self._r
        middle = min(e, most)  # from where an aggressive trader goes up, a passive one down
        if r >= 0:
            return middle + (most - middle) * self._curve(r)
        return middle - (middle - self._far) * self._curve(-r)

    def _aggressiveness(self, price: int, most: int) -> float:
        """The r whose target is ``price``, as near as it goes."""
        middle = min(self._estimate(), most)
        if price >= middle:
            return self._inverse((price - middle) / (most - middle)) if most > middle else 0.0
        return -self._inverse((middle - price) / (middle - self._far))

    def _curve(self, r: float) -> float:
        theta = self._theta
        return r if abs(theta) < 1e-9 else (exp(r * theta) - 1) / (exp(theta) - 1)

    def _inverse(self, y: float) -> float:
        theta, y = self._theta, min(y, 1.0)
        return y if abs(theta) < 1e-9 else log1p(y * (exp(theta) - 1)) / theta

    # -- quoting ---------------------------------------------------------------------------------------

    def quote(self, view: MarketView, limit: int) -> int | None:
        """Take what the target reaches, else go a step towards it."""
        most = limit * self.sign
        own, other = signed_book(view, self.sign)
        best = self._far if own is None else own
        if most < best:
            return None
        if not self._prices:
            goal = float(most if other is None else min(most, other))
        else:
            goal = min(self._target(most), most)
            if other is not None and other <= goal:
                return other * self.sign
        if goal <= best:
            return None if own is not None else self.sign * floor(goal)
        return self.sign * min(most, max(floor(best + (goal - best) / self.eta), best + 1))
