"""The strategy interface: what a strategy is given, and what it must answer.

A strategy is a class with a few parameters. One instance plays one seat of one negotiation: ``begin`` is
called once, ``respond`` at every turn, ``end`` once. It gets a :class:`Brief` and a
:class:`~negotiate.protocol.View`, and nothing else: neither holds a way to the rival's preferences or to the
running state.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from negotiate.protocol import View as View  # noqa: TC001 - offered from here

if TYPE_CHECKING:
    from negotiate.domain.blocks import Ints
    from negotiate.domain.issues import Domain
    from negotiate.domain.preferences import LinearAdditive
    from negotiate.moves import Move, Party
    from negotiate.protocol import Protocol, Result


@dataclass(frozen=True)
class Brief:
    """What a party knows before the first move.

    Attributes:
        party: my seat; 0 moves first.
        role: what the scenario calls my seat.
        parties: the names of all seats.
        domain: what is negotiated.
        preferences: mine.
        rules: the protocol.
        seed: seed of my own random stream.
    """

    party: Party
    role: str
    parties: tuple[str, ...]
    domain: Domain
    preferences: LinearAdditive
    rules: Protocol
    seed: int = field(default=0, repr=False)

    @cached_property
    def random(self) -> random.Random:
        """My own random stream. It depends on the names of seed, scenario, seat and repetition only."""
        return random.Random(self.seed)  # noqa: S311 - play, not secrets


class Lowered(NamedTuple):
    """What a strategy does in each round, whatever the other side does; entry 0 is of round 1.

    It accepts a standing offer that is worth its threshold to it, or more, and else makes its offer.

    Attributes:
        offers: what it offers, as places in outcome order (``domain.at(place)``), 64-bit integers.
        thresholds: the least utility that it accepts, in units of 1e-9, 64-bit integers.
    """

    offers: Ints
    thresholds: Ints


class Strategy:
    """Base of all strategies. Override :meth:`respond`, and the others where needed.

    Attributes:
        version: raise it when the strategy's moves change; stored results of the old one stay apart.
        multilateral: whether it plays with more than two parties.
        ignores_reservation: whether it may offer or accept less than its reservation value; its docstring says why.
    """

    version: ClassVar[int] = 1
    multilateral: ClassVar[bool] = True
    ignores_reservation: ClassVar[bool] = False

    brief: Brief

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn. Overrides call ``super().begin(brief)``."""
        self.brief = brief

    def respond(self, view: View) -> Move:
        """Answer with a legal move."""
        raise NotImplementedError

    def lower(self) -> Lowered | None:
        """All it will do, as a table, if that depends on the round alone; else None.

        Called after :meth:`begin` by engines that play such strategies without asking them. The table must say
        just what :meth:`respond` would do, which the arena checks on a sample of the negotiations of each run. It
        is asked of classes that define this method themselves; a subclass may have changed what it says.
        """
        return None

    def end(self, result: Result) -> None:
        """Called once, after the last move."""
