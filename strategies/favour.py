"""Of the outcomes as good for me as a proposal, the one that my opponents like best."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.domain.joint import Joint
    from negotiate.strategies.models import OpponentModel
    from negotiate.strategy import Brief, View


class Favour:
    """Learns from what the others offer, and improves proposals for them at no cost to me.

    Args:
        model: what each opponent gets a copy of.
        brief: mine.
    """

    def __init__(self, model: OpponentModel, brief: Brief) -> None:
        self.party = brief.party
        self.own = brief.preferences
        others = [party for party in range(len(brief.parties)) if party != brief.party]
        self.models = {party: deepcopy(model) for party in others}
        for learner in self.models.values():
            learner.know(brief.preferences)
            learner.begin(brief.domain)
        self.heard = 0
        self.known = -1  # the sum of the models' revisions that the frontier was made for
        self.joint: Joint | None = None

    def improve(self, view: View, proposal: Outcome) -> Outcome:
        """The best for the opponents of all outcomes worth at least as much to me as the proposal."""
        self._listen(view)
        known = sum(model.revision for model in self.models.values())
        if self.joint is None or known != self.known:
            self._fold(known)
        assert self.joint is not None  # noqa: S101 - just made
        return self.joint.best_at_or_above(self.own.utility(proposal)) or proposal

    def _listen(self, view: View) -> None:
        turns = view.turns
        for _, party, _, outcome in turns[self.heard :]:
            if outcome is not None and party in self.models:
                self.models[party].update(outcome, view.time)
        self.heard = len(turns)

    def _fold(self, known: int) -> None:
        import numpy as np  # noqa: PLC0415 - strategies without a model do not load it

        from negotiate.domain.joint import Joint  # noqa: PLC0415
        from negotiate.strategies.models.base import rescaled  # noqa: PLC0415

        every = [rescaled(model.tables) for model in self.models.values()]
        mean = [np.mean(columns, axis=0) for columns in zip(*every, strict=True)]
        if self.joint is None:
            self.joint = Joint(self.own, mean)
        else:
            self.joint.update(mean)
        self.known = known
