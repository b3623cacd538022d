"""What a run tells while it goes on, and how it stops early."""

from __future__ import annotations

from typing import Protocol

from negotiate.errors import ArenaError


class Progress(Protocol):
    """Told after every batch; any function of three arguments serves."""

    def __call__(self, done: int, total: int, rate: float, /) -> None:
        """Show it.

        Args:
            done: cells that are finished, those of earlier runs included.
            total: cells of the tournament.
            rate: cells a second in this run; 0 before the first batch.
        """


class Interrupted(ArenaError):  # noqa: N818 - it is no failure
    """Ctrl-C came. What was finished is kept; the same command plays the rest.

    Attributes:
        done: cells that are finished.
        total: cells of the tournament.
    """

    default_code = "interrupted"

    def __init__(self, done: int, total: int) -> None:
        super().__init__(
            f"interrupted with {done:,} of {total:,} negotiations done",
            help="they are kept; the same command plays the rest",
        )
        self.done = done
        self.total = total
