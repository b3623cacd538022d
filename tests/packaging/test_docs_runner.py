"""The blocks in README.md and docs/ are really run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = "# Page\n\n```python\n{}\n```\n"
PAGES = ["README.md", "docs/index.md", "docs/tutorial/first.md", "docs/reference/a/b.md"]


def pages_run(tmp_path: Path, page: str, text: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / page).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", PAGES)
def test_a_block_that_raises_fails(tmp_path: Path, page: str) -> None:
    done = pages_run(tmp_path, page, BLOCK.format("1 / 0"))
    assert "1 failed" in done.stdout
    assert "ZeroDivisionError" in done.stdout


@pytest.mark.parametrize(("shown", "closing"), [("2", "1 passed"), ("3", "1 failed")])
def test_shown_output_is_compared(tmp_path: Path, shown: str, closing: str) -> None:
    done = pages_run(tmp_path, "README.md", BLOCK.format(f">>> 1 + 1\n{shown}"))
    assert closing in done.stdout


def test_a_page_cannot_litter_the_checkout(tmp_path: Path) -> None:
    block = BLOCK.format("from pathlib import Path\nPath('litter').touch()")
    assert "1 passed" in pages_run(tmp_path, "README.md", block).stdout
    assert not (tmp_path / "litter").exists()


def test_pages_elsewhere_are_left_alone(tmp_path: Path) -> None:
    done = pages_run(tmp_path, "elsewhere/README.md", BLOCK.format("1 / 0"))
    assert "no tests ran" in done.stdout
