"""Atlas3, winner of ANAC 2015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import SmithFrequency
from negotiate.strategies.offering import ACCEPT, WALK

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_MANY = 100  # values of an issue looked at


class Atlas3(Seat):
    """Concedes linearly to what the last offers of a game of chicken would bring.

    At the end both sides insist or yield. Insisting against insisting is worth the reservation value ``a``, against
    yielding ``b = 1``; yielding against insisting the best offer C that all others supported, against yielding ``d =
    (C + b)/2``. The opponent's equilibrium chance of insisting is ``q = 1 / (1 - (a - C)/(b - d))``, so the end is
    worth ``v = q C + (1 - q) d``; all of these are discounted. The threshold is ``v + (1 - v)(1 - t)``, with
    discounting the larger of ``1 - t/discount`` and v. It offers an outcome just above the threshold in the
    neighbourhood of a random one, then puts in the values that others used most wherever that costs nothing. In as
    many last rounds as there are offers that all others supported it proposes these, best first, unless the standing
    offer is as good.

    Source: Mori & Ito (2017), "Atlas3: a negotiating agent based on expecting lower limit of concession function", in
    *Modern Approaches to Agent-based Complex Automated Negotiation*.
    """

    def begin(self, brief: Brief) -> None:
        """Nothing is supported yet."""
        super().begin(brief)
        self.model = self.learning(SmithFrequency())
        self.supported: dict[Outcome, float] = {}
        self.turns = self.proposed = self.read = 0
        self.tabled, self.backers = self.best, {self.brief.party}

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept, end or offer by the threshold, but close with what others supported."""
        self._note_support()
        self.turns += 1
        u = 0.0 if standing is None else self.u(standing)
        finale = 1 - time / self.turns * (len(self.supported) + 1)
        if time > finale:
            ranked = sorted(self.supported, key=lambda o: -self.supported[o])[self.proposed :]
            if ranked and self.supported[ranked[0]] > max(u, self.reserve):
                self.proposed += 1
                return ranked[0]
            enough, leave = self.reserve, False
        else:
            enough = self._threshold(time)
            leave = self.reserve > 0 and self.reserve * self.discount**time >= enough
        if standing is not None and u >= enough:
            return ACCEPT
        return WALK if leave else self._offer(self._threshold(time))

    def _note_support(self) -> None:
        """Remember the offers that all others stood behind."""
        everyone = set(range(len(self.brief.parties))) - {self.brief.party}
        for turn in self.view.turns[self.read :]:
            if turn.outcome is not None:
                self.tabled, self.backers = turn.outcome, {turn.party}
            elif turn.kind == "accept":
                self.backers = self.backers | {turn.party}
            if self.backers == everyone:
                self.supported[self.tabled] = self.u(self.tabled)
        self.read = len(self.view.turns)

    def _threshold(self, time: float) -> float:
        """From the top down to what the end is worth, in utilities of now."""
        d = self.discount
        supported = max(self.supported.values(), default=0.0)
        then = _worth_of_the_end(self.reserve, max(supported, self.reserve))
        end: float = then * d ** (1 - time)
        return end + (1 - end) * (1 - time) if d == 1 else max(1 - time / d, end)

    def _offer(self, threshold: float) -> Outcome:
        """An outcome of sufficient utility, by the first search that finds one, with popular values put in."""
        least = units(threshold)
        start = self.brief.domain.at(int(self.random() * self.brief.domain.size))
        found = self._beside(start, least) or self._descended(least)
        return self._popular(found or self.space.lowest_at_or_above(least) or self.best)

    def _beside(self, start: Outcome, least: int) -> Outcome | None:
        """Of the sufficient outcomes one value away from the start, a random one of the worst."""
        utility = self.brief.preferences.utility
        around = [_with(start, j, v) for j in range(len(start)) for v in self._values(j)]
        worth = [(u, outcome) for outcome in around if (u := utility(outcome)) >= least]
        worst = min(worth, default=(0, start))[0]
        return self.pick([outcome for u, outcome in worth if u == worst]) if worth else None

    def _descended(self, least: int) -> Outcome | None:
        """The best outcome with each issue in turn set to the first random value that what is left can pay for."""
        utility, top = self.brief.preferences.utility, self.best
        found, left = top, units(1.0) - least
        for j in self._shuffled(range(len(top))):
            values = self._shuffled(self._values(j))
            prices = ((v, utility(top) - utility(_with(top, j, v))) for v in values)
            value, price = next((p for p in prices if p[1] <= left), (top[j], 0))
            found, left = _with(found, j, value), left - price
        return found if utility(found) >= least else None

    def _popular(self, offer: Outcome) -> Outcome:
        """The offer with the value that others named most in each issue where that costs nothing."""
        utility = self.brief.preferences.utility
        for j in self._shuffled(range(len(offer))):
            named = self.model.counts[j]
            favourites = [v for v, n in enumerate(named) if n == max(named)]
            offer = max(_with(offer, j, self._one(favourites)), offer, key=utility)
        return offer

    def _values(self, issue: int) -> range | list[int]:
        """All values of an issue, or random ones where there are many."""
        size = self.brief.domain.sizes[issue]
        return range(size) if size <= _MANY else [self._one(range(size)) for _ in range(_MANY)]

    def _one(self, values: range | list[int]) -> int:
        return values[int(self.random() * len(values))]

    def _shuffled(self, values: range | list[int]) -> list[int]:
        return [value for _, value in sorted((self.random(), value) for value in values)]


def _worth_of_the_end(a: float, c: float) -> float:
    """The game's value ``q c + (1 - q)(c + 1)/2`` for ``c >= a``, where q comes down to (1 - c)/(1 + c - 2a)."""
    if c >= 1:
        return c
    q = (1 - c) / (1 + c - 2 * a)
    return c + (1 - q) * (1 - c) / 2


def _with(outcome: Outcome, issue: int, value: int) -> Outcome:
    return (*outcome[:issue], value, *outcome[issue + 1 :])
