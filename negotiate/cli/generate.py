"""``nego generate``: random scenarios into a folder."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json
from negotiate.errors import LocalError
from negotiate.show import quote

Several = Parameter(consume_multiple=True, negative="")


def generate(
    folder: Path,
    /,
    *,
    count: int = 10,
    outcomes: int = 1000,
    issues: int | None = None,
    sizes: Annotated[list[int] | None, Several] = None,
    kinds: Annotated[list[str] | None, Several] = None,
    parties: int = 2,
    opposition: float | None = None,
    balance: float | None = None,
    reservation: Annotated[list[float] | None, Several] = None,
    discount: Annotated[list[float] | None, Several] = None,
    seed: int = 0,
    name: str = "random",
    json: Json = False,
) -> None:
    """Write random scenarios with a given size, opposition and balance, as TOML files.

    The same options give the same files everywhere. Example: nego generate many --count 100 --opposition 0.3

    Args:
        folder: made if it is not there.
        count: how many.
        outcomes: how many outcomes each has, exactly.
        issues: over how many issues; by default about one for each power of ten.
        sizes: the number of values of each issue instead.
        kinds: kinds of the issues, repeated as needed: choice, integer, quantity, money, date.
        parties: how many.
        opposition: smallest distance of an outcome to what all want most; by chance if it is left out.
        balance: mean utility of the first of two parties minus that of the second; likewise.
        reservation: reservation value, or lowest and highest.
        discount: discount factor, or lowest and highest.
        seed: root of the random streams.
        name: of the scenarios, followed by their numbers.
        json: print JSON for machines.
    """
    from negotiate.domain.formats import save  # noqa: PLC0415
    from negotiate.domain.generate import Design  # noqa: PLC0415
    from negotiate.domain.generate import generate as scenarios  # noqa: PLC0415

    design = Design(
        outcomes=outcomes,
        issues=issues,
        sizes=tuple(sizes or ()),
        kinds=tuple(kinds or ("choice",)),
        parties=parties,
        opposition=opposition,
        balance=balance,
        reservation=_ends(reservation, 0.0, "reservation"),
        discount=_ends(discount, 1.0, "discount"),
    )
    if not name or name != Path(name).name:
        raise LocalError(
            f"{quote(name)} is no name of a scenario; one without folders is expected",
            code="generate",
            help="name the folder first: nego generate FOLDER --name NAME",
        )
    files: list[Path] = []
    for scenario in scenarios(design, count=count, seed=seed, name=name):
        _make(folder)
        files.append(folder / f"{scenario.name}.toml")
        save(scenario, files[-1])
    if json:
        print_json({"files": [str(file) for file in files]})
    else:
        print(f"{len(files):,} scenarios in {folder}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "cannot be made"
        raise LocalError(f"{quote(str(folder), 200)}: {reason}", code="folder") from None


def _ends(given: list[float] | None, default: float, what: str) -> tuple[Decimal, Decimal]:
    """The lowest and the highest of what was typed, as decimals: a tenth is a tenth."""
    values = given or [default]
    if len(values) > 2:
        raise LocalError(
            f"{len(values)} numbers for {what}; one, or the lowest and the highest, are expected",
            code="generate",
        )
    return Decimal(str(values[0])), Decimal(str(values[-1]))
