"""Winner determination by the own search and by the solvers: one canonical choice, or an error."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from itertools import chain, combinations, product
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from negotiate.errors import LocalError
from negotiate.protocols.clearing import branching, covering, solvers, winners
from negotiate.protocols.clearing.winners import Package, determine, greatest_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HAVE = {name: find_spec(module) is not None for name, module in solvers._MODULES.items()}
needs_highs = pytest.mark.skipif(not HAVE["highs"], reason="highspy is not installed")
needs_cpsat = pytest.mark.skipif(not HAVE["cpsat"], reason="ortools is not installed")

Problem = tuple[list[Package], list[int]]


def problem(random: Random, most: int = 8) -> Problem:
    """Small packages on few rows with few different amounts, so that there are ties."""
    supply = [random.choice([1, 1, 1, 2, 3]) for _ in range(random.randint(1, 6))]
    top = random.choice([2, 5, 40])
    packages = []
    for _ in range(random.randint(0, most)):
        rows = sorted(random.sample(range(len(supply)), random.randint(1, min(3, len(supply)))))
        uses = tuple((row, random.choice([1, 1, 1, 2])) for row in rows)
        packages.append(Package(uses, random.randint(0, top)))
    return packages, supply


def choices(
    packages: list[Package], size: int
) -> Iterator[tuple[int, tuple[int, ...], list[int]]]:
    """Every choice of packages, with its amount and what it uses of each row."""
    every = range(len(packages))
    for chosen in chain.from_iterable(combinations(every, n) for n in range(len(every) + 1)):
        used = [0] * size
        for row, count in chain.from_iterable(packages[place].rows for place in chosen):
            used[row] += count
        yield sum(int(packages[place].amount) for place in chosen), chosen, used


def brute(packages: list[Package], supply: list[int]) -> tuple[int, tuple[int, ...]]:
    """Greatest value, then fewest, then earliest."""
    value, _, chosen = min(
        (-value, len(chosen), chosen)
        for value, chosen, used in choices(packages, len(supply))
        if all(n <= most for n, most in zip(used, supply, strict=True))
    )
    return -value, chosen


def brute_cover(
    packages: list[Package], supply: list[int], wanted: list[int]
) -> tuple[int, tuple[int, ...]] | None:
    """Least cost, then fewest, then earliest, that brings what is wanted; None if nothing does."""
    fine = [
        (cost, len(chosen), chosen)
        for cost, chosen, used in choices(packages, len(supply))
        if all(n >= supply[r] if r in wanted else n <= supply[r] for r, n in enumerate(used))
    ]
    return (min(fine)[0], min(fine)[2]) if fine else None


def offers(random: Random) -> tuple[list[Package], list[int], list[int]]:
    """Offers of at most one of each seller's; and what is wanted."""
    wanted = list(range(random.randint(1, 3)))
    sellers = random.randint(1, 4)
    supply = [random.choice([1, 1, 2]) for _ in wanted] + [1] * sellers
    packages = []
    for _ in range(random.randint(0, 7)):
        rows = random.sample(wanted, random.randint(1, len(wanted)))
        seller = len(wanted) + random.randrange(sellers)
        packages.append(
            Package((*((row, 1) for row in rows), (seller, 1)), random.randint(0, 6))
        )
    return packages, supply, wanted


@pytest.mark.parametrize(
    ("dive", "ties", "depth"),
    [(4000, 200, 300), (4000, 1, 300), (1, 200, 300), (1, 1, 300), (1, 200, 1), (1, 1, 0)],
    ids=["dives", "many ties", "branches", "branches, many ties", "deep", "deep, many ties"],
)
def test_every_way_of_searching_finds_the_canonical_best(
    dive: int, ties: int, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branching, "_DIVE", dive)
    monkeypatch.setattr(branching, "_TIES", ties)
    monkeypatch.setattr(branching, "_DEPTH", depth)
    random = Random(dive + 10 * ties + 100 * depth)
    for _ in range(500):
        packages, supply = problem(random)
        value, chosen = brute(packages, supply)
        assert determine(packages, supply, solver="own") == (value, chosen)
        assert greatest_value(packages, supply, solver="own") == value


def test_parts_that_share_nothing_are_solved_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branching, "_DIVE", 1)
    random = Random(3)
    for _ in range(60):
        left, right = problem(random, 5), problem(random, 5)
        moved = [
            Package(tuple((row + len(left[1]), n) for row, n in package.rows), package.amount)
            for package in right[0]
        ]
        packages, supply = left[0] + moved, left[1] + right[1]
        assert determine(packages, supply, solver="own") == brute(packages, supply)


def test_a_relaxation_too_large_to_try_leaves_an_exact_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("negotiate.protocols.clearing.relaxation._LARGEST", 0)
    random = Random(4)
    for _ in range(100):
        packages, supply = problem(random)
        assert determine(packages, supply, solver="own") == brute(packages, supply)
        offered = offers(random)
        assert covering.determine(*offered, solver="own") == brute_cover(*offered)


def test_buying_finds_the_canonical_cheapest() -> None:
    random = Random(5)
    for _ in range(600):
        offered = offers(random)
        assert covering.determine(*offered, solver="own") == brute_cover(*offered)


# -- solvers ---------------------------------------------------------------------------------------


@needs_highs
def test_highs_finds_the_same_choice() -> None:
    random = Random(6)
    for _ in range(500):
        packages, supply = problem(random)
        value, chosen = brute(packages, supply)
        assert determine(packages, supply, solver="highs") == (value, chosen)
        assert greatest_value(packages, supply, solver="highs") == value
        offered = offers(random)
        assert covering.determine(*offered, solver="highs") == brute_cover(*offered)


@needs_highs
def test_a_tie_between_more_packages_than_a_weight_has_bits() -> None:
    packages = [Package(((p // 3, 1),), 7) for p in range(90)]
    assert determine(packages, [1] * 30, solver="highs").chosen == tuple(range(0, 90, 3))


CPSAT = """
import json, sys
from negotiate.protocols.clearing import covering
from negotiate.protocols.clearing.winners import Package, determine
def read(packages):
    return [Package(tuple(map(tuple, rows)), amount) for rows, amount in packages]
sell, buy = json.load(sys.stdin)
print(json.dumps([
    [determine(read(p), s, solver="cpsat") for p, s in sell],
    [covering.determine(read(p), s, w, solver="cpsat") for p, s, w in buy],
]))
"""


@needs_cpsat
def test_cpsat_finds_the_same_choice() -> None:  # in another process: HiGHS may be loaded here
    random = Random(7)
    sell = [problem(random) for _ in range(150)]
    sell.append(([Package(((p // 3, 1),), 7) for p in range(9)], [1] * 3))
    buy = [offers(random) for _ in range(150)]
    run = subprocess.run(
        [sys.executable, "-c", CPSAT],
        input=json.dumps([sell, buy]), capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = [[brute(*case) for case in sell], [brute_cover(*case) for case in buy]]
    assert json.loads(run.stdout) == json.loads(json.dumps(expected))


class Sum(NamedTuple):
    """What CP-SAT takes for a sum, and the bounds of one."""

    takes: list[int]
    weights: list[int]

    def __ge__(self, low: object) -> Callable[[Sequence[bool]], bool]:  # type: ignore[override]
        return lambda chosen: self.of(chosen) >= low  # type: ignore[operator]

    def __le__(self, high: object) -> Callable[[Sequence[bool]], bool]:  # type: ignore[override]
        return lambda chosen: self.of(chosen) <= high  # type: ignore[operator]

    def of(self, chosen: Sequence[bool]) -> int:
        return sum(w for take, w in zip(self.takes, self.weights, strict=True) if chosen[take])


class TryAll:
    """CP-SAT's interface, as far as it is used; it tries everything."""

    OPTIMAL, FEASIBLE, INFEASIBLE, UNKNOWN = range(4)

    class LinearExpr:
        weighted_sum = Sum

    class CpModel:
        def __init__(self) -> None:
            self.size = 0
            self.bounds: list[Callable[[Sequence[bool]], bool]] = []
            self.goal = Sum([], [])

        def new_bool_var(self, name: str) -> int:
            self.size += 1
            return self.size - 1

        def add(self, bound: Callable[[Sequence[bool]], bool]) -> None:
            self.bounds.append(bound)

        def maximize(self, goal: Sum) -> None:
            self.goal = goal

    class CpSolver:
        def __init__(self) -> None:
            self.parameters = SimpleNamespace()

        def solve(self, model: TryAll.CpModel) -> int:
            if self.parameters.max_deterministic_time < 1.1:
                return TryAll.UNKNOWN
            choices = product([False, True], repeat=model.size)
            fine = [c for c in choices if all(bound(c) for bound in model.bounds)]
            self.best = max(fine, key=model.goal.of, default=())
            return TryAll.OPTIMAL if fine else TryAll.INFEASIBLE

        def boolean_value(self, take: int) -> bool:
            return self.best[take]


def test_what_is_asked_of_cpsat_is_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "require", lambda name: name)
    monkeypatch.setattr(solvers, "_load", lambda name, module: TryAll)
    monkeypatch.setitem(solvers._BITS, "cpsat", 3)
    random = Random(8)
    for _ in range(60):
        packages, supply = problem(random, 6)
        assert determine(packages, supply, solver="cpsat") == brute(packages, supply)
        offered = offers(random)
        assert covering.determine(*offered, solver="cpsat") == brute_cover(*offered)
    with pytest.raises(LocalError) as caught:
        determine([Package(((0, 1),), 1)], [1], nodes=1, solver="cpsat")
    assert caught.value.code == "too-hard"


def test_many_equal_choices_of_a_problem_that_needs_branches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = [(9, 3, 14), (12, 3, 20), (15, 3, 30), (12, 2, 20), (16, 4, 30)]
    cases: list[Problem] = []
    for seed in (278, *range(11)):  # with 278 a branch finds what no dive does
        random = Random(seed)
        items, each, bids = random.choice(sizes)
        wants = [sorted(random.sample(range(items), each)) for _ in range(bids)]
        cases.append(([Package(tuple((i, 1) for i in w), 5) for w in wants], [1] * items))
    expected = [determine(*case, solver="own") for case in cases]
    monkeypatch.setattr(branching, "_DIVE", 0)
    monkeypatch.setattr(branching, "_TIES", 1)
    assert [determine(*case, solver="own") for case in cases] == expected


def hard(seed: int = 6) -> Problem:
    random = Random(seed)
    rows = [tuple((i, 1) for i in random.sample(range(30), 4)) for _ in range(60)]
    return [Package(uses, random.randint(95, 105)) for uses in rows], [1] * 30


@needs_highs
def test_auto_hands_over_when_the_own_search_has_had_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages, supply = hard()
    expected = determine(packages, supply, solver="own")
    monkeypatch.setattr(solvers, "ready", lambda: "highs")
    for first, many in ((1, 1000), (10**9, 1), (10**9, 1000)):
        monkeypatch.setattr(winners, "FIRST", first)
        monkeypatch.setattr(winners, "MANY", many)
        assert determine(packages, supply) == expected


def test_auto_without_a_solver_searches_by_itself_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages, supply = hard()
    monkeypatch.setattr(solvers, "ready", lambda: None)
    assert determine(packages, supply) == determine(packages, supply, solver="own")
    with pytest.raises(LocalError) as caught:
        determine(packages, supply, nodes=3)
    assert caught.value.code == "too-hard"
    assert "negotiate-kit[milp]" in str(caught.value.help)


def test_a_limit_below_the_first_share_is_not_passed_on_to_a_solver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solvers, "ready", lambda: "highs")
    with pytest.raises(LocalError) as caught:
        determine(*hard(), nodes=3)
    assert caught.value.code == "too-hard"
    assert "solver=" in str(caught.value.help)


def test_buying_within_too_few_nodes_raises() -> None:
    with pytest.raises(LocalError) as caught:
        covering.determine([Package(((0, 1),), 1)], [1], [0], nodes=1, solver="own")
    assert caught.value.code == "too-hard"


@needs_highs
def test_a_solver_at_its_limit_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "_HIGHS_NODE", 10**9)
    random = Random(2)
    rows = [tuple((i, 1) for i in random.sample(range(25), 5)) for _ in range(120)]
    packages = [Package(uses, random.randint(95, 105)) for uses in rows]
    with pytest.raises(LocalError) as caught:
        determine(packages, [1] * 25, solver="highs")
    assert caught.value.code == "too-hard"


@pytest.mark.parametrize("name", ["highs", "cpsat"])
def test_a_solver_that_is_not_installed(
    name: solvers.Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "find_spec", lambda module: None)
    monkeypatch.setattr(solvers, "sys", type("Sys", (), {"modules": {}}))
    assert solvers.ready() is None
    with pytest.raises(LocalError, match="is not installed") as caught:
        determine([Package(((0, 1),), 1)], [1], solver=name)
    assert caught.value.code == "no-solver"
    assert solvers._EXTRAS[name] in str(caught.value.help)


def test_the_two_solvers_are_never_loaded_into_one_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solvers, "find_spec", lambda module: module)
    monkeypatch.setattr(solvers, "sys", type("Sys", (), {"modules": {"ortools": 1}}))
    assert solvers.ready() == "cpsat"
    with pytest.raises(LocalError, match="cannot be loaded into the same process") as caught:
        solvers.require("highs")
    assert caught.value.code == "no-solver"
    monkeypatch.setattr(solvers, "sys", type("Sys", (), {"modules": {}}))
    assert solvers.ready() == "cpsat"
    assert solvers.require("highs") == "highs"


def test_a_solver_that_does_not_load_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(module: str) -> object:
        raise ImportError("no library")

    monkeypatch.setattr(solvers, "import_module", broken)
    monkeypatch.setattr(solvers, "require", lambda name: name)
    with pytest.raises(LocalError, match="does not load: no library") as caught:
        determine([Package(((0, 1),), 1)], [1], solver="cpsat")
    assert caught.value.code == "no-solver"


@pytest.mark.parametrize(("name", "amount"), [("highs", 2**40), ("cpsat", 2**60)])
def test_amounts_that_a_solver_cannot_tell_apart_are_refused(
    name: solvers.Installed, amount: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "require", lambda name: name)
    with pytest.raises(LocalError, match="more than") as caught:
        determine([Package(((0, 1),), amount), Package(((0, 1),), 1)], [1], solver=name)
    assert caught.value.code == "too-large"


def test_what_a_solver_gives_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "require", lambda name: name)
    monkeypatch.setattr(solvers, "_highs", lambda *_: [0, 1])
    with pytest.raises(LocalError, match="breaks a rule") as caught:
        determine([Package(((0, 1),), 2), Package(((0, 1),), 1)], [1], solver="highs")
    assert caught.value.code == "solver-failed"


def test_nothing_to_choose_from_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "require", lambda name: name)
    assert determine([], [1], solver="highs") == (0, ())
    assert covering.determine([], [1], [0], solver="highs") is None
    assert covering.determine([], [], [], solver="highs") == (0, ())
