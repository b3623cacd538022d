"""Play the reference tournament of the built-in strategies again, check each, and write what the catalogue shows.

Run as `python tools/reference_tournament.py` after a strategy was added or its moves were changed; takes some minutes.
"""

import json
import tempfile
from pathlib import Path

from negotiate import load, play, registry
from negotiate.arena import Results, run
from negotiate.arena.reference import FILE, ROUNDS, SCENARIOS, tournament
from negotiate.checks import check_strategy
from negotiate.protocols.alternating_offers import AlternatingOffers

SAMPLE = 96  # negotiations whose moves are kept as a digest


def main() -> None:
    """Play, check and write."""
    entrants = [name for name, target in registry.STRATEGIES.items() if ":" in target]
    entrants = [name for name in entrants if bargains(name)]
    with tempfile.TemporaryDirectory(prefix="nego-reference-") as folder:
        results = run(tournament(entrants), folder)
        found = {
            "negotiations": len(results),
            "standings": standings(results),
            "checked": {name: checked(name) for name in registry.STRATEGIES if bargains(name)},
            "sample": sample(results),
        }
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    (Path(__file__).parents[1] / "negotiate" / "arena" / FILE).write_text(text)
    for name, row in sorted(found["standings"].items(), key=lambda item: item[1]["rank"]):
        print(
            f"{row['rank']:3} {name:24} {row['mean_utility']:.3f} {row['agreement_rate']:.0%}"
        )


def bargains(name: str) -> bool:
    """Whether a strategy plays this protocol at all; bidders of auctions do not."""
    scenario = load(SCENARIOS[-1])
    players = [registry.strategy(each).make() for each in (name, "genius-linear")]
    return play(AlternatingOffers(rounds=ROUNDS), scenario, players).fault != 0


def standings(results: Results) -> dict[str, dict[str, float | int | None]]:
    """The rows of the leaderboard."""
    return {
        one.strategy: {
            "rank": one.rank,
            **{
                key: round(getattr(one, key), 4)
                for key in ("mean_utility", "low", "high", "agreement_rate", "nash_distance")
            },
        }
        for one in results.standings.standings
    }


def checked(name: str) -> dict[str, object]:
    """What the checker says."""
    report = check_strategy(name)
    names = ("matches", "moves", "largest_domain", "uses_its_random_stream")
    cost = report.facts["us_per_move"] or 0
    return {
        "findings": len(report.findings),
        "us_per_move": float(f"{cost:.2g}"),
        **{fact: report.facts[fact] for fact in names},
    }


def sample(results: Results) -> list[dict[str, object]]:
    """Some negotiations, spread by chance: those with the smallest keys."""
    chosen = sorted(results, key=lambda row: row.key)[:SAMPLE]
    return [
        {"scenario": r.scenario, "seats": list(r.seats), "key": r.key, "digest": r.digest}
        for r in chosen
    ]


if __name__ == "__main__":
    main()
