"""Atlas3, winner of ANAC 2015."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import SmithFrequency
from negotiate.strategies.offering import ACCEPT, WALK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief


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
        self.played = self.revisited = self.counted = self.supporters = 0
        self.proposal: Outcome | None = None

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Play the end game when it has come, else accept, end or offer by the threshold."""
        self._count()
        self.played += 1
        if time > 1 - time / self.played * (len(self.supported) + 1):
            return self._finish(time, standing)
        threshold = self._threshold(time)
        if standing is not None and self.u(standing) >= threshold:
            return ACCEPT
        if self.reserve > 0 and self.reserve * self.discount**time >= threshold:
            return WALK
        return self._offer(threshold)

    def _count(self) -> None:
        """Note the offers that all others stood behind."""
        others = len(self.brief.parties) - 1
        for turn in self.view.turns[self.counted :]:
            if turn.outcome is not None:
                mine = turn.party == self.brief.party
                self.proposal, self.supporters = (None, 0) if mine else (turn.outcome, 1)
            elif turn.kind == "accept":
                self.supporters += 1
            if self.proposal is not None and self.supporters == others:
                self.supported[self.proposal] = self.u(self.proposal)
        self.counted = len(self.view.turns)

    def _finish(self, time: float, standing: Outcome | None) -> Choice:
        u = 0.0 if standing is None else self.u(standing)
        ordered = sorted(self.supported.items(), key=itemgetter(1), reverse=True)
        if self.revisited < len(ordered):
            candidate, worth = ordered[self.revisited]
            if worth > u and worth > self.reserve:
                self.revisited += 1
                return candidate
        if standing is not None and u >= self.reserve:
            return ACCEPT
        return self._offer(self._threshold(time))

    def _threshold(self, time: float) -> float:
        d, r = self.discount, self.reserve * self.discount
        hoped = max(self.supported.values(), default=0.0)
        yielding = hoped * d if hoped >= self.reserve else r
        both = (yielding + d) / 2
        q = 1.0
        if d != both and 1 - (r - yielding) / (d - both) != 0:
            q = 1 / (1 - (r - yielding) / (d - both))
        q = q if 0 <= q <= 1 else 1.0
        target: float = (q * yielding + (1 - q) * both) / d**time
        return target + (1 - target) * (1 - time) if d == 1 else max(1 - time / d, target)

    def _offer(self, threshold: float) -> Outcome:
        start = self.brief.domain.at(int(self.random() * self.brief.domain.size))
        offer = self._neighbour(start, threshold)
        if self.u(offer) < threshold:
            offer = self._conceded(threshold)
        if self.u(offer) < threshold:
            offer = self.space.lowest_at_or_above(units(threshold)) or self.best
        return self._popular(offer)

    def _neighbour(self, start: Outcome, threshold: float) -> Outcome:
        """Of the outcomes one value away, a random one of those just above the threshold."""
        utility, least = self.brief.preferences.utility, units(threshold)
        found: list[Outcome] = []
        lowest = 0
        for outcome in self._around(start):
            u = utility(outcome)
            if u >= least and (not found or u < lowest):
                found, lowest = [outcome], u
            elif found and u == lowest:
                found.append(outcome)
        return self.pick(found) if found else start

    def _around(self, start: Outcome) -> Iterator[Outcome]:
        for j, size in enumerate(self.brief.domain.sizes):
            for value in self._values(size):
                yield (*start[:j], value, *start[j + 1 :])

    def _values(self, size: int) -> range | list[int]:
        """All values of an issue, or a hundred random ones where there are more."""
        if size <= 100:
            return range(size)
        return [int(self.random() * size) for _ in range(100)]

    def _conceded(self, threshold: float) -> Outcome:
        """From the best outcome, give up on one random issue after another what the threshold allows."""
        utility = self.brief.preferences.utility
        offer, top = self.best, utility(self.best)
        allowed = units(threshold - 1.0)
        for j in self._shuffled(range(len(offer))):
            for value in self._shuffled(self._values(self.brief.domain.sizes[j])):
                changed = (*self.best[:j], value, *self.best[j + 1 :])
                lost = utility(changed) - top
                if allowed <= lost:
                    offer, allowed = (*offer[:j], value, *offer[j + 1 :]), allowed - lost
                    break
        return offer

    def _popular(self, offer: Outcome) -> Outcome:
        utility = self.brief.preferences.utility
        for j in self._shuffled(range(len(offer))):
            counts = self.model.counts[j]
            most = max(counts)
            value = self.pick_value([v for v, n in enumerate(counts) if n == most])
            changed = (*offer[:j], value, *offer[j + 1 :])
            if utility(changed) >= utility(offer):
                offer = changed
        return offer

    def pick_value(self, values: list[int]) -> int:
        """One of several values, each equally likely."""
        return values[int(self.random() * len(values))]

    def _shuffled(self, values: range | list[int]) -> list[int]:
        drawn = [(self.random(), value) for value in values]
        return [value for _, value in sorted(drawn)]
