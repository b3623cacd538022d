"""`make` sets up once, again when it must, and tells the cure when it cannot."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/environment.py, in an empty checkout, writing down what it would do."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools/environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("protocols", "strategies"):
        (tmp_path / "negotiate" / name).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    did: list[str] = []

    def create(env: Path) -> None:
        did.append("create")
        env.mkdir(exist_ok=True)

    def install(env: Path, what: list[str]) -> None:
        did.append("install " + what[-1])

    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "create", create)
    monkeypatch.setattr(module, "install", install)
    monkeypatch.setattr(module, "works", Path.is_dir)
    monkeypatch.setattr(module, "did", did, raising=False)
    return module


def test_the_first_time_makes_and_installs(setup: ModuleType) -> None:
    setup.main("test")
    assert setup.did == ["create", "install test"]


def test_the_second_time_does_nothing(setup: ModuleType) -> None:
    setup.main("test")
    setup.main("test")
    setup.main("run")  # the tests' environment has all that a run needs
    assert setup.did == ["create", "install test"]


def test_more_is_added_to_what_is_there(setup: ModuleType) -> None:
    setup.main("run")
    setup.main("dev")
    assert setup.did == ["create", "install .[all]", "install dev"]


def test_a_changed_pyproject_installs_again(setup: ModuleType) -> None:
    setup.main("test")
    (setup.ROOT / "pyproject.toml").write_text("# new")
    setup.main("test")
    assert setup.did == ["create", "install test", "install test"]


def test_a_broken_environment_is_made_again(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.main("test")
    monkeypatch.setattr(setup, "works", lambda env: False)
    setup.main("test")
    assert setup.did == ["create", "install test"] * 2


def test_a_moved_checkout_makes_its_environment_again(setup: ModuleType) -> None:
    setup.main("test")
    stamp = setup.ROOT / ".venv" / "nego-setup.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"place": "elsewhere"}))
    setup.main("test")
    assert setup.did == ["create", "install test"] * 2


@pytest.mark.parametrize("text", ["", "[]", "{", '{"levels": ""}'])
def test_a_damaged_stamp_only_costs_time(setup: ModuleType, text: str) -> None:
    setup.main("test")
    (setup.ROOT / ".venv" / "nego-setup.json").write_text(text)
    setup.main("test")
    assert setup.did == ["create", "install test", "install test"]


def test_a_checkout_without_links_is_told_the_cure(setup: ModuleType) -> None:
    (setup.ROOT / "negotiate/protocols").rmdir()
    (setup.ROOT / "negotiate/protocols").write_text("../protocols")
    with pytest.raises(SystemExit, match=r"git config core\.symlinks true"):
        setup.main("run")


def test_a_python_without_ensurepip_is_told_the_cure(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("fresh", ROOT / "tools/environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        module.create(setup.ROOT / ".venv")
