"""Solvers for large winner determination: HiGHS (extra ``milp``) and CP-SAT of OR-tools (extra ``cpsat``).

Both are asked for the choice of greatest weight, with no gap left and one worker. What comes back is checked in
exact integers. Among choices of one weight the one whose packages stand earliest is found by asking again: is
there another of this weight? and if there is, for the earliest packages, some twenty or forty at a time, as bits
of a weight.

HiGHS computes in floating point, CP-SAT in 64 bits: weights whose sum passes what each can tell apart are refused.
The two cannot be imported into one process, so that one is loaded when it is used, and never the other with it.

Sources: Huangfu & Hall (2018) for HiGHS; Perron & Furnon, OR-tools, for CP-SAT.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from negotiate.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from negotiate.protocols.clearing.relaxation import Uses

Installed: TypeAlias = Literal["highs", "cpsat"]
Solver: TypeAlias = Literal["auto", "own", "highs", "cpsat"]
"""Who searches."""

_MODULES: dict[Installed, str] = {"cpsat": "ortools", "highs": "highspy"}
_EXTRAS: dict[Installed, str] = {"cpsat": "cpsat", "highs": "milp"}
_EXACT: dict[Installed, int] = {"cpsat": 2**60, "highs": 2**40}
_BITS: dict[Installed, int] = {"cpsat": 40, "highs": 20}
_HIGHS_NODE = 100  # nodes of the own search that weigh as much as one of HiGHS
_CPSAT_UNIT = 50_000  # and as one unit of CP-SAT's deterministic time
_FEASIBILITY = 1e-9


class Model(NamedTuple):
    """Packages to choose from, for the greatest sum of weights.

    Attributes:
        weights: of the packages.
        uses: of each package, which rows and how much of each.
        supply: of each row: the most that may be used of it, or the least that is wanted.
        wanted: rows of which at least the supply is wanted.
    """

    weights: Sequence[int]
    uses: Sequence[Uses]
    supply: Sequence[int]
    wanted: Collection[int] = ()


class _Line(NamedTuple):
    """``low <= sum(weights[p] for the packages chosen) <= high``, where None is no limit."""

    low: int | None
    weights: dict[int, int]
    high: int | None


def ready() -> Installed | None:
    """The solver to use: the one that is loaded, else one that is installed; None if there is none."""
    for name, module in _MODULES.items():
        if module in sys.modules:
            return name
    for name, module in _MODULES.items():
        if find_spec(module) is not None:
            return name
    return None


def require(name: Installed) -> Installed:
    """The solver of this name.

    Raises:
        LocalError: it is not installed, or the other one is loaded.
    """
    if find_spec(_MODULES[name]) is None:
        raise LocalError(
            f"the solver {name} is not installed",
            code="no-solver",
            help=f"pip install 'negotiate-kit[{_EXTRAS[name]}]', or solver='own'",
        )
    for other, module in _MODULES.items():
        if other != name and module in sys.modules:
            raise LocalError(
                f"the solver {other} is loaded, and {name} cannot be loaded into the same process",
                code="no-solver",
                help=f"solver='{other}', or another process",
            )
    return name


def advice() -> str:
    """What to do when the own search is not enough."""
    if ready() is None:
        return "install a solver (negotiate-kit[milp] or negotiate-kit[cpsat]), raise nodes=, or send fewer packages"
    return "take a solver (solver=), raise nodes=, or send fewer packages"


def best(name: Installed, model: Model, nodes: int, *, canonical: bool) -> list[int] | None:
    """The packages of a choice of greatest weight; None if no choice satisfies all rows.

    Args:
        name: of a solver that is installed.
        model: the problem.
        nodes: how much work a search may be.
        canonical: of several choices the one whose packages stand earliest, which takes further searches. All
            choices of the greatest weight must have the same number of packages.

    Raises:
        LocalError: the search would be more work, or weights are too large.
    """
    if sum(map(abs, model.weights)) > _EXACT[name]:
        raise LocalError(
            f"the amounts of all packages come to more than {name} can tell apart",
            code="too-large",
            help="solver='own' has no such limit; or write amounts in larger units",
        )
    lines = _lines(model)
    weights = dict(enumerate(model.weights))
    chosen = _ask(name, lines, weights, model, nodes)
    if not chosen or not canonical:
        return chosen
    total = sum(model.weights[p] for p in chosen)
    lines.append(_Line(total, weights, None))
    another = _Line(None, dict.fromkeys(chosen, 1), len(chosen) - 1)
    if _ask(name, [*lines, another], {}, model, nodes) is None:
        return chosen
    size, step = len(model.weights), _BITS[name]
    for first in range(0, size, step):
        group = range(first, min(first + step, size))
        bits = {p: 1 << (group[-1] - p) for p in group}
        found = _ask(name, lines, bits, model, nodes)
        assert found is not None  # noqa: S101 - `chosen` satisfies all lines
        inside = set(found)
        lines += [_Line(int(p in inside), {p: 1}, int(p in inside)) for p in group]
        chosen = found
    return chosen


def _lines(model: Model) -> list[_Line]:
    on: list[dict[int, int]] = [{} for _ in model.supply]
    for p, uses in enumerate(model.uses):
        for row, count in uses:
            on[row][p] = count
    return [
        _Line(most, on[row], None) if row in model.wanted else _Line(None, on[row], most)
        for row, most in enumerate(model.supply)
        if on[row] or (row in model.wanted and most > 0)
    ]


def _ask(
    name: Installed,
    lines: Sequence[_Line],
    goal: dict[int, int],
    model: Model,
    nodes: int,
) -> list[int] | None:
    """The packages of a choice that satisfies the lines and is greatest by the goal, checked."""
    if any(not line.weights and (line.low or 0) > 0 for line in lines):
        return None
    run = _highs if name == "highs" else _cpsat
    chosen = run(lines, goal, model, nodes) if model.weights else []
    if chosen is not None and not all(_holds(line, chosen) for line in lines):
        raise LocalError(
            f"{name} gave a choice that breaks a rule of the problem",
            code="solver-failed",
            help="solver='own', and tell us",
        )
    return chosen


def _holds(line: _Line, chosen: Sequence[int]) -> bool:
    total = sum(line.weights.get(p, 0) for p in chosen)
    return (line.low is None or total >= line.low) and (line.high is None or total <= line.high)


def _too_hard(name: Installed) -> LocalError:
    return LocalError(
        f"{name} reached the limit of its work",
        code="too-hard",
        help="raise nodes=, or send fewer packages",
    )


def _load(name: Installed, module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise LocalError(
            f"the solver {name} is installed, and does not load: {error}",
            code="no-solver",
            help=f"pip install 'negotiate-kit[{_EXTRAS[name]}]', or solver='own'",
        ) from None


def _highs(
    lines: Sequence[_Line], goal: dict[int, int], model: Model, nodes: int
) -> list[int] | None:
    api, size = _load("highs", "highspy"), len(model.weights)
    highs: Any = api.Highs()
    for option, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": _FEASIBILITY,
        "primal_feasibility_tolerance": _FEASIBILITY,
        "dual_feasibility_tolerance": _FEASIBILITY,
        "mip_max_nodes": 1 + nodes // _HIGHS_NODE,
    }.items():
        highs.setOptionValue(option, value)
    columns = np.arange(size, dtype=np.int32)
    highs.addVars(size, np.zeros(size), np.ones(size))
    highs.changeColsCost(size, columns, np.array([-float(goal.get(p, 0)) for p in range(size)]))
    kinds = np.array([api.HighsVarType.kInteger] * size)
    highs.changeColsIntegrality(size, columns, kinds)
    for low, weights, high in lines:
        highs.addRow(
            -api.kHighsInf if low is None else float(low),
            api.kHighsInf if high is None else float(high),
            len(weights),
            np.array(list(weights), dtype=np.int32),
            np.array(list(weights.values()), dtype=np.float64),
        )
    highs.run()
    status = highs.getModelStatus()
    none = api.HighsModelStatus.kInfeasible, api.HighsModelStatus.kUnboundedOrInfeasible
    if status in none:  # no package can be taken more than once, so nothing is unbounded
        return None
    if status != api.HighsModelStatus.kOptimal:
        raise _too_hard("highs")
    values = list(highs.getSolution().col_value)
    return [p for p, value in enumerate(values) if value > 0.5]


def _cpsat(
    lines: Sequence[_Line], goal: dict[int, int], model: Model, nodes: int
) -> list[int] | None:
    api = _load("cpsat", "ortools.sat.python.cp_model")
    problem: Any = api.CpModel()
    takes = [problem.new_bool_var(str(p)) for p in range(len(model.weights))]
    for low, weights, high in lines:
        total = api.LinearExpr.weighted_sum([takes[p] for p in weights], list(weights.values()))
        if low is not None:
            problem.add(total >= low)
        if high is not None:
            problem.add(total <= high)
    if goal:
        problem.maximize(
            api.LinearExpr.weighted_sum([takes[p] for p in goal], list(goal.values()))
        )
    search: Any = api.CpSolver()
    search.parameters.num_workers = 1
    search.parameters.random_seed = 0
    # Coverings are found by their relaxation, packings by their conflicts.
    search.parameters.linearization_level = 2 if model.wanted else 1
    search.parameters.max_deterministic_time = 1 + nodes / _CPSAT_UNIT
    status = search.solve(problem)
    if status == api.INFEASIBLE:
        return None
    if status != api.OPTIMAL and not (status == api.FEASIBLE and not goal):
        raise _too_hard("cpsat")
    return [p for p, take in enumerate(takes) if search.boolean_value(take)]
