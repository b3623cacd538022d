"""What every command shares: JSON for machines, tables for people, and the rules from the options."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from negotiate.domain.preferences import SCALE
from negotiate.errors import LocalError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import ValidationError

    from negotiate.protocols.alternating_offers import AlternatingOffers

Json = Annotated[bool, Parameter(name="--json", negative="")]
Flag = Annotated[bool, Parameter(negative="")]
Names = Annotated[
    list[str] | None,
    Parameter(name=["--strategies", "-s"], consume_multiple=True, negative=""),
]


@Parameter(name="*", group="Rules")
@dataclass
class Rules:
    """The rules of the negotiation, alternating offers.

    Attributes:
        rounds: most rounds; one round is one turn of each party. 0 for no limit, with a limit on time.
        time_limit: most seconds of real time.
        breakdown: probability that chance ends it after a round.
        consent: who has to agree, where there are more than two parties.
        discounting: how discount factors apply: by relative time, by round, or not at all.
    """

    rounds: int = 100
    time_limit: float | None = None
    breakdown: float = 0.0
    consent: Literal["unanimity", "majority"] = "unanimity"
    discounting: Literal["relative", "round", "none"] = "relative"

    def protocol(self) -> AlternatingOffers:
        """The rules as a protocol; LocalError if they make none."""
        from pydantic import ValidationError  # noqa: PLC0415 - `nego --help` must stay quick

        from negotiate.protocols.alternating_offers import AlternatingOffers  # noqa: PLC0415

        self._check_units()
        try:
            return AlternatingOffers(
                rounds=self.rounds or None,
                time_limit=None if self.time_limit is None else round(self.time_limit * 1000),
                breakdown=round(self.breakdown * 1_000_000),
                consent=self.consent,
                discounting=self.discounting,
            )
        except ValidationError as error:
            raise LocalError(
                f"these rules make no protocol: {_first(error)}", code="rules"
            ) from None

    def _check_units(self) -> None:
        # Told here, in the units that were typed: the protocol counts milliseconds and millionths.
        seconds = self.time_limit
        if seconds is not None and not 0.001 <= seconds < 1e12:
            raise LocalError(
                f"a time limit of {seconds:g} s; 0.001 seconds or more are expected",
                code="rules",
            )
        if not 0 <= self.breakdown <= 1:
            raise LocalError(
                f"a breakdown of {self.breakdown:g}; a probability between 0 and 1 is expected",
                code="rules",
            )


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    place = ".".join(map(str, found["loc"]))
    if not place:
        return str(found["msg"]).removeprefix("Value error, ")
    return f"{place} is {quote(found['input'])}: {found['msg'][0].lower()}{found['msg'][1:]}"


def print_json(value: object) -> None:
    """One JSON document to standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, allow_nan=False)
    print()


def decimal(utility: int) -> float:
    """A utility as people and JSON know it."""
    return utility / SCALE


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> None:
    """A table for people, to standard output.

    Args:
        head: titles of the columns.
        rows: text of the cells; made safe here.
        numbers: how many of the last columns are numbers, set flush right.
    """
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, title in enumerate(head):
        right = place >= len(head) - numbers
        made.add_column(title, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        made.add_row(*(safe(text).replace("[", r"\[") for text in row))
    console = Console()
    if not console.is_terminal:  # a pipe has no width; nothing is cut there
        console.width = 200
    console.print(made)
