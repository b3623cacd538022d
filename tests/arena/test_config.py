"""``arena.toml``: what a run leaves in its folder plays it again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiate
from negotiate.arena import Limits, Tournament, run
from negotiate.arena.config import load, save, written
from negotiate.cli.app import run as nego
from negotiate.domain import load as load_scenario
from negotiate.domain.formats import toml_text
from negotiate.errors import ArenaError, FormatError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.protocols.english import English
from tests.arena.conftest import scenario, sha

if TYPE_CHECKING:
    from tests.cli.conftest import Nego

HEAD = 'format = "negotiate-arena"\nversion = 1\n'

rules = st.builds(
    AlternatingOffers,
    rounds=st.integers(1, 500),
    time_limit=st.none() | st.integers(1, 10**6),
    breakdown=st.integers(0, 999_999),
    consent=st.sampled_from(["unanimity", "majority"]),
    discounting=st.sampled_from(["relative", "round", "none"]),
) | st.just(AlternatingOffers(rounds=None, time_limit=7))
names = st.lists(
    st.sampled_from(["micro", "random", "time_dependent[e=0.2]", "aspiration[x=1e-07]"]),
    min_size=1, unique=True,
)  # fmt: skip
places = st.lists(
    st.sampled_from(["milk", "ev-charging", scenario("here"), scenario("'''=\"\\\x85", (0, 1, 2))]),
    min_size=1, max_size=3, unique_by=lambda one: one if isinstance(one, str) else one.name,
)  # fmt: skip
seeds = st.integers() | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9
)
tournaments = st.builds(
    Tournament,
    places,
    names,
    rules,
    repetitions=st.integers(1, 9),
    seed=seeds,
    self_play=st.booleans(),
    signed=st.booleans(),
)
limits = st.builds(Limits, st.floats(0.01, 86400), st.floats(0.01, 86400))


@given(tournament=tournaments, guards=limits)
def test_what_is_written_reads_back_as_the_same_tournament(
    tmp_path_factory: pytest.TempPathFactory, tournament: Tournament, guards: Limits
) -> None:
    path = tmp_path_factory.getbasetemp() / "roundtrip.toml"
    path.write_bytes(written(tournament, guards).encode())
    config = load(path)
    again = config.tournament()
    assert [cell.key for cell in again.cells] == [cell.key for cell in tournament.cells]
    assert (again.rules, again.signed) == (tournament.rules, tournament.signed)
    assert again.rules.model_fields_set == tournament.rules.model_fields_set
    assert config.limits == guards
    assert written(again, guards) == written(tournament, guards)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_reads_back(text: str) -> None:
    for form in (toml_text.text, toml_text.lines, toml_text.value):
        assert tomllib.loads(f"x = {form(text)}") == {"x": text}
    assert tomllib.loads(f"{toml_text.key(text)} = 1") == {text: 1}


values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("aä\n'\"\\"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab. "), inner),
    max_leaves=6,
)


@given(values)
def test_any_value_reads_back(of: object) -> None:
    assert tomllib.loads(f"x = {toml_text.value(of)}") == {"x": of}


def test_what_toml_has_no_form_for_is_told() -> None:
    with pytest.raises(FormatError, match="None has no form"):
        toml_text.value([None])
    with pytest.raises(FormatError, match="not Unicode"):
        toml_text.lines("\ud800")


def test_played_from_the_written_file_in_another_folder_the_results_are_the_same_bytes(
    nego_: Nego, tmp_path: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = [Path(file).name for file in files]
    nego_(
        "arena", "milk", *relative, "-s", "micro", "time_dependent[e=0.3]", "--out", "a", "--rounds", "12",
        "--repetitions", "2", "--seed", "7", "--breakdown", "0.01", "--move-limit", "1.5",
    )  # fmt: skip
    for file in files:
        Path(file).unlink()  # the file holds them
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert nego_("arena", "../a/arena.toml", "--out", "b", "--json").data["played"] == 24
    assert sha(tmp_path / "a") == sha(tmp_path / "elsewhere" / "b")
    kept = (tmp_path / "a" / "arena.toml").read_bytes()
    assert kept == (tmp_path / "elsewhere" / "b" / "arena.toml").read_bytes()


@pytest.fixture
def nego_(capsys: pytest.CaptureFixture[str]) -> Nego:
    from tests.cli.conftest import Done

    def call(*words: str) -> Done:
        status = nego([*words])
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return call


def test_options_override_the_file(nego_: Nego, tmp_path: Path) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(
        HEAD
        + 'scenarios = ["milk", "ev-charging"]\nstrategies = ["micro"]\nrepetitions = 2\nseed = "x"\n'
        + 'self_play = true\n[limits]\nmove = 3\n[rules]\nprotocol = "alternating-offers"\n'
        + 'rounds = 9\nconsent = "majority"\n'
    )
    before = load(file)
    assert (before.seed, before.limits) == ("x", Limits(move=3.0))
    nego_(
        "arena", "milk", "--config", str(file), "-s", "random", "--rounds", "100", "--seed", "1",
        "--repetitions", "1", "--move-limit", "4", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    after = load(tmp_path / "out" / "arena.toml")
    assert after.rules == AlternatingOffers(rounds=100, consent="majority")
    assert (after.scenarios, after.strategies) == (("milk",), ("random",))
    assert (after.repetitions, after.seed, after.limits) == (1, 1, Limits(move=4.0))


def test_a_file_may_leave_everything_to_the_command_line(nego_: Nego, tmp_path: Path) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(HEAD)
    out = str(tmp_path / "out")
    told = nego_(
        "arena", "milk", str(file), "-s", "micro", "--rounds", "5", "--out", out, "--json"
    )
    assert told.data["cells"] == 3
    with pytest.raises(ArenaError, match="scenarios are"):
        load(file).tournament()


def test_paths_are_seen_from_the_folder_of_the_file(tmp_path: Path, files: list[str]) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(f'{HEAD}scenarios = ["{Path(files[0]).name}"]\nstrategies = ["micro"]\n')
    assert load(file).tournament().loaded[0].name == "one"


def test_a_scenario_too_long_for_the_file_is_found_where_it_lies(
    tmp_path: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("negotiate.arena.description._TEXT", 10)
    run(Tournament(files, ["micro"], AlternatingOffers(rounds=5)), tmp_path / "a", workers=0)
    config = load(tmp_path / "a" / "arena.toml")
    assert "text" not in (tmp_path / "a" / "arena.toml").read_text()
    run(config.tournament(), tmp_path / "b", workers=0)
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_a_run_that_was_killed_has_its_file(tmp_path: Path) -> None:
    def stop(*told: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(ArenaError, match="interrupted"):
        run(Tournament([scenario("one")], ["micro"]), tmp_path, workers=0, progress=stop)
    assert load(tmp_path / "arena.toml").strategies == ("micro",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("strategys = []", r"unknown key 'strategys'.*did you mean 'strategies'"),
        ("scenarios = 3", r"\$\.scenarios: 3 where a list is expected"),
        ("scenarios = [3]", r"\$\.scenarios\[0\]: 3 where a text is expected"),
        ("repetitions = 1.5", r"\$\.repetitions: 1\.5 where a whole number"),
        ("seed = true", r"\$\.seed: true where a whole number"),
        ("self_play = 1", r"\$\.self_play: 1 where true or false"),
        ("[limits]\nmoves = 2", r"unknown key 'moves'.*did you mean 'move'"),
        ("[limits]\nmove = 0", r"\$\.limits: limits of 0"),
        ("[rules]\nrounds = 3", "'protocol' is missing"),
        ('[rules]\nprotocol = "alternating-ofers"', "did you mean 'alternating-offers'"),
        ('[rules]\nprotocol = "negotiate.moves:Offer"', "where a protocol is expected"),
        ('[rules]\nprotocol = "alternating-offers"\nround = 3', "did you mean 'rounds'"),
        ('[rules]\nprotocol = "alternating-offers"\nrounds = 0', "rounds: .*greater than"),
        ('[rules]\nprotocol = "alternating-offers"\nunset = ["rounds"]', "must end"),
        ('[rules]\nprotocol = "alternating-offers"\nunset = ["x"]', "the name of a parameter"),
        ('[[scenario]]\nname = "x"\nsource = "y"\ndigest = "z"', "does not load"),
        ("x = ", "Invalid value"),
    ],
)
def test_a_file_that_does_not_say_what_it_should_is_told(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(HEAD + text + "\n")
    with pytest.raises(FormatError, match=says):
        load(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'format' is missing"),
        ('format = "other"', "format: 'other' where"),
        ('format = "negotiate-arena"\nversion = 2', "2 where version 1"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(text)
    with pytest.raises(FormatError, match=says):
        load(file)
    with pytest.raises(FormatError, match="no such file"):
        load(tmp_path / "no.toml")


def test_two_files_and_options_of_another_protocol_are_told(
    nego_: Nego, tmp_path: Path
) -> None:
    file = tmp_path / "arena.toml"
    file.write_text(HEAD)
    done = nego_("arena", str(file), "--config", str(file))
    assert (done.status, done.err.partition(":")[0]) == (2, "error[config]")
    file.write_text(f'{HEAD}[rules]\nprotocol = "english"\n')
    assert isinstance(load(file).rules, English)
    done = nego_("arena", "--config", str(file), "--rounds", "3")
    assert (done.status, done.err.partition(":")[0]) == (2, "error[rules]")


def test_a_folder_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    plan: Any = Tournament([load_scenario("milk")], ["micro"])
    with pytest.raises(ArenaError, match=r"arena\.toml: No such file"):
        save(plan, Limits(), tmp_path / "no")


def test_auctions_play_again_from_their_file(nego_: Nego, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(
        (
            Path(negotiate.__file__).parent / "domain/bundled/markets/private-uniform.toml"
        ).read_bytes()
    )
    words = [
        "arena",
        "private-uniform",
        "-s",
        "truthful",
        "first_price_equilibrium",
        "--repetitions",
        "2",
        "--out",
    ]
    rules = ["--protocol", "sealed-bid[price=second]"]
    nego_(*words, str(tmp_path / "a"), *rules)
    nego_("arena", str(tmp_path / "a" / "arena.toml"), "--out", str(tmp_path / "b"))
    assert sha(tmp_path / "a") == sha(tmp_path / "b")
    words[1] = str(own)
    nego_(*words, str(tmp_path / "c"), *rules)
    nego_("arena", str(tmp_path / "c" / "arena.toml"), "--out", str(tmp_path / "d"))
    assert sha(tmp_path / "c") == sha(tmp_path / "d")
    own.write_text(own.read_text().replace("seats = ", "seats = 1"))
    with pytest.raises(FormatError, match=r"is not what it was|does not load"):
        load(tmp_path / "c" / "arena.toml")
