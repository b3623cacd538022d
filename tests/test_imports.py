"""Importing is cheap, every name that is offered is there, and floors import downwards only."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import negotiate

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {
    "numpy",
    "pydantic",
    "cryptography",
    "msgpack",
    "sqlite3",
    "hypothesis",
    "asyncio",
    "rich",
}


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded after some code has run in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_the_library_loads_nothing_heavy() -> None:
    loaded = loaded_by("import negotiate")
    assert not loaded & HEAVY
    assert [name for name in loaded if name.startswith("negotiate.")] == []


def test_importing_the_library_loads_few_modules() -> None:
    assert len(loaded_by("import negotiate") - loaded_by("")) < 60


def test_listing_names_loads_no_strategy_and_nothing_heavy() -> None:
    loaded = loaded_by(
        "from negotiate import registry\nregistry.names()\nregistry.names('protocols')"
    )
    assert not loaded & (HEAVY - {"asyncio"})
    assert not any(name.startswith("negotiate.strategies") for name in loaded)


def test_describing_a_domain_loads_no_numpy() -> None:
    assert "numpy" not in loaded_by(
        "from negotiate.domain import Choice, Domain, LinearAdditive"
    )


def test_a_match_of_scripts_loads_no_numpy() -> None:
    code = (
        "from negotiate import play\n"
        "from negotiate.domain import *\n"
        "from negotiate.moves import Accept, Offer\n"
        "from negotiate.strategy import Strategy\n"
        "from negotiate.protocols.alternating_offers import AlternatingOffers\n"
        "class Simple(Strategy):\n"
        "    def respond(self, view):\n"
        "        return Accept() if view.standing else Offer((0,))\n"
        "domain = Domain((Choice('x', ('a', 'b')),))\n"
        "own = LinearAdditive(domain, {})\n"
        "scenario = Scenario('s', domain, (Role('a', own), Role('b', own)))\n"
        "assert play(AlternatingOffers(), scenario, [Simple(), Simple()]).agreement\n"
    )
    assert not loaded_by(code) & (HEAVY - {"pydantic", "asyncio"})


@pytest.mark.parametrize("name", negotiate.__all__)
def test_every_name_that_is_offered_is_there(name: str) -> None:
    assert getattr(negotiate, name) is not None


def test_names_that_are_not_offered_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'negotiate' has no attribute 'nothing'"):
        _ = negotiate.nothing  # type: ignore[attr-defined]


def test_the_library_lists_what_it_offers() -> None:
    assert set(dir(negotiate)) == set(negotiate.__all__)


def modules() -> list[str]:
    found = pkgutil.walk_packages(negotiate.__path__, "negotiate.", onerror=lambda _: None)
    return sorted(module.name for module in found if not module.name.endswith("__main__"))


def test_every_module_imports_by_itself() -> None:
    for name in modules():
        importlib.import_module(name)
    assert "negotiate.protocols.alternating_offers" in modules()


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name in modules() if not importlib.import_module(name).__doc__]
    assert silent == []


def test_floors_import_downwards_only() -> None:
    pytest.importorskip("importlinter", reason="the linter of imports is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "importlinter.cli", "lint", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
