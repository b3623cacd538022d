"""A scenario: a domain, a preference for each role, and where it comes from."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.domain import (
    Choice,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Role,
    Scenario,
    bundled,
    group_of,
    load,
    load_all,
)
from negotiate.domain.formats import save
from negotiate.errors import DomainError, FormatError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).parents[2]
DOMAIN = Domain((Integer("price", 0, 10), Choice("colour", ("red", "blue"))))
LINE = Linear(Fraction(0), Fraction(1))


def own(domain: Domain = DOMAIN, weight: float = 1, **more: Any) -> LinearAdditive:
    return LinearAdditive(domain, {domain.issues[0].name: (weight, LINE)}, **more)


def shop(*preferences: LinearAdditive) -> Scenario:
    found = preferences or (own(), own())
    return Scenario(
        "shop", found[0].domain, tuple(Role(f"r{i}", p) for i, p in enumerate(found))
    )


def test_the_preferences_stand_in_the_order_of_the_roles() -> None:
    first, second = own(), own(weight=0.5)
    assert shop(first, second).preferences == (first, second)


@pytest.mark.parametrize(
    ("make", "words"),
    {
        "one role": (lambda: shop(own()), "has 1 roles; two are needed"),
        "a name twice": (
            lambda: Scenario("s", DOMAIN, (Role("a\x1b", own()), Role("a\x1b", own()))),
            r"names a role twice: 'a\\x1b', 'a\\x1b'",
        ),
        "another domain": (
            lambda: shop(own(), own(Domain((Integer("price", 0, 9),)))),
            "the preferences of 'r1' are over another domain",
        ),
    }.values(),
)
def test_an_impossible_scenario_is_refused(make: Callable[[], Scenario], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        make()


# The digest


def test_the_digest_does_not_depend_on_texts() -> None:
    scenario = shop()
    other = replace(scenario, name="x", description="y", source="z")
    assert other.digest == scenario.digest


CHANGES: dict[str, Scenario] = {
    "a weight": shop(own(weight=0.5), own()),
    "a reservation value": shop(own(reservation=0.1), own()),
    "a discount": shop(own(discount=0.9), own()),
    "a group": shop(own(groups=[group_of(DOMAIN, ["price", "colour"], 1, {(0, 0): 1})]), own()),
    "the order of roles": Scenario("s", DOMAIN, (Role("r1", own()), Role("r0", own()))),
    "a third role": shop(own(), own(), own()),
    "the name of an issue": shop(
        *[own(Domain((Integer("prize", 0, 10), DOMAIN.issues[1])))] * 2,
    ),
    "a value": shop(*[own(Domain((DOMAIN.issues[0], Choice("colour", ("red", "pink")))))] * 2),
    "the kind of an issue": shop(
        *[own(Domain((Choice("price", tuple("0123456789X")), DOMAIN.issues[1])))] * 2
    ),
}


@pytest.mark.parametrize("other", CHANGES.values(), ids=CHANGES)
def test_the_digest_depends_on_all_that_can_change_a_result(other: Scenario) -> None:
    assert other.digest != shop().digest


def test_the_digest_is_the_same_in_every_process() -> None:
    code = "from negotiate.domain import load; print(load('milk').digest)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {load("milk").digest}


# Loading


def test_a_bundled_name_loads() -> None:
    assert load("milk").name == "milk"


def test_bundled_names_are_in_alphabetical_order() -> None:
    assert list(bundled()) == sorted(bundled())
    assert "milk" in bundled()


def test_a_file_loads_by_its_path(tmp_path: Path) -> None:
    save(load("milk"), tmp_path / "x.toml")
    assert load(tmp_path / "x.toml").digest == load(str(tmp_path / "x.toml")).digest
    assert load_all(tmp_path)[0].digest == load("milk").digest


def test_a_bundled_name_comes_before_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "milk").write_text("not a scenario")
    monkeypatch.chdir(tmp_path)
    assert load("milk").name == "milk"
    with pytest.raises(FormatError):
        load("./milk")


def test_a_path_object_is_never_a_bundled_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName):
        load(Path("milk"))


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no scenario 'mlik'.*did you mean 'milk'"):
        load("mlik")


@pytest.mark.parametrize(
    "name", ["", "qqqqqqqq", "a\0b", "a" * 5000, "\ud800", "a/b/c", "\x1b[31m"]
)
def test_a_name_that_is_nothing_is_told_where_to_look(name: str) -> None:
    with pytest.raises(UnknownName, match="nego list scenarios") as caught:
        load(name)
    assert "\x1b" not in str(caught.value)


def test_importing_the_domain_loads_no_parser() -> None:
    code = (
        "import sys, negotiate.domain; heavy = {'tomllib', 'yaml', 'pyexpat', 'numpy', 'pydantic'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    plain = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
