"""The rows of a run as typed columns: for the Arrow interface, for pandas, for Parquet and CSV.

The columns follow from the fields of the row. A number stays a number and what is missing is null. What a row has
once for each seat is there twice: as a list, whole, and as one column a seat, ``seat_0``, ``seat_1`` and so on.
Utilities are there twice as well: as a fraction of 1, ``utility_0``, and in the units of 1e-9 in which they are exact,
``units_0``. The page docs/reference/results.md lists them all.

Source: *The Arrow PyCapsule Interface* (Apache Arrow, 2023), ``__arrow_c_stream__``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate, chain
from types import UnionType
from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    Literal,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.show import cell, quote, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

Kind: TypeAlias = Literal["string", "int64", "float64"]
_KINDS: dict[object, Kind] = {str: "string", int: "int64", float: "float64"}

_ONE = {"seats": "seat", "utilities": "utility", "advantages": "advantage"}
"""Fields with an entry a seat: the name of a single one."""

_UNITS = {"utilities": "units", "welfare": "welfare_units"}
"""Fields in units of 1e-9: the name of the column that keeps them so; the field's own name is the fraction's."""

_WRITERS = ("pyarrow", "polars", "duckdb")
"""Libraries that write Parquet; the first that is installed does."""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: its name.
        kind: of its values, or of the entries of its lists.
        values: one a row, or one list a row; None for null.
        nested: whether they are lists.
    """

    name: str
    kind: Kind
    values: Sequence[Any]
    nested: bool = False


def columns(rows: Sequence[Any], row: type) -> list[Column]:
    """The columns of rows.

    Args:
        rows: named tuples of one class.
        row: the class, whose annotations tell the types.
    """
    from negotiate.domain.issues import Outcome  # noqa: PLC0415 - to read the annotations

    hints = get_type_hints(row, localns={"Outcome": Outcome})
    found: list[Column] = []
    for name, hint in hints.items():
        kind, nested = _kind(hint)
        column = Column(name, kind, [getattr(one, name) for one in rows], nested)
        found += _spread(column) if nested else _scaled(column)
    return found


def stream(found: Sequence[Column], requested: object = None) -> object:
    """The columns as a PyCapsule that holds an Arrow stream of one batch.

    Args:
        found: the columns, of equal length.
        requested: the schema that the consumer would like, as a PyCapsule.

    Raises:
        ArenaError: nanoarrow is not installed.
    """
    arrow = library("nanoarrow", "the Arrow interface", 'pip install "negotiate-kit[frames]"')
    fields = {one.name: _type(arrow, one) for one in found}
    parts = [_array(arrow, one) for one in found]
    length = len(found[0].values)
    made = arrow.c_array_from_buffers(
        arrow.struct(fields), length, [None], null_count=0, children=parts
    )
    return arrow.c_array_stream(made).__arrow_c_stream__(requested)


def pandas_frame(found: Sequence[Column]) -> Any:
    """The columns as a pandas DataFrame; needs neither pyarrow nor nanoarrow.

    Raises:
        ArenaError: pandas is not installed.
    """
    pandas = library("pandas", "a pandas frame")
    types = {"string": "string", "int64": "Int64", "float64": "Float64"}
    return pandas.DataFrame(
        {
            one.name: pandas.Series(one.values, dtype="object")
            if one.nested
            else pandas.array(list(one.values), dtype=types[one.kind])
            for one in found
        }
    )


def write_csv(found: Sequence[Column], stream: IO[str]) -> None:
    """Write the columns as CSV: no lists, but for outcomes, whose positions stand with spaces between them.

    Texts that a spreadsheet would run as formulas are quoted.
    """
    spread = [one for one in found if one.name not in _ONE]
    out = csv.writer(stream, lineterminator="\n")
    out.writerow([one.name for one in spread])
    shown = [[_csv(value) for value in one.values] for one in spread]
    out.writerows(zip(*shown, strict=True))


def _csv(value: object) -> object:
    if isinstance(value, str):
        return cell(value)
    if isinstance(value, tuple):
        return " ".join(map(str, cast("tuple[object, ...]", value)))
    return value


def write_parquet(results: object, path: Path) -> None:
    """Write what has the Arrow interface as Parquet, with whichever library is installed.

    Raises:
        ArenaError: there is none, or the file cannot be written.
    """
    for name in _WRITERS:
        try:
            import_module(name)
        except ModuleNotFoundError:
            continue
        try:
            _PARQUET[name](results, path)
        except OSError as error:
            raise unwritable(path, error) from None
        return
    raise ArenaError(
        f"Parquet needs one of {', '.join(_WRITERS)}; none is installed",
        code="extra",
        help="pip install duckdb, the smallest; CSV needs nothing",
    )


def unwritable(path: Path, error: OSError) -> ArenaError:
    """The error for a file that cannot be written."""
    why = error.strerror or safe(str(error))
    return ArenaError(f"{quote(str(path), 200)} cannot be written: {why}", code="export")


def library(name: str, what: str, cure: str = "") -> Any:
    """A library that not everybody has.

    Raises:
        ArenaError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ArenaError(
            f"{what} needs {error.name}, which is not installed",
            code="extra",
            help=cure or f"pip install {name}",
        ) from None


def _with_pyarrow(results: object, path: Path) -> None:
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    parquet.write_table(arrow.table(results), path)


def _with_polars(results: object, path: Path) -> None:
    import_module("polars").DataFrame(results).write_parquet(path)


def _with_duckdb(results: object, path: Path) -> None:
    path.open("wb").close()  # an OSError tells more than duckdb does
    duckdb = import_module("duckdb")
    with duckdb.connect() as base:
        base.from_arrow(results).write_parquet(str(path))


_PARQUET: dict[str, Callable[[object, Path], None]] = {
    "pyarrow": _with_pyarrow,
    "polars": _with_polars,
    "duckdb": _with_duckdb,
}


def _kind(hint: object) -> tuple[Kind, bool]:
    """What the annotation of a field says: the kind of its values, and whether they are lists."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
        return _kind(hint)
    if get_origin(hint) is tuple:
        return _kind(get_args(hint)[0])[0], True
    return _KINDS[hint], False


def _scaled(column: Column) -> Iterator[Column]:
    """The column, and in units where it has them."""
    if column.name not in _UNITS:
        yield column
        return
    yield Column(column.name, "float64", [_fraction(one) for one in column.values])
    yield Column(_UNITS[column.name], "int64", column.values)


def _spread(column: Column) -> Iterator[Column]:
    """The lists, and one column for each of their places."""
    one = _ONE.get(column.name)
    if one is None:
        yield column
        return
    units = _UNITS.get(column.name)
    lists: Sequence[tuple[Any, ...]] = column.values
    kind: Kind = "float64" if units else column.kind
    shown = [tuple(map(_fraction, row)) for row in lists] if units else lists
    yield Column(column.name, kind, shown, nested=True)
    yield from _places(one, kind, shown)
    if units:
        yield from _places(units, column.kind, lists)


def _places(name: str, kind: Kind, lists: Sequence[tuple[Any, ...]]) -> Iterator[Column]:
    for place in range(max(map(len, lists), default=0)):
        values = [row[place] if place < len(row) else None for row in lists]
        yield Column(f"{name}_{place}", kind, values)


def _fraction(units: int | None) -> float | None:
    return None if units is None else units / SCALE


def _type(arrow: Any, column: Column) -> Any:
    kind = getattr(arrow, column.kind)()
    return arrow.list_(kind) if column.nested else kind


def _array(arrow: Any, column: Column) -> Any:
    """A column as a nanoarrow array."""
    if not column.nested:
        return _flat(arrow, column.kind, column.values)
    lists = cast("Sequence[tuple[Any, ...] | None]", column.values)
    entries = list(chain.from_iterable(one or () for one in lists))
    ends = accumulate((len(one or ()) for one in lists), initial=0)
    return arrow.c_array_from_buffers(
        arrow.list_(getattr(arrow, column.kind)()),
        len(lists),
        [_valid(lists), np.fromiter(ends, dtype=np.int32)],
        null_count=sum(one is None for one in lists),
        children=[_flat(arrow, column.kind, entries)],
    )


def _flat(arrow: Any, kind: Kind, values: Sequence[Any]) -> Any:
    return arrow.c_array(values, getattr(arrow, kind)())


def _valid(values: Iterable[object]) -> Any:
    """Which values there are, one bit each from the lowest."""
    return np.packbits([one is not None for one in values], bitorder="little")
