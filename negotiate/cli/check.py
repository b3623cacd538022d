"""``nego check``: the conformance checker, for a strategy under development."""

from __future__ import annotations

from pathlib import Path

from negotiate.cli.output import Json, print_json
from negotiate.errors import LocalError
from negotiate.show import quote, safe

_LONGEST = 86_400  # seconds


def check(
    strategy: str | None = None,
    /,
    *,
    seed: int = 0,
    limit: float = 60.0,
    template: Path | None = None,
    json: Json = False,
) -> int:
    """Check that a strategy keeps the rules: legal moves, its reservation value, determinism, cost.

    Exits with 1 if it does not. Example: nego check my_package.mine:MyStrategy. To begin with a strategy that keeps
    them: nego check --template my_strategy.py

    Args:
        strategy: a registered name, or package.module:Class.
        seed: of the random scenarios that it is checked on.
        limit: seconds for the whole check; a single call of the strategy may last two.
        template: write a strategy to start from into this file, and check nothing.
        json: print JSON for machines.
    """
    if template is not None:
        return _write_template(template)
    if strategy is None:
        raise LocalError(
            "no strategy to check",
            code="arguments",
            help="name one, or write one to start from: nego check --template my_strategy.py",
        )
    if not 1 <= limit <= _LONGEST:  # nan is outside, too
        raise LocalError(
            f"a limit of {limit:g} s; 1 to {_LONGEST:,} s are expected", code="limits"
        )
    from negotiate import registry  # noqa: PLC0415
    from negotiate.checks import check_apart, check_bidder  # noqa: PLC0415

    if registry.is_bidder(strategy):
        report = check_bidder(strategy, seed=seed, processes=True)
    else:
        report = check_apart(strategy, seed=seed, limit=limit)
    if json:
        print_json(report.as_dict())
    else:
        print("\n".join(map(safe, str(report).splitlines())))
    return 0 if report else 1


def _write_template(file: Path) -> int:
    from importlib import resources  # noqa: PLC0415

    module = file.stem
    if file.suffix != ".py" or not module.isidentifier():
        raise LocalError(
            f"{quote(str(file))} cannot be imported; a name like my_strategy.py is expected",
            code="arguments",
        )
    text = (resources.files("negotiate.checks") / "template.py").read_text("utf-8")
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text.replace("my_strategy", module))
    except OSError as error:
        why = "is there already" if isinstance(error, FileExistsError) else error.strerror
        raise LocalError(f"{quote(str(file))} cannot be written: {why}", code="file") from error
    print(f"next: nego check {module}:MyStrategy")
    return 0
