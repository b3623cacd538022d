"""The installed program: start, help, what it loads."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Nego

PROGRAM = [sys.executable, "-m", "negotiate"]


@pytest.mark.parametrize("command", ["arena", "match", "analyse", "list", "check", "report"])
def test_every_command_has_help_with_an_example(nego: Nego, command: str) -> None:
    done = nego(command, "--help")
    assert done.status == 0
    assert f"nego {command}" in done.out.replace("Usage: nego", "", 1)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from negotiate.cli.app import run; run(['--help']);"
        "print([m for m in ('numpy', 'pydantic_core.core_schema', 'jinja2', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_is_the_library_s() -> None:
    import negotiate

    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == negotiate.__version__


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m negotiate list strategies --json | head -c 10"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_without_the_extra_one_sentence_names_the_cure() -> None:
    code = (
        "import sys; sys.modules['cyclopts'] = None;"
        "sys.argv = ['nego', 'list']; from negotiate.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert 'pip install "negotiate-kit[all]"' in done.stderr
    assert "Traceback" not in done.stderr
