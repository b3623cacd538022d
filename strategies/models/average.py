"""Two opponent models, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from negotiate.errors import StrategyError
from negotiate.strategies.models.base import OpponentModel, Tables, rescaled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import LinearAdditive


@dataclass
class Average(OpponentModel):
    """The weighted mean of two models, each brought to [0, 1] first; put one into another to join more.

    Models err in different ways. The preset ``bayesian-early`` joins the scalable Bayesian model, which knows few
    shapes but is not misled by conceders, with three tenths of the early offers, which know any order of values.

    Source: ours; that a mean of models beats most of them is an old finding (Clemen 1989, "Combining forecasts").

    Attributes:
        first: one model.
        second: the other.
        share: weight of the second, in [0, 1].
    """

    parts: ClassVar[Mapping[str, tuple[str, str | None]]] = {
        "first": ("models", "bayesian"),
        "second": ("models", "early_offers"),
    }

    first: OpponentModel
    second: OpponentModel
    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise StrategyError(
                f"a share of {self.share!r}; between 0 and 1 is expected", code="parameter"
            )

    def know(self, own: LinearAdditive) -> None:
        """Tell both."""
        self.first.know(own)
        self.second.know(own)

    def begin(self, domain: Domain) -> None:
        """Begin both."""
        super().begin(domain)
        self.first.begin(domain)
        self.second.begin(domain)

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Both learn from an offer of the opponent."""
        before = self.first.revision + self.second.revision
        self.first.update(outcome, time)
        self.second.update(outcome, time)
        if self.first.revision + self.second.revision != before:
            self.changed()

    def learn_tables(self) -> Tables:
        """The mean of both."""
        pairs = zip(rescaled(self.first.tables), rescaled(self.second.tables), strict=True)
        return [
            [a + self.share * (b - a) for a, b in zip(one, other, strict=True)]
            for one, other in pairs
        ]
