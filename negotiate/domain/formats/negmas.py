"""NegMAS YAML (or JSON): a folder with the domain and a file per utility function.

This is what NegMAS 0.16 writes by ``Scenario.dumpas``. The domain may also be embedded in each utility function
(``outcome_space``). Roles are called after the files, in the order of the file names, which is the order in
which NegMAS itself reads them back.

- Issues: ``ContiguousIssue`` and evenly spaced numbers of ``DiscreteCardinalIssue`` (a Python range included)
  become integer issues; ``CategoricalIssue``, ``DiscreteOrdinalIssue`` and any other list become choices.
- Utility functions: ``LinearAdditiveUtilityFunction``, ``LinearUtilityFunction``, ``AffineUtilityFunction``,
  ``ConstUtilityFunction``, and ``ExpDiscountedUFun`` over them if its factor is ``relative_time``.
- Value functions: table, identity, constant, linear, affine, quadratic, polynomial, triangular, trapezoidal.
- A ``reserved_value`` of minus infinity or none says that any agreement is at least as good as none; it becomes
  0, or the utility of the worst outcome if that is below 0.

NegMAS drops the ``bias`` of a ``LinearAdditiveUtilityFunction`` when it writes; where a file has one, it is added.
"""

from __future__ import annotations

import pickletools
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.formats import _json, _yaml
from negotiate.domain.formats._build import check_room, finished
from negotiate.domain.formats._node import Node, Problems, built, described
from negotiate.domain.issues import Choice, Domain, Integer, Issue
from negotiate.domain.preferences import SCALE, Linear, LinearAdditive, Table, ValueFunction
from negotiate.domain.scenario import Role, Scenario
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PICKLED = b"__CLOUDPICKLE_START__:"
_MAX_COMPUTED = 50_000
"""Most values for which a function that is no straight line is computed."""

Term: TypeAlias = tuple[Fraction, ValueFunction]


@dataclass(frozen=True)
class _Column:
    """An issue, and what NegMAS has at each of its positions."""

    issue: Issue
    raw: Sequence[object]


def read(
    name: str, domain_file: tuple[str, bytes] | None, ufuns: Mapping[str, tuple[str, bytes]]
) -> Scenario:
    """The scenario of a domain and its utility functions.

    Args:
        name: of the scenario.
        domain_file: the domain's file and content; None to take what the first function embeds.
        ufuns: for each role its file and content, in order.

    Raises:
        FormatError: all that is wrong with the first file that is wrong.
    """
    nodes = {role: parse(data, file) for role, (file, data) in ufuns.items()}
    node = (
        parse(domain_file[1], domain_file[0])
        if domain_file
        else next(iter(nodes.values())).need("outcome_space")
    )
    columns = _columns(node)
    title = node.get("name")
    called = title.text() if title is not None and title.value else ""
    domain = built(node, Domain, tuple(column.issue for column in columns), called)
    check_room(domain, len(nodes), node.file)
    roles = [Role(role, _preferences(each, domain, columns)) for role, each in nodes.items()]
    return finished(name, domain, roles, node.file, f"NegMAS scenario {quote(name)}.")


def parse(data: bytes, file: str) -> Node:
    """The content of a file, which is JSON if it begins like JSON."""
    is_json = re.match(rb'(?:\xef\xbb\xbf)?\s*\{\s*"', data)
    return _json.parse(data, file) if is_json else _yaml.parse(data, file)


def _kind(node: Node) -> str:
    """The last part of the class that an object was."""
    found = node.get("type") or node.need("__python_class__")
    return found.text().rpartition(".")[2]


# Issues


def _columns(node: Node) -> list[_Column]:
    problems = Problems(node.file)
    found = [problems.attempt(_column, issue) for issue in node.need("issues").items()]
    problems.check()
    return [column for column in found if column is not None]


def _column(node: Node) -> _Column:
    name, kind = node.need("name").text(), _kind(node)
    make = _ISSUES.get(kind)
    if make is None:
        raise node.error(
            f"issue {quote(name)} is a {quote(kind)}, which has no grid or no fixed values",
            help="discretise the scenario in NegMAS before saving it",
        )
    return make(node.need("values"), name)


def _contiguous(node: Node, name: str) -> _Column:
    ends = node.items("a pair [low, high]")
    if len(ends) != 2:
        raise node.wrong("a pair [low, high]")
    return _numbers(node, name, ends[0].integer(), ends[1].integer(), 1)


def _numbers(node: Node, name: str, low: int, high: int, step: int) -> _Column:
    issue = built(node, Integer, name, low, high, step)
    return _Column(issue, range(low, high + 1, step))


def _cardinal(node: Node, name: str) -> _Column:
    if isinstance(node.value, bytes):
        low, high, step = _pickled_range(node, node.value)
        return _numbers(node, name, low, high, step)
    values = [item.value for item in node.items()]
    whole = [value for value in values if type(value) is int]
    if len(whole) == len(values) > 1:
        step = whole[1] - whole[0]
        if step > 0 and all(b - a == step for a, b in pairwise(whole)):
            return _numbers(node, name, whole[0], whole[-1], step)
    return _listed(node, name)


def _listed(node: Node, name: str) -> _Column:
    raw = [_plain(item) for item in node.items()]
    return _Column(built(node, Choice, name, tuple(str(value) for value in raw)), raw)


def _plain(node: Node) -> object:
    if not isinstance(node.value, (str, int, Decimal)):
        raise node.wrong("a text or a number")
    return node.value


_ISSUES: dict[str, Callable[[Node, str], _Column]] = {
    "ContiguousIssue": _contiguous,
    "DiscreteCardinalIssue": _cardinal,
    "CardinalIssue": _cardinal,
    "DiscreteOrdinalIssue": _listed,
    "CategoricalIssue": _listed,
}


def _pickled_range(node: Node, data: bytes) -> tuple[int, int, int]:
    """Low, high and step of a Python range that NegMAS has pickled.

    A pickle is a program, and it is never run here: its instructions are listed, and must be those that spell
    ``range(a, b, c)`` and nothing else.
    """
    wrong = node.error("pickled data, which is not opened; only a pickled range is read")
    if not data.startswith(_PICKLED) or len(data) > 256:
        raise wrong
    try:
        steps = [
            (code.name, value) for code, value, _ in pickletools.genops(data[len(_PICKLED) :])
        ]
    except (ValueError, IndexError, UnicodeDecodeError):
        raise wrong from None
    steps = [step for step in steps if step[0] not in ("PROTO", "FRAME", "MEMOIZE")]
    names = [name for name, _ in steps]
    numbers = [value for _, value in steps[3:6]]
    shape = (steps[:3], names[6:])
    call = [
        ("SHORT_BINUNICODE", "builtins"),
        ("SHORT_BINUNICODE", "range"),
        ("STACK_GLOBAL", None),
    ]
    if shape != (call, ["TUPLE3", "REDUCE", "STOP"]):
        raise wrong
    first, end, step = (number if type(number) is int else 0 for number in numbers)
    if step < 1 or end <= first:
        raise node.error("a range that does not rise")
    return first, first + (end - 1 - first) // step * step, step


# Utility functions


def _preferences(node: Node, domain: Domain, columns: Sequence[_Column]) -> LinearAdditive:
    embedded = node.get("outcome_space")
    if embedded is not None and [c.issue for c in _columns(embedded)] != list(domain.issues):
        raise embedded.error("another domain than that of the scenario's other files")
    discount = Fraction(1)
    inner = node
    if _kind(node) == "ExpDiscountedUFun":
        discount, inner = _discount(node), node.need("ufun")
    terms = _terms(inner, columns)
    plain = built(node, LinearAdditive, domain, terms)
    reservation = _reservation(node, plain)
    return built(
        node, lambda: LinearAdditive(domain, terms, reservation=reservation, discount=discount)
    )


def _discount(node: Node) -> Fraction:
    factor, discount = node.need("factor"), node.need("discount")
    if discount.value is None:
        return Fraction(1)
    if factor.value != "relative_time":
        raise factor.error(
            f"discounting by {described(factor.value)}; only 'relative_time' is read"
        )
    return discount.number()


def _reservation(node: Node, plain: LinearAdditive) -> Fraction:
    found = node.get("reserved_value")
    if found is not None and found.value not in (None, Decimal("-Infinity")):
        return found.number()
    outcome = node.get("reserved_outcome")
    if outcome is not None and outcome.value is not None:
        raise outcome.error(
            "a reserved outcome without a reserved value", help="give reserved_value"
        )
    worst = sum(min(table) for table in plain.tables)
    return Fraction(min(worst, 0), SCALE)


def _terms(node: Node, columns: Sequence[_Column]) -> dict[str, Term]:
    kind = _kind(node)
    if kind == "ConstUtilityFunction":
        return {columns[0].issue.name: _level(node.need("value").number())}
    if kind == "LinearAdditiveUtilityFunction":
        functions = _each(node.need("values"), columns)
    elif kind in ("LinearUtilityFunction", "AffineUtilityFunction"):
        functions = [node.child("values", {"type": "IdentityFun"}) for _ in columns]
    else:
        raise node.error(f"utility function of type {quote(kind)}; additive ones are read")
    weights = _each(node.need("weights"), columns)
    problems = Problems(node.file)
    terms: dict[str, Term] = {}
    for column, weight, function in zip(columns, weights, functions, strict=True):
        found = problems.attempt(_term, weight, function, column)
        if found is not None:
            terms[column.issue.name] = found
    problems.check()
    bias = node.get("bias")
    if bias is not None and bias.value is not None:
        first = columns[0].issue.name
        terms[first] = _lifted(terms[first], bias.number())
    return terms


def _each(node: Node, columns: Sequence[_Column]) -> list[Node]:
    """One entry for each issue, from a list in their order or a table by their names."""
    if isinstance(node.value, dict):
        return [node.need(column.issue.name) for column in columns]
    found = node.items("an entry for each issue")
    if len(found) != len(columns):
        raise node.error(f"{len(found)} entries for {len(columns)} issues")
    return found


def _term(weight: Node, function: Node, column: _Column) -> Term:
    return weight.number(), _function(function, column)


def _level(value: Fraction) -> Term:
    return Fraction(1), Linear(value, value)


def _lifted(term: Term, bias: Fraction) -> Term:
    """A term with a constant added to it."""
    weight, function = term
    if isinstance(function, Linear):
        return Fraction(1), Linear(weight * function.low + bias, weight * function.high + bias)
    assert isinstance(function, Table)  # noqa: S101 - _function makes these two only
    return Fraction(1), Table(tuple(weight * value + bias for value in function.values))


# Value functions


def _function(node: Node, column: _Column) -> ValueFunction:
    kind = _kind(node)
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


def _table(node: Node, column: _Column) -> Table:
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
