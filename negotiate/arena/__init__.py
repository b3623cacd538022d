"""The arena: tournaments between strategies, over scenarios, seats and repetitions.

Names resolve to their modules when they are first used, so that asking for one loads no more than it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from negotiate.arena.columns import Sweep as Sweep
    from negotiate.arena.columns import sweep as sweep
    from negotiate.arena.progress import Interrupted as Interrupted
    from negotiate.arena.progress import Progress as Progress
    from negotiate.arena.results import Results as Results
    from negotiate.arena.runner import run as run
    from negotiate.arena.sequence import Meeting as Meeting
    from negotiate.arena.sequence import play_sequence as play_sequence
    from negotiate.arena.statistics import Leaderboard as Leaderboard
    from negotiate.arena.statistics import Standing as Standing
    from negotiate.arena.tournament import Tournament as Tournament
    from negotiate.arena.watchdog import Limits as Limits

_HOME = {
    "Interrupted": "negotiate.arena.progress",
    "Leaderboard": "negotiate.arena.statistics",
    "Limits": "negotiate.arena.watchdog",
    "Meeting": "negotiate.arena.sequence",
    "Progress": "negotiate.arena.progress",
    "Results": "negotiate.arena.results",
    "Standing": "negotiate.arena.statistics",
    "Sweep": "negotiate.arena.columns",
    "Tournament": "negotiate.arena.tournament",
    "play_sequence": "negotiate.arena.sequence",
    "run": "negotiate.arena.runner",
    "sweep": "negotiate.arena.columns",
}
__all__ = [
    "Interrupted",
    "Leaderboard",
    "Limits",
    "Meeting",
    "Progress",
    "Results",
    "Standing",
    "Sweep",
    "Tournament",
    "play_sequence",
    "run",
    "sweep",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'negotiate.arena' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
