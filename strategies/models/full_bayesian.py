"""The full Bayesian model: every order of the issues with every shape of every issue, for small domains."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np

from negotiate.errors import StrategyError
from negotiate.strategies.models.base import Floats, OpponentModel, Tables
from negotiate.strategies.models.bayesian import shapes_of

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome


@dataclass
class FullBayesian(OpponentModel):
    """Weighs whole hypotheses, an order of the issues and a shape for each, by how well they explain the offers.

    With n issues in some order of importance, that of rank k (n for the most important) weighs ``2 k / (n (n + 1))``.
    Shapes, the assumed concession and the likelihood are those of
    :class:`~negotiate.strategies.models.bayesian.ScalableBayesian`, and likewise only distinct offers count. There are
    ``n! * shapes * shapes * ...`` hypotheses, so this is for small domains.

    An update only keeps the offer. Hypotheses are weighed when somebody asks: the logarithm of a likelihood is a
    quadratic form in what weights and shapes give each offer, so each pair of issues is summed over the offers once
    and not once a hypothesis.

    Source: Hindriks & Tykhonov (2008), "Opponent modelling in automated multi-issue negotiation using Bayesian
    learning".

    Attributes:
        sigma: deviation of the likelihood.
        step: what the opponent is assumed to concede with each distinct offer.
        floor: least utility that an offer is assumed to have for its author.
        limit: most hypotheses.
    """

    sigma: float = 0.25
    step: float = 0.003
    floor: float = 0.1
    limit: int = 200_000

    def begin(self, domain: Domain) -> None:
        """Start with equal beliefs.

        Raises:
            StrategyError: the domain makes more hypotheses than the limit.
        """
        super().begin(domain)
        self.shapes = [np.array(shapes_of(size)) for size in self.sizes]
        n = len(self.sizes)
        count = factorial(n) * prod(map(len, self.shapes))
        if count > self.limit:
            raise StrategyError(
                f"the full Bayesian model has {count:,} hypotheses over {n} issues; "
                f"at most {self.limit:,} are weighed",
                code="domain-size",
                help="the model `bayesian` looks at each issue by itself and takes any domain",
            )
        self.orders = np.array(list(permutations(range(1, n + 1)))) * 2 / (n * (n + 1))
        self.offers: list[Outcome] = []
        self.assumed: list[float] = []
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent; a repeated one tells nothing new."""
        if outcome in self.seen:
            return
        self.assumed.append(max(1.0 - self.step * len(self.seen), self.floor))
        self.offers.append(outcome)
        self.seen.add(outcome)
        self.changed()

    def learn_tables(self) -> Tables:
        """Expected weight times value."""
        n = len(self.sizes)
        widths = [len(shapes) for shapes in self.shapes]
        logs = self._logs(widths)
        beliefs = np.exp(logs - logs.max())
        beliefs /= beliefs.sum()
        tables: Tables = []
        for j, shapes in enumerate(self.shapes):
            others = tuple(1 + i for i in range(n) if i != j)
            held = beliefs.sum(axis=others)  # orders by shapes
            tables.append((self.orders[:, j] @ held @ shapes).tolist())
        return tables

    def _logs(self, widths: list[int]) -> Floats:
        """Logarithms of all beliefs: one axis for the order, then one an issue for its shape."""
        n = len(widths)
        logs = np.zeros((len(self.orders), *widths))
        if not self.offers:
            return logs
        worth = np.array(self.assumed)
        precision = 1 / (2 * (worth * self.sigma) ** 2)
        columns = np.array(self.offers).T
        held = [shapes[:, x] for shapes, x in zip(self.shapes, columns, strict=True)]
        for i, one in enumerate(held):
            weight = self.orders[:, i]
            # What issue i adds by itself, and then with each issue after it.
            gained = np.multiply.outer(2 * weight, one @ (precision * worth))
            gained -= np.multiply.outer(weight**2, one**2 @ precision)
            logs += gained.reshape([-1, *(widths[k] if k == i else 1 for k in range(n))])
            for j in range(i + 1, n):
                both = (one * precision) @ held[j].T
                shared = np.multiply.outer(2 * weight * self.orders[:, j], both)
                axes = (widths[k] if k in (i, j) else 1 for k in range(n))
                logs -= shared.reshape([-1, *axes])
        return logs
