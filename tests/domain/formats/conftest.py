from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]

Folder = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Scenario files of other people, which are never part of this project."""
    found = CHECKOUT.parent / "shared"
    if not (found / "scenarios").is_dir():
        pytest.skip("../shared/scenarios is not here")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Make a folder ``case`` of files from their contents."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        place = tmp_path / "case"
        for name, content in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    return make
