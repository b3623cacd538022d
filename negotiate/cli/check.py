"""``nego check``: the conformance checker, for a strategy under development."""

from __future__ import annotations

from negotiate.cli.output import Json, print_json
from negotiate.show import safe


def check(strategy: str, /, *, seed: int = 0, json: Json = False) -> int:
    """Check that a strategy keeps the rules: legal moves, its reservation value, determinism, cost.

    Exits with 1 if it does not. Example: nego check my_package.mine:MyStrategy

    Args:
        strategy: a registered name, or package.module:Class.
        seed: of the random scenarios that it is checked on.
        json: print JSON for machines.
    """
    from negotiate import registry  # noqa: PLC0415
    from negotiate.checks import check_bidder, check_strategy  # noqa: PLC0415

    if isinstance(registry.strategy_or_bidder(strategy), registry.BidderSpec):
        report = check_bidder(strategy, seed=seed, processes=True)
    else:
        report = check_strategy(strategy, seed=seed, processes=True)
    if json:
        print_json(report.as_dict())
    else:
        print("\n".join(map(safe, str(report).splitlines())))
    return 0 if report else 1
