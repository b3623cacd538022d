"""What makes a checkout usable: links, the guard against a second import name, quick imports."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["protocols", "strategies"]
HEAVY = [
    "numpy",
    "pydantic",
    "cryptography",
    "msgpack",
    "sqlite3",
    "cyclopts",
    "rich",
    "jinja2",
]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_link_in_negotiate_leads_to_the_top_level_folder(folder: str) -> None:
    link = ROOT / "negotiate" / folder
    if not link.is_dir():
        pytest.fail(
            f"negotiate/{folder} is not a symbolic link to ../{folder}; run 'git config core.symlinks true', "
            f"then 'git checkout -- negotiate/{folder}' (on Windows, turn on developer mode first)"
        )
    assert (link / "__init__.py").read_bytes() == (ROOT / folder / "__init__.py").read_bytes()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_short_name_is_refused_and_the_right_one_named(folder: str) -> None:
    done = python(f"import {folder}")
    assert done.returncode != 0
    assert f"ImportError: import negotiate.{folder}, not {folder}" in done.stderr


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_full_name_works_from_the_checkout(folder: str) -> None:
    done = python(f"import negotiate.{folder} as m; print(m.__name__)")
    assert (done.stdout.strip(), done.stderr) == (f"negotiate.{folder}", "")


def test_importing_negotiate_loads_nothing_heavy() -> None:
    done = python(f"import negotiate, sys; print(*set({HEAVY}) & set(sys.modules))")
    assert (done.stdout.strip(), done.stderr) == ("", "")
