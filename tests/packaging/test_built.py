"""What is in the wheel and the sdist: real files, in the right place."""

import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def names(wheel: zipfile.ZipFile) -> set[str]:
    return set(wheel.namelist())


def files_below(folder: str, pattern: str) -> set[str]:
    return {
        path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob(pattern)
    }


@pytest.mark.parametrize("folder", ["protocols", "strategies"])
def test_wheel_holds_the_top_level_folder_inside_negotiate(
    folder: str, names: set[str]
) -> None:
    expected = {f"negotiate/{folder}/{name}" for name in files_below(folder, "*.py")}
    assert expected
    assert expected <= names


def test_wheel_holds_files_and_no_links(wheel: zipfile.ZipFile) -> None:
    kinds = {info.filename: info.external_attr >> 28 for info in wheel.infolist()}
    assert {name for name, kind in kinds.items() if kind not in (0, 0o10)} == set()


def test_wheel_puts_nothing_else_at_the_top(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"negotiate"}


def test_wheel_holds_the_type_marker_and_the_bundled_data(names: set[str]) -> None:
    bundled = files_below("negotiate/domain/bundled", "*.toml")
    assert "negotiate/py.typed" in names
    assert {f"negotiate/domain/bundled/{name}" for name in bundled} <= names


def test_wheel_carries_the_licence_and_the_script(wheel: zipfile.ZipFile) -> None:
    info = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    folder = info.removesuffix("/METADATA")
    assert b"License-Expression: Apache-2.0" in wheel.read(info)
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()
    assert b"nego = negotiate.cli:main" in wheel.read(f"{folder}/entry_points.txt")


def test_sdist_holds_the_package_as_the_wheel_does(tmp_path: Path, names: set[str]) -> None:
    (path,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(path) as sdist:
        members = {m.name.split("/", 1)[1]: m for m in sdist.getmembers() if "/" in m.name}
    assert [name for name, member in members.items() if member.issym()] == []
    assert {name for name in names if name.startswith("negotiate/")} <= members.keys()
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} <= members.keys()


def test_the_extra_all_holds_every_other_extra_but_the_solvers() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (everything,) = extras.pop("all")
    for solver in ("milp", "cpsat"):  # large, and a process takes one of the two
        del extras[solver]
    assert everything == f"negotiate-kit[{','.join(extras)}]"
