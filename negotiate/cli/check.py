"""``nego check``: the conformance checker, for a strategy under development."""

from __future__ import annotations

from negotiate.cli.output import Json, print_json
from negotiate.show import safe


def check(strategy: str, /, *, seed: int = 0, limit: float = 30.0, json: Json = False) -> int:
    """Check that a strategy keeps the rules: legal moves, its reservation value, determinism, cost.

    Exits with 1 if it does not. Example: nego check my_package.mine:MyStrategy

    Args:
        strategy: a registered name, or package.module:Class.
        seed: of the random scenarios that it is checked on.
        limit: seconds for the whole check.
        json: print JSON for machines.
    """
    from negotiate.checks import check_apart  # noqa: PLC0415

    report = check_apart(strategy, seed=seed, limit=limit)
    if json:
        print_json(report.as_dict())
    else:
        print("\n".join(map(safe, str(report).splitlines())))
    return 0 if report else 1
