"""What every command shares: JSON for machines, tables for people, and the rules from the options."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from negotiate.domain.preferences import SCALE
from negotiate.errors import LocalError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pydantic import ValidationError

    from negotiate.protocols.alternating_offers import AlternatingOffers

Json = Annotated[bool, Parameter(name="--json", negative="")]
Flag = Annotated[bool, Parameter(negative="")]
Names = Annotated[
    list[str] | None,
    Parameter(name=["--strategies", "-s"], consume_multiple=(1, None), negative=""),
]


@Parameter(name="*", group="Rules")
@dataclass
class Rules:
    """The rules of the negotiation, alternating offers.

    Attributes:
        rounds: most rounds, 100 by default; one round is one turn of each party. 0 for no limit, with a limit on time.
        time_limit: most seconds of real time; by default there is no limit.
        breakdown: probability that chance ends it after a round, 0 by default.
        consent: who has to agree, where there are more than two parties; unanimity by default.
        discounting: how discount factors apply: by relative time (the default), by round, or not at all.
    """

    rounds: int | None = None
    time_limit: float | None = None
    breakdown: float | None = None
    consent: Literal["unanimity", "majority"] | None = None
    discounting: Literal["relative", "round", "none"] | None = None

    def protocol(self, base: AlternatingOffers | None = None) -> AlternatingOffers:
        """The rules as a protocol; LocalError if they make none.

        Args:
            base: what holds where no option is given; the defaults if there is none.
        """
        from pydantic import ValidationError  # noqa: PLC0415 - `nego --help` must stay quick

        from negotiate.protocols.alternating_offers import AlternatingOffers  # noqa: PLC0415

        said = {} if base is None else base.model_dump(exclude_unset=True)
        try:
            return AlternatingOffers(**{**said, **self._given()})
        except ValidationError as error:
            raise LocalError(
                f"these rules make no protocol: {_first(error)}", code="rules"
            ) from None

    def _given(self) -> dict[str, Any]:
        """The options that were given, in the units of the protocol: milliseconds and millionths."""
        # Told here, in the units that were typed.
        seconds, chance = self.time_limit, self.breakdown
        if seconds is not None and not 0.001 <= seconds < 1e12:
            raise LocalError(
                f"a time limit of {seconds:g} s; 0.001 seconds or more are expected",
                code="rules",
            )
        if chance is not None and not 0 <= chance <= 1:
            raise LocalError(
                f"a breakdown of {chance:g}; a probability between 0 and 1 is expected",
                code="rules",
            )
        given = {
            "time_limit": None if seconds is None else round(seconds * 1000),
            "breakdown": None if chance is None else round(chance * 1_000_000),
            "consent": self.consent,
            "discounting": self.discounting,
        }
        found: dict[str, Any] = {name: one for name, one in given.items() if one is not None}
        return found if self.rounds is None else {**found, "rounds": self.rounds or None}


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


def save_picture(file: Path, svg: str) -> None:
    """Write a picture and say where; LocalError if the file cannot be written."""
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise LocalError(
            f"{quote(str(file), 200)} cannot be written: {error.strerror}",
            code="file",
            help="name a file in a folder that is there and that you may write to",
        ) from None
    print(f"plot: {safe(str(file))}", file=sys.stderr)


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
