"""The reference tournament: how the built-in strategies do against each other, played once and kept with the library.

``python tools/reference_tournament.py`` plays it again and writes the file that :func:`reference` reads; a test plays
a sample of its negotiations and compares. A figure says how a strategy does among these rivals on these scenarios, with
its parameters as they stand by default, and no more than that.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.tournament import Tournament

FILE = "reference.json"
COMMAND = "python tools/reference_tournament.py"
SCENARIOS = ("ev-charging", "freight", "home-battery", "printer-toner", "washing-powder")
ROUNDS = 100
SEED = "reference"


class Row(TypedDict):
    """How one strategy did; see :class:`~negotiate.arena.Standing`."""

    rank: int
    mean_utility: float
    low: float
    high: float
    agreement_rate: float
    nash_distance: float


class Checked(TypedDict):
    """What ``check_strategy`` found and measured, on the machine that wrote the file."""

    findings: int
    matches: int
    moves: int
    us_per_move: float
    largest_domain: int
    uses_its_random_stream: bool


class Sample(TypedDict):
    """One negotiation: the cell's key, and the digest of its moves."""

    scenario: str
    seats: list[str]
    key: str
    digest: str


class Reference(TypedDict):
    """The file."""

    negotiations: int
    standings: dict[str, Row]
    checked: dict[str, Checked]
    sample: list[Sample]


def tournament(strategies: Sequence[str]) -> Tournament:
    """The reference tournament between these strategies; who else takes part changes no negotiation of it."""
    from negotiate.arena.tournament import Tournament  # noqa: PLC0415 - who reads the file needs none of it
    from negotiate.protocols.alternating_offers import AlternatingOffers  # noqa: PLC0415

    return Tournament(SCENARIOS, strategies, AlternatingOffers(rounds=ROUNDS), seed=SEED)


@cache
def reference() -> Reference:
    """The results that are kept with the library."""
    text = (resources.files("negotiate.arena") / FILE).read_text("utf-8")
    return cast("Reference", json.loads(text))
