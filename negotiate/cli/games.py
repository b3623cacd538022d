"""``nego games``: a stored run as a game."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json, save_picture, table
from negotiate.show import safe

if TYPE_CHECKING:
    from negotiate.arena import Results
    from negotiate.arena.games import Analysis
    from negotiate.arena.games.bimatrix import Pairs
    from negotiate.arena.games.replicator import Basin
    from negotiate.arena.games.uncertain import Share

_SUPPORTS = 8


def games(
    run_dir: Path,
    /,
    *,
    resamples: int = 1000,
    seats: Annotated[bool, Parameter(negative="")] = False,
    plot: Path | None = None,
    by: Literal["proportional", "logit", "moran"] = "proportional",
    generations: int = 200,
    json: Json = False,
) -> None:
    """Treat a stored run as a game: who would play what, if all chose by what strategies earn.

    Prints symmetric Nash equilibria, how often they are there when scenarios are drawn again, alpha-rank, regrets
    and where the replicator dynamics lead. Example: nego games runs/arena --plot evolution.svg

    Args:
        run_dir: the folder of a stored run.
        resamples: number of bootstrap matrices.
        seats: also the game of the two seats, where who moves first matters; needs the extra games.
        plot: an SVG file for a picture of an evolutionary tournament.
        by: how its generations reproduce.
        generations: how many.
        json: print JSON for machines.
    """
    from negotiate.arena import Results  # noqa: PLC0415
    from negotiate.arena.games import analyse  # noqa: PLC0415
    from negotiate.arena.games.replicator import basins  # noqa: PLC0415

    results = Results(run_dir)
    found = analyse(results, resamples=max(resamples, 0))
    ends = basins(found.game.payoffs, seed=found.game.seed)
    pairs = _pairs(results) if seats else None
    if plot is not None:
        save_picture(plot, _chart(found, by, generations))
    if json:
        print_json(_plain(found, ends, pairs))
    else:
        _print(found, ends, pairs)


def _pairs(results: Results) -> Pairs:
    from negotiate.arena.games.bimatrix import bimatrix_equilibria  # noqa: PLC0415
    from negotiate.arena.games.payoffs import role_payoffs  # noqa: PLC0415

    return bimatrix_equilibria(*role_payoffs(results.columns))


def _chart(
    found: Analysis, by: Literal["proportional", "logit", "moran"], generations: int
) -> str:
    from negotiate.arena.games.evolution import evolve  # noqa: PLC0415
    from negotiate.arena.report.evolution import evolution_svg  # noqa: PLC0415
    from negotiate.arena.report.standalone import standalone  # noqa: PLC0415

    size = max(100, len(found.game.strategies))
    shares = evolve(
        found.game.payoffs, generations, by=by, population=size, seed=found.game.seed
    )
    return standalone(evolution_svg(found.game.strategies, shares.tolist()))


def _plain(found: Analysis, ends: tuple[Basin, ...], pairs: Pairs | None) -> dict[str, object]:
    plain = found.to_json() | {
        "basins": [
            {"mix": found.mix(b.mix), "share": b.share, "settled": b.settled} for b in ends
        ]
    }
    if pairs is not None:
        plain["seats"] = {
            "complete": pairs.complete,
            "degenerate": pairs.degenerate,
            "equilibria": [
                {
                    "first": found.mix(p.first),
                    "second": found.mix(p.second),
                    "values": list(p.values),
                }
                for p in pairs.found
            ],
        }
    return plain


def _print(found: Analysis, ends: tuple[Basin, ...], pairs: Pairs | None) -> None:
    loose = found.uncertain
    head = [
        "strategy",
        "in equilibrium",
        "bootstrap",
        "alpha-rank",
        "bootstrap",
        "exploitability",
        "loss in equilibrium",
    ]
    rows = [
        [
            name,
            f"{found.equilibria.found[0].mix[k]:.3f}",
            "-" if loose is None else _interval(loose.mixture[k]),
            f"{found.alpha_rank[k]:.3f}",
            "-" if loose is None else _interval(loose.alpha_rank[k]),
            f"{found.regrets[k]:.4f}",
            f"{max(found.nash_regrets[k], 0):.4f}",
        ]
        for k, name in enumerate(found.game.strategies)
    ]
    table(head, rows, numbers=6)
    for one, stable in zip(found.equilibria.found, found.stable, strict=True):
        word = "evolutionarily stable" if stable else "not evolutionarily stable"
        print(safe(f"equilibrium: {_mix(found.mix(one.mix))}; worth {one.value:.4f}; {word}"))
    if found.equilibria.degenerate:
        print(
            "some strategies earn exactly the same: there may be further equilibria between these"
        )
    _print_supports(found)
    for basin in ends:
        how = "lead to" if basin.settled else "are still moving, on average around"
        print(
            safe(
                f"replicator: {basin.share:.0%} of random starts {how} {_mix(found.mix(basin.mix))}"
            )
        )
    if pairs is not None:
        _print_pairs(found, pairs)


def _print_supports(found: Analysis) -> None:
    loose = found.uncertain
    if loose is None:
        print("one scenario: nothing is said of how sure this is")
        return
    print(f"who mixes in equilibria of {loose.samples:,} bootstrap tournaments:")
    for support, share in loose.supports[:_SUPPORTS]:
        names = ", ".join(found.game.strategies[k] for k in support)
        print(safe(f"  {share:6.1%}  {names}"))


def _print_pairs(found: Analysis, pairs: Pairs) -> None:
    print(
        "game of two seats:" if pairs.complete else "game of two seats, some of its equilibria:"
    )
    for pair in pairs.found:
        worth = f"{pair.values[0]:.4f} and {pair.values[1]:.4f}"
        print(
            safe(
                f"  first {_mix(found.mix(pair.first))}; second {_mix(found.mix(pair.second))}; worth {worth}"
            )
        )


def _mix(shares: dict[str, float]) -> str:
    return " + ".join(
        f"{share:.3f} {name}" for name, share in shares.items() if share >= 0.0005
    )


def _interval(share: Share) -> str:
    return f"{share.low:.2f} to {share.high:.2f}"
