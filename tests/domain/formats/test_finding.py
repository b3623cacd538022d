"""What a path may name: a file, a folder, one of many behind a hash; and what the error says if it does not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from negotiate.domain.formats import _find, read, read_all, write
from negotiate.domain.scenario import load
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from tests.domain.formats.conftest import Folder

MILK = write(load("milk"))
TEA = MILK.replace('name = "milk"', 'name = "tea"')
SPACE = "<utility_space/>"
TEMPLATE = "<negotiation_template/>"
PROFILE = '{"LinearAdditiveUtilitySpace": {}}'
LOG = '{"issueWeights": {}, "issues": {}}'
UFUN = "type: LinearAdditiveUtilityFunction\n"
SPACE_YAML = "type: CartesianOutcomeSpace\n"


def names(path: Path | str) -> list[str]:
    return [scenario.name for scenario in read_all(path)]


# What reads


def test_the_name_of_a_file_does_not_matter(folder: Folder) -> None:
    assert read(folder({"milk.txt": MILK}) / "milk.txt").name == "milk"


def test_a_folder_of_our_own_files_holds_them_all_by_name_of_file(folder: Folder) -> None:
    assert names(folder({"b.toml": MILK, "a.toml": TEA, "README.md": "text"})) == [
        "tea",
        "milk",
    ]


def test_one_of_several_is_named_behind_a_hash(folder: Folder) -> None:
    place = folder({"b.toml": MILK, "a.toml": TEA})
    assert read(f"{place}#b").name == "milk"
    assert names(Path(f"{place}#a")) == ["tea"]


def test_a_hash_may_be_part_of_a_files_own_name(folder: Folder) -> None:
    assert read(folder({"a#b.toml": MILK}) / "a#b.toml").name == "milk"


def test_a_folder_of_folders_holds_the_scenarios_of_each_by_folder(folder: Folder) -> None:
    place = folder(
        {"one/milk.toml": MILK, "two/a.toml": MILK, "two/b.toml": TEA, "note.txt": "x"}
    )
    assert names(place) == ["one", "two-a", "two-b"]


def test_hidden_files_and_those_with_an_underscore_are_left_out(folder: Folder) -> None:
    assert names(folder({"a.toml": TEA, ".b.toml": MILK, "_c.toml": MILK})) == ["tea"]


def test_a_large_file_of_another_kind_does_not_matter(folder: Folder) -> None:
    assert names(folder({"a.toml": TEA, "plot.png": b"\x89PNG" * 2**21})) == ["tea"]


def test_a_large_file_of_a_scenario_is_refused(folder: Folder) -> None:
    with pytest.raises(FormatError, match=r"b\.toml: larger than 4,194,304 bytes"):
        read(folder({"a.toml": TEA, "b.toml": MILK + "#" * 2**23}))


def test_a_folder_called_like_a_file_is_no_file(folder: Folder) -> None:
    assert names(folder({"a.toml": TEA, "b.json/c.txt": "text"})) == ["tea"]


def test_every_folder_of_other_people_reads(shared: Path) -> None:
    scenarios = shared / "scenarios"
    counts = {"genius": 12, "geniusweb": 8, "negolog": 10, "human": 200, "magentic": 9}
    assert {name: len(read_all(scenarios / name)) for name in counts} == counts


def test_the_names_in_every_collection_of_other_people_differ(shared: Path) -> None:
    for place in (shared / "scenarios").iterdir():
        found = names(place) if place.is_dir() else []
        assert len(set(found)) == len(found)


def test_links_in_a_circle_are_not_followed(folder: Folder) -> None:
    place = folder({"note.txt": "text"})
    (place / "loop").symlink_to(place)
    with pytest.raises(FormatError, match="loop: no scenario in it"):
        read(place)


def test_a_link_to_itself_is_left_out(folder: Folder) -> None:
    place = folder({"a.toml": TEA})
    (place / "b.toml").symlink_to(place / "b.toml")
    assert names(place) == ["tea"]


# What does not: files in a folder, the path to read in it, words of the error
REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "nothing there": ({"a": ""}, "b", "b: no such file or folder"),
    "nothing behind a hash": ({"a.toml": MILK}, "b.toml#c", "no such file or folder"),
    "an unknown name": ({"a.toml": MILK, "b.toml": TEA}, "#aa", "no scenario 'aa' in it; did you mean 'a'?"),
    "several and no name": (
        {"a.toml": MILK, "b.toml": TEA},
        "",
        "holds 2 scenarios: 'a', 'b', …; name one, such as",
    ),
    "an empty file": ({"a.json": " \n"}, "a.json", "an empty file; formats: our own TOML"),
    "an empty folder": ({"a/b/c": ""}, "a/b", "no scenario in it; formats:"),
    "something else": ({"a.json": '{"a": 1}'}, "a.json", "not a scenario in a format that we read"),
    "a page of the web": ({"a.xml": "<!-- <utility_space> --><html/>"}, "a.xml", "not a scenario"),
    "a toml of something else": ({"pyproject.toml": "[a]"}, "pyproject.toml", "format is nothing"),
    "a folder with one that is not": ({"a/b.toml": MILK, "b/c": "x"}, "", "b: no scenario in it"),
    "a Genius profile": ({"a.xml": SPACE}, "a.xml", "a Genius utility space, one part of a scenario; give the folder"),
    "a template alone": ({"a.xml": TEMPLATE}, "a.xml", "no file with a Genius utility space"),
    "profiles without a template": ({"a.xml": SPACE, "b.xml": SPACE}, "", "without their template"),
    "one profile": ({"a.xml": SPACE, "t.xml": TEMPLATE}, "", "only one file with a Genius utility space"),
    "two templates": (
        {"a.xml": TEMPLATE, "b.xml": TEMPLATE, "c.xml": SPACE, "d.xml": SPACE},
        "a.xml",
        "2 domains, 'a.xml', 'b.xml'; whose profiles are whose cannot be told; give each its own",
    ),
    "a GeniusWeb profile": ({"a.json": PROFILE}, "a.json", "a GeniusWeb profile, one part"),
    "a NegoLog profile": ({"a.json": LOG}, "a.json", "a NegoLog profile, one part"),
    "one NegoLog profile": ({"a.json": LOG}, "", "only one file with a NegoLog profile"),
    "a NegMAS function": ({"a.yml": UFUN}, "a.yml", "a NegMAS utility function, one part"),
    "a NegMAS domain alone": ({"a.yml": SPACE_YAML}, "a.yml", "no file with a NegMAS utility"),
    "a restaurant": ({"m/businesses/a.yaml": "id: a\nmenu_features:\n"}, "m/businesses/a.yaml", "case/m'"),
    "two formats": ({"a.xml": TEMPLATE, "b.json": LOG}, "", "several formats: Genius XML, NegoLog JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "path", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_read_says_why_and_what_to_do(
    folder: Folder, files: dict[str, str], path: str, words: str
) -> None:
    place = folder(files)
    with pytest.raises(FormatError) as caught:
        read(f"{place}{path}" if path.startswith("#") else place / path)
    assert words in str(caught.value)
    assert str(place) in caught.value.file


def test_a_folder_of_too_many_bytes_is_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_find, "MAX_TOTAL", 1000)
    with pytest.raises(FormatError, match="files of more than 1,000 bytes"):
        read(folder({"a.toml": MILK, "b.toml": TEA}))


def test_dialogues_of_several_files_are_called_after_both(folder: Folder) -> None:
    talk = '{"mturk_agent_1": 1, "dialogue_id": 7}'
    place = folder({"a.jsonl": talk, "b.jsonl": talk})
    with pytest.raises(FormatError, match="holds 2 scenarios: 'a-dialogue-7', 'b-dialogue-7'"):
        read(place)


def test_a_folder_that_cannot_be_listed_says_why(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    place = folder({"a.toml": MILK})
    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(FormatError, match="case: Permission denied"):
        read(place)


def test_a_folder_of_a_hundred_thousand_files_is_refused_at_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder({f"{i}.xml": "" for i in range(1001)})
    with pytest.raises(FormatError, match="holds more than 1,000 files"):
        read(place)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_not_read() -> None:
    with pytest.raises(FormatError, match="/dev/zero: not a regular file"):
        read("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(FormatError, match="not a regular file"):
        read(tmp_path / "pipe.toml")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_says_so(folder: Folder) -> None:
    path = folder({"a.toml": MILK}) / "a.toml"
    path.chmod(0)
    with pytest.raises(FormatError, match=r"a\.toml: Permission denied"):
        read(path)


def test_an_error_of_the_system_says_what_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    place = folder({"a.toml": MILK})
    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(FormatError, match=r"a\.toml: Permission denied"):
        read(place)


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b", "", "#", "#a", "\ud800", "\x1b[31m"])
def test_an_impossible_path_is_an_ordinary_error(path: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(Path(path) / "x")
    assert "\x1b" not in str(caught.value)
