"""Value functions of NegMAS, computed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from negotiate.domain.formats._node import Node, described
from negotiate.domain.issues import Integer, Issue
from negotiate.domain.preferences import Linear, Table
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAX_COMPUTED = 50_000
"""Most values for which a function that is no straight line is computed."""


@dataclass(frozen=True)
class Column:
    """An issue, and what NegMAS has at each of its positions."""

    issue: Issue
    raw: Sequence[object]


def kind_of(node: Node) -> str:
    """The last part of the class that an object was."""
    found = node.get("type") or node.need("__python_class__")
    return found.text().rpartition(".")[2]


def function_of(node: Node, column: Column) -> Linear | Table:
    """The value function that a node describes, over the values of an issue."""
    kind = kind_of(node)
    if kind == "TableFun":
        return _table(node.need("mapping"), column)
    if kind == "ConstFun":
        level = node.need("bias").number()
        return Linear(level, level)
    curve = _curve(kind, node)
    straight = kind in ("IdentityFun", "LinearFun", "AffineFun")
    if straight and isinstance(column.issue, Integer):
        return Linear(curve(_real(node, column.raw[0])), curve(_real(node, column.raw[-1])))
    if len(column.raw) > _MAX_COMPUTED:
        raise node.error(f"a {kind} over {len(column.raw):,} values; at most {_MAX_COMPUTED:,}")
    return Table(tuple(curve(_real(node, value)) for value in column.raw))


def _real(node: Node, value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise node.error(f"a numeric function of {described(value)}")
    return Node(value, node.file, node.place).number()


def _table(node: Node, column: Column) -> Table:
    entries = dict(node.pairs("a table of values"))
    values: list[Fraction] = []
    for raw in column.raw:
        key = raw if raw in entries else str(raw)  # the keys of JSON are texts
        if key not in entries:
            raise node.error(
                f"no value for {described(raw)} of issue {quote(column.issue.name)}"
            )
        values.append(node.child(str(key)[:64], entries[key]).number())
    return Table(tuple(values))


def _curve(kind: str, node: Node) -> Callable[[Fraction], Fraction]:
    """The function of a number that a value function is."""

    def of(name: str) -> Fraction:
        return node.need(name).number()

    if kind in ("IdentityFun", "LinearFun", "AffineFun"):
        slope = Fraction(1) if kind == "IdentityFun" else of("slope")
        return _polynomial((of("bias") if kind == "AffineFun" else Fraction(0), slope))
    if kind == "QuadraticFun":
        return _polynomial((of("bias"), of("a1"), of("a2")))
    if kind == "PolynomialFun":
        powers = node.need("coefficients").items()[:33]
        if len(powers) > 32:
            raise node.error("a polynomial of more than 32 coefficients")
        return _polynomial((of("bias"), *(power.number() for power in powers)))
    if kind == "TriangularFun":
        corners = (of("start"), of("middle"), of("middle"), of("end"))
        return _hill(node, corners, of("bias"), of("scale"))
    if kind == "TrapezoidalFun":
        corners = (of("start"), of("rise_end"), of("fall_start"), of("end"))
        return _hill(node, corners, of("bias"), of("scale"))
    raise node.error(f"value function of type {quote(kind)}, which is not read")


def _polynomial(coefficients: tuple[Fraction, ...]) -> Callable[[Fraction], Fraction]:
    def curve(x: Fraction) -> Fraction:
        total = Fraction(0)
        for coefficient in reversed(coefficients):
            total = total * x + coefficient
        return total

    return curve


def _hill(
    node: Node,
    corners: tuple[Fraction, Fraction, Fraction, Fraction],
    bias: Fraction,
    scale: Fraction,
) -> Callable[[Fraction], Fraction]:
    """Up from the first corner to the second, level to the third, down to the fourth, flat outside."""
    start, rise, fall, end = corners
    if not start <= rise <= fall <= end:
        raise node.error("corners that do not rise")

    def curve(x: Fraction) -> Fraction:
        if not start <= x <= end:
            return bias
        if x < rise:
            return bias + scale * (x - start) / (rise - start)
        return bias + scale * (1 if x <= fall else (end - x) / (end - fall))

    return curve
