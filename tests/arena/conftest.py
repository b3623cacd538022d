from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from negotiate.arena import Limits, Results, Tournament, run
from negotiate.domain import (
    Choice,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Role,
    Scenario,
    Table,
)
from negotiate.domain.formats import save
from negotiate.protocols.alternating_offers import AlternatingOffers

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

DOMAIN = Domain((Integer("price", 10, 20), Choice("colour", ("red", "green", "blue"))))
STRATEGIES = ("genius-boulware", "genius-conceder", "random")


def preferences(price: tuple[int, int], colours: tuple[int, ...], reservation: Fraction) -> Any:
    return LinearAdditive(
        DOMAIN,
        {
            "price": (Fraction(7, 10), Linear(Fraction(price[0]), Fraction(price[1]))),
            "colour": (Fraction(3, 10), Table(tuple(Fraction(c, 10) for c in colours))),
        },
        reservation=reservation,
    )


def scenario(name: str, colours: tuple[int, ...] = (10, 4, 0), floor: int = 2) -> Scenario:
    """Two parties over a price and a colour."""
    reservation = Fraction(floor, 10)
    buyer = preferences((1, 0), colours, reservation)
    seller = preferences((0, 1), (3, 10, 5), reservation)
    return Scenario(name, DOMAIN, (Role("buyer", buyer), Role("seller", seller)))


def three(name: str) -> Scenario:
    """Three parties over the same."""
    shares = [((1, 0), (10, 4, 0)), ((0, 1), (3, 10, 5)), ((0, 1), (0, 5, 10))]
    roles = [
        Role(f"r{i}", preferences(*share, Fraction(1, 10))) for i, share in enumerate(shares)
    ]
    return Scenario(name, DOMAIN, tuple(roles))


@pytest.fixture
def two() -> tuple[Scenario, ...]:
    return (scenario("one"), scenario("other", (0, 10, 6), floor=3))


@pytest.fixture
def rogues(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module ``rogues`` can be imported, here and in worker processes."""
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
def files(tmp_path: Path, two: tuple[Scenario, ...]) -> list[str]:
    """The two scenarios as files."""
    paths = [tmp_path / f"{one.name}.toml" for one in two]
    for one, path in zip(two, paths, strict=True):
        save(one, path)
    return [str(path) for path in paths]


def tournament(scenarios: Any, strategies: Any = STRATEGIES, **more: Any) -> Tournament:
    return Tournament(scenarios, strategies, AlternatingOffers(rounds=20), **more)


def played(tmp: Path, scenarios: Any, strategies: Any = STRATEGIES, **more: Any) -> Results:
    """A small tournament, played in this process unless told otherwise."""
    workers = more.pop("workers", 0)
    limits = Limits(move=0.5, begin=1.0)
    return run(tournament(scenarios, strategies, **more), tmp, workers=workers, limits=limits)


def sha(folder: Path) -> str:
    return hashlib.sha256((folder / "results.sqlite").read_bytes()).hexdigest()


def driving(out: Path, settings: dict[str, Any], **environment: str) -> subprocess.Popen[str]:
    """Start drive.py."""
    search = os.pathsep.join([str(ROOT), str(HERE)])
    return subprocess.Popen(
        [sys.executable, str(HERE / "drive.py"), str(out), json.dumps(settings)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": search, **environment},
        start_new_session=True,  # a Ctrl-C of the test run is not theirs, nor theirs ours
    )


def driven(out: Path, settings: dict[str, Any], **environment: str) -> list[Any]:
    """Run drive.py to its end; the lines it printed."""
    process = driving(out, settings, **environment)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return [json.loads(line) for line in text.splitlines()]
