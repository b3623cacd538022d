"""Names lead to classes: built-in, by entry point, or spelt out; and nothing foreign can break the look-up."""

from __future__ import annotations

import sys
import textwrap
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import play, registry
from negotiate.checks.cases import random_scenario
from negotiate.errors import NegotiateError, StrategyError, UnknownName
from negotiate.protocol import Protocol
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import PROTOCOLS, STRATEGIES, Spec, names, parse, strategy
from negotiate.show import safe
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def shown_safely(text: str) -> bool:
    """Whether it is one line without anything hidden."""
    return safe(text) == text


# -- built-in names --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_built_in_name_makes_a_strategy(name: str) -> None:
    spec = strategy(name)
    assert spec.id == name
    assert isinstance(spec.make(), Strategy)
    assert spec.version >= 1


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_built_in_protocol_imports(name: str) -> None:
    found = registry._import(PROTOCOLS[name], name)
    assert isinstance(found, type)
    assert issubclass(found, Protocol)


def test_names_are_listed_in_order() -> None:
    assert list(names()) == sorted(STRATEGIES)
    assert list(names("protocols")) == sorted(PROTOCOLS)


def test_a_preset_brings_its_parameters() -> None:
    assert strategy("genius-conceder").make() == TimeDependent(e=2.0)


def test_what_is_given_beats_the_preset() -> None:
    spec = strategy("genius-conceder[k=0.5]")
    assert spec.make() == TimeDependent(e=2.0, k=0.5)
    assert strategy("genius-conceder[e=3]").make() == TimeDependent(e=3)
    assert spec.id == "genius-conceder[k=0.5]"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("boulwar", "negmas-boulware"),
        ("genius-bulware", "genius-boulware"),
        ("mico", "micro"),
        ("tit-for-tat", "tit_for_tat"),
        ("randm[a=1]", "random"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownName, match=f"no strategy .*; did you mean '{near}'?"):
        strategy(name)


def test_a_name_that_is_like_none_is_answered_with_where_to_look() -> None:
    with pytest.raises(UnknownName, match="see `nego list strategies`"):
        strategy("xyzzy!")


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("x", {}),
        ("x[]", {}),
        (" x [ a = 1 , b=2.5 ] ", {"a": 1, "b": 2.5}),
        ("x[a=True,b=None]", {"a": True, "b": None}),
        ("x[a=text]", {"a": "text"}),
        ("x[a='1']", {"a": "1"}),
        ("x[a=-1e-3]", {"a": -0.001}),
        ("x[a==]", {"a": "="}),
        ("x[a=]", {"a": ""}),
        ("x[a=1,]", {"a": 1}),
        ("p.m:C[a=1]", {"a": 1}),
    ],
)
def test_parameters_stand_in_brackets(text: str, parameters: dict[str, object]) -> None:
    base, found = parse(text)
    assert base == text.split("[")[0].strip()
    assert found == parameters
    assert [type(v) for v in found.values()] == [type(v) for v in parameters.values()]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "[a=1]", "x[a]", "x[=1]", "x[1=1]", "x[a=1", "x a=1]", "x y", "x[a b=1]", "x[a=1]]x", "x[a=[1]]",
        "x[a=1,a=2]", "x[a=1][b=2]",
    ],
)  # fmt: skip
def test_what_does_not_read_is_told(text: str) -> None:
    with pytest.raises(StrategyError) as told:
        parse(text)
    assert told.value.code == "notation"


def read(reader: Callable[[str], Any], text: str) -> tuple[Any, str | None]:
    """What comes out, and the error if one of ours comes instead."""
    try:
        return reader(text), None
    except NegotiateError as error:
        return None, str(error)


HOSTILE = {
    "deep": "x[a=" + "(" * 100_000 + "]",
    "deep list": "x[a=" + "[" * 10_000 + "]" * 10_000 + "]",
    "huge number": "x[a=" + "9" * 10_000 + "]",
    "power": "x[a=9**9**9]",
    "call": "x[a=__import__('os').system('false')]",
    "unhashable set": "x[a={[]}]",
    "unhashable key": "x[a={{}: 1}]",
    "null": "x[a=\0]",
    "bytes": "x[a=b'x']",
    "half a surrogate": "x[a=\ud800]",
    "odd escape": r"x[a='\d']",
    "odd number": "x[a=1if]",
    "long": "x" * 1_000_000 + "[",
    "many": "x[" + ",".join(f"a{i}=1" for i in range(10_000)) + "]",
    "spaces": " " * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_parameters_are_read_as_text_or_refused(name: str) -> None:
    found, told = read(parse, HOSTILE[name])
    assert told is None or len(told) < 500
    if found is not None:
        assert {type(v) for v in found[1].values()} <= {int, float, str, bool, type(None)}


@given(st.text())
def test_any_text_is_a_strategy_or_an_error_of_ours(text: str) -> None:
    _, told = read(strategy, text)
    assert told is None or shown_safely(told)


scalars = st.one_of(
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=",[]'\"\\")),
)


@given(st.dictionaries(st.sampled_from("abcdef"), scalars))
def test_the_notation_reads_back(
    parameters: dict[str, int | float | str | bool | None],
) -> None:
    written = registry.notation("x", parameters)
    base, found = parse(written)
    assert base == "x"
    assert found == parameters
    assert [type(found[k]) for k in parameters] == [type(v) for v in parameters.values()]


def test_a_number_and_its_text_are_two_names() -> None:
    one, text = ({"k": 1}, {"k": "1"})
    assert registry.notation("x", one) == "x[k=1]"
    assert registry.notation("x", text) == "x[k='1']"


def test_the_order_of_parameters_makes_no_other_name() -> None:
    assert (
        strategy("time_dependent[k=0.1,e=2.0]").id == strategy("time_dependent[e=2.0,k=0.1]").id
    )


def test_parameters_that_it_does_not_take_are_told_with_those_that_it_takes() -> None:
    with pytest.raises(StrategyError, match=r"it has no parameter 'f'; it takes: \(e: "):
        strategy("time_dependent[f=1]")


# -- a class, spelt out ----------------------------------------------------------------------------

PLUGIN = '''
from negotiate import Accept, Offer, Strategy

class Patient(Strategy):
    """Offers its best, and accepts nothing."""

    def __init__(self, patience: int = 3) -> None:
        self.patience = patience

    def respond(self, view):
        return Offer(self.brief.preferences.space.kth(0))

class Outer:
    class Inner(Patient):
        pass

class NoStrategy:
    pass

def function(): ...

class Explosive(Strategy):
    def __init__(self) -> None:
        raise SystemExit("gone")
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder from which Python imports; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)
    registry._plugins.cache_clear()
    yield tmp_path
    registry._plugins.cache_clear()
    for name in set(sys.modules) - known:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def module(folder: Path) -> Path:
    (folder / "my_agents.py").write_text(PLUGIN)
    return folder


@pytest.mark.usefixtures("module")
def test_a_class_may_be_named_by_where_it_is() -> None:
    spec = strategy("my_agents:Patient[patience=5]")
    assert spec.id == "my_agents:Patient[patience=5]"
    assert vars(spec.make())["patience"] == 5
    assert strategy("my_agents:Outer.Inner").cls.__name__ == "Inner"


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("my_agents:Missing", "import"),
        ("my_agents:", "import"),
        ("no_such_module:Patient", "import"),
        (":Patient", "import"),
        (".:Patient", "import"),
        ("my_agents:NoStrategy", "not-a-strategy"),
        ("my_agents:function", "not-a-strategy"),
        ("os:system", "not-a-strategy"),
        ("my_agents:Explosive", "parameter"),
        ("my_agents:Patient[impatience=1]", "parameter"),
    ],
)
def test_what_is_no_strategy_is_told(name: str, code: str) -> None:
    with pytest.raises(StrategyError) as told:
        strategy(name)
    assert told.value.code == code
    assert shown_safely(str(told.value))


BROKEN = {
    "raises": "raise ValueError('no\\x1b[31mred')",
    "exits": "import sys; sys.exit(3)",
    "does not parse": "class",
    "imports what is not there": "import no_such_thing",
    "cannot be shown": "class E(Exception):\n    __str__ = lambda self: 1/0\nraise E",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_module_that_does_not_import_is_one_line(folder: Path, name: str) -> None:
    (folder / "broken_agents.py").write_text(BROKEN[name])
    with pytest.raises(StrategyError) as told:
        strategy("broken_agents:Patient")
    assert str(told.value).startswith("'broken_agents:Patient' does not import: ")
    assert shown_safely(str(told.value))


# -- plug-ins --------------------------------------------------------------------------------------


def install(folder: Path, entry_points: str, package: str = "my_agents") -> None:
    """What pip would leave behind of a package with these entry points."""
    (folder / f"{package}.py").write_text(PLUGIN)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(textwrap.dedent(entry_points))
    registry._plugins.cache_clear()


def warned(look: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        look()
    return [str(warning.message) for warning in caught]


def test_an_installed_package_adds_its_strategies(folder: Path) -> None:
    install(
        folder,
        """\
        [negotiate.strategies]
        patient = my_agents:Patient
        inner = my_agents:Outer.Inner

        [negotiate.protocols]
        patient-offers = my_agents:NoStrategy
        """,
    )
    assert names()[-2:] == ("inner", "patient")
    assert "patient-offers" in names("protocols")
    assert "my_agents" not in sys.modules  # nothing of it is imported before somebody names it
    spec = strategy("patient[patience=7]")
    assert (spec.id, spec.cls.__module__) == ("patient[patience=7]", "my_agents")
    scenario = random_scenario(1, 1)
    match = play(AlternatingOffers(rounds=3), scenario, [spec.make(), strategy("micro").make()])
    assert match.fault is None


def test_a_wrong_name_may_be_near_to_that_of_a_plug_in(folder: Path) -> None:
    install(folder, "[negotiate.strategies]\npatient = my_agents:Patient\n")
    with pytest.raises(UnknownName, match="did you mean 'patient'"):
        strategy("patiemt")


def test_a_plug_in_that_does_not_import_is_told_when_it_is_named(folder: Path) -> None:
    install(folder, "[negotiate.strategies]\nghost = no_such_module:Ghost\n")
    assert "ghost" in names()
    with pytest.raises(StrategyError, match="'ghost' does not import: ModuleNotFoundError"):
        strategy("ghost")


@pytest.mark.parametrize(
    "line",
    [
        "patient = my_agents",
        "patient =",
        "patient = my_agents:Patient [extra]",
        "patient = my_agents:Patient; import os",
        "pa[t]ient = my_agents:Patient",
        "pa tient = my_agents:Patient",
        "pa\x1btient = my_agents:Patient",
        "micro = my_agents:Patient",
    ],
)
def test_an_entry_point_that_cannot_be_is_a_warning_of_one_line(
    folder: Path, line: str
) -> None:
    install(folder, f"[negotiate.strategies]\n{line}\n")
    (told,) = warned(names)
    assert shown_safely(told)
    assert "it is left out" in told
    assert set(names()) == set(STRATEGIES)


def test_a_name_that_two_packages_claim_belongs_to_the_first(folder: Path) -> None:
    install(folder, "[negotiate.strategies]\npatient = my_agents:Patient\n")
    install(folder, "[negotiate.strategies]\npatient = others:Patient\n", package="others")
    (told,) = warned(names)
    assert "the name is taken" in told
    assert "patient" in names()


def test_a_package_whose_entry_points_do_not_read_breaks_no_other(folder: Path) -> None:
    install(folder, "[negotiate.strategies]\npatient = my_agents:Patient\n")
    install(folder, "[negotiate.strategies]\nno equals sign\n", package="broken")
    told = warned(names)
    assert len(told) <= 1
    assert all(map(shown_safely, told))
    assert "patient" in names()
    assert strategy("patient").make()


# -- specifications --------------------------------------------------------------------------------


def test_a_specification_is_a_value() -> None:
    assert strategy("micro") == strategy("micro")
    assert hash(strategy("genius-linear")) == hash(strategy("genius-linear"))
    assert strategy("genius-boulware") != strategy("time_dependent[e=0.2]")


def test_a_specification_makes_a_new_instance_each_time() -> None:
    spec = Spec("x", TimeDependent, (("e", 3.0),))
    assert spec.make() == TimeDependent(e=3.0)
    assert spec.make() is not spec.make()
