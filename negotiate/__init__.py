"""Machines that bargain: signed offers, protocols as state machines, strategies, and an arena.

Importing this package loads almost nothing: names resolve to their modules when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from negotiate.domain import Scenario as Scenario
    from negotiate.domain import load as load
    from negotiate.errors import NegotiateError as NegotiateError
    from negotiate.match import Match as Match
    from negotiate.match import play as play
    from negotiate.moves import Accept as Accept
    from negotiate.moves import Move as Move
    from negotiate.moves import Offer as Offer
    from negotiate.moves import Reject as Reject
    from negotiate.moves import Walk as Walk
    from negotiate.protocol import Negotiation as Negotiation
    from negotiate.protocol import Protocol as Protocol
    from negotiate.protocol import View as View
    from negotiate.strategy import Brief as Brief
    from negotiate.strategy import Strategy as Strategy

__version__ = "0.1.0"

_HOME = {
    "Accept": "negotiate.moves",
    "Brief": "negotiate.strategy",
    "Match": "negotiate.match",
    "Move": "negotiate.moves",
    "NegotiateError": "negotiate.errors",
    "Negotiation": "negotiate.protocol",
    "Offer": "negotiate.moves",
    "Protocol": "negotiate.protocol",
    "Reject": "negotiate.moves",
    "Scenario": "negotiate.domain",
    "Strategy": "negotiate.strategy",
    "View": "negotiate.protocol",
    "Walk": "negotiate.moves",
    "load": "negotiate.domain",
    "play": "negotiate.match",
}
__all__ = [
    "Accept",
    "Brief",
    "Match",
    "Move",
    "NegotiateError",
    "Negotiation",
    "Offer",
    "Protocol",
    "Reject",
    "Scenario",
    "Strategy",
    "View",
    "Walk",
    "__version__",
    "load",
    "play",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'negotiate' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
