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

import base64
import binascii
import pickletools
import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.formats import _json, _yaml
from negotiate.domain.formats._build import check_room, finished
from negotiate.domain.formats._negmas_values import Column, function_of, kind_of
from negotiate.domain.formats._node import Node, Problems, built, described
from negotiate.domain.issues import Choice, Domain, Integer
from negotiate.domain.preferences import SCALE, Linear, LinearAdditive, Table
from negotiate.domain.scenario import Role, Scenario
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_BYTES = "__BYTES__:"
_PICKLED = b"__CLOUDPICKLE_START__:"

Term: TypeAlias = tuple[Fraction, Linear | Table]


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


# Issues


def _columns(node: Node) -> list[Column]:
    problems = Problems(node.file)
    found = [problems.attempt(_column, issue) for issue in node.need("issues").items()]
    problems.check()
    return [column for column in found if column is not None]


def _column(node: Node) -> Column:
    name, kind = node.need("name").text(), kind_of(node)
    make = _ISSUES.get(kind)
    if make is None:
        raise node.error(
            f"issue {quote(name)} is a {quote(kind)}, which has no grid or no fixed values",
            help="discretise the scenario in NegMAS before saving it",
        )
    return make(node.need("values"), name)


def _contiguous(node: Node, name: str) -> Column:
    ends = node.items("a pair [low, high]")
    if len(ends) != 2:
        raise node.wrong("a pair [low, high]")
    return _numbers(node, name, ends[0].integer(), ends[1].integer(), 1)


def _numbers(node: Node, name: str, low: int, high: int, step: int) -> Column:
    issue = built(node, Integer, name, low, high, step)
    return Column(issue, range(low, high + 1, step))


def _cardinal(node: Node, name: str) -> Column:
    data = _bytes(node)
    if data is not None:
        return _numbers(node, name, *_pickled_range(node, data))
    values = [item.value for item in node.items()]
    whole = [value for value in values if type(value) is int]
    if len(whole) == len(values) > 1:
        step = whole[1] - whole[0]
        if step > 0 and all(b - a == step for a, b in pairwise(whole)):
            return _numbers(node, name, whole[0], whole[-1], step)
    return _listed(node, name)


def _bytes(node: Node) -> bytes | None:
    """Binary data, which YAML has a tag for, and for which NegMAS has a prefix in JSON."""
    if isinstance(node.value, bytes):
        return node.value
    if not isinstance(node.value, str) or not node.value.startswith(_BYTES):
        return None
    try:
        return base64.b64decode(node.value.removeprefix(_BYTES), validate=True)
    except (binascii.Error, ValueError):
        raise node.wrong("base64 data") from None


def _listed(node: Node, name: str) -> Column:
    raw = [_plain(item) for item in node.items()]
    return Column(built(node, Choice, name, tuple(str(value) for value in raw)), raw)


def _plain(node: Node) -> object:
    if not isinstance(node.value, (str, int, Decimal)):
        raise node.wrong("a text or a number")
    return node.value


_ISSUES: dict[str, Callable[[Node, str], Column]] = {
    "ContiguousIssue": _contiguous,
    "DiscreteCardinalIssue": _cardinal,
    "CardinalIssue": _cardinal,
    "DiscreteOrdinalIssue": _listed,
    "CategoricalIssue": _listed,
}


def _pickled_range(node: Node, data: bytes) -> tuple[int, int, int]:
    """Low, high and step of a Python range that NegMAS has pickled.

    A pickle is a program, and it is never run here: its instructions are listed, and must be those
    that spell ``range(a, b, c)`` and nothing else.
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


def _preferences(node: Node, domain: Domain, columns: Sequence[Column]) -> LinearAdditive:
    embedded = node.get("outcome_space")
    if embedded is not None and [c.issue for c in _columns(embedded)] != list(domain.issues):
        raise embedded.error("another domain than that of the scenario's other files")
    discount = Fraction(1)
    inner = node
    if kind_of(node) == "ExpDiscountedUFun":
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


def _terms(node: Node, columns: Sequence[Column]) -> dict[str, Term]:
    kind = kind_of(node)
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


def _each(node: Node, columns: Sequence[Column]) -> list[Node]:
    """One entry for each issue, from a list in their order or a table by their names."""
    if isinstance(node.value, dict):
        return [node.need(column.issue.name) for column in columns]
    found = node.items("an entry for each issue")
    if len(found) != len(columns):
        raise node.error(f"{len(found)} entries for {len(columns)} issues")
    return found


def _term(weight: Node, function: Node, column: Column) -> Term:
    return weight.number(), function_of(function, column)


def _level(value: Fraction) -> Term:
    return Fraction(1), Linear(value, value)


def _lifted(term: Term, bias: Fraction) -> Term:
    """A term with a constant added to it."""
    weight, function = term
    if isinstance(function, Linear):
        return Fraction(1), Linear(weight * function.low + bias, weight * function.high + bias)
    return Fraction(1), Table(tuple(weight * value + bias for value in function.values))
