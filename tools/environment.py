"""Make the project's own virtual environment, or leave it alone when it is up to date.

    python tools/environment.py run     # what `nego` needs
    python tools/environment.py test    # and what the tests need
    python tools/environment.py dev     # and types, lint, docs
    python tools/environment.py bench   # .venv-negmas, the peer that the benchmarks measure
    python tools/environment.py markets # .venv-markets, the peers of auctions and markets

Uses uv if it is there, else venv and pip. Needs nothing but the standard library.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

PROJECT = ["--editable", ".[all]"]
LEVELS: dict[str, tuple[str, list[str]]] = {  # name: (environment, what to install there)
    "run": (".venv", PROJECT),
    "test": (".venv", [*PROJECT, "--group", "test"]),
    "dev": (".venv", [*PROJECT, "--group", "dev"]),
    "bench": (".venv-negmas", ["negmas>=0.16,<0.17"]),
    "markets": (
        ".venv-markets",
        [
            "akhil4n-orderbook==0.1.1",
            "lightmatchingengine==2019.1.4",
            "pyorderbook==0.4.9",
            "fastlob==0.0.24",
            "manticore-orderbook==1.0.1",
            "auctionsi==0.2.0",
            "ortools>=9.15,<10",
            "highspy>=1.15,<2",
        ],
    ),
}
CONTAINS = {"run": ("run",), "test": ("run", "test"), "dev": ("run", "test", "dev")}

NO_LINKS = """\
{path} is not a symbolic link to {target}, so this checkout cannot be used.
Turn symbolic links on and check out again:
    git config core.symlinks true    (on Windows, turn on developer mode first)
    git checkout -- negotiate/protocols negotiate/strategies"""
NO_PIP = """\
{python} can make no virtual environment: its module 'ensurepip' is missing.
Do one of these, then run the same command again:
    apt-get install python3-venv     (Debian, Ubuntu; as root)
    install uv, which needs no pip
    make PYTHON=/path/to/another/python3 ..."""


def main(level: str) -> None:
    """Bring the environment of that level up to date, if it is not."""
    check_checkout()
    folder, wanted = LEVELS[level]
    env, stamp = ROOT / folder, ROOT / folder / "nego-setup.json"
    before, now = read_stamp(stamp), {"place": place_of(env), "needs": needs()}
    same_place = before.get("place", now["place"]) == now["place"] and works(env)
    done = before.get("levels", "").split() if before.get("needs") == now["needs"] else []
    if same_place and level in done:
        return
    if not same_place:
        create(env)
        done = []
    install(env, wanted)
    done = sorted({*done, *CONTAINS.get(level, (level,))})
    stamp.write_text(json.dumps(now | {"levels": " ".join(done)}))


def check_checkout() -> None:
    """Stop with the cure if git wrote the symbolic links as plain files."""
    for name in ("protocols", "strategies"):
        if not (ROOT / "negotiate" / name).is_dir():
            sys.exit(NO_LINKS.format(path=f"negotiate/{name}", target=f"../{name}"))


def place_of(env: Path) -> str:
    """Return what an environment is tied to: its folder and its interpreter."""
    return f"{env} {sys.base_prefix} {sys.version}"


def needs() -> str:
    """Return a digest of all that says what to install."""
    parts = (ROOT / "pyproject.toml").read_bytes(), Path(__file__).read_bytes()
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read_stamp(path: Path) -> dict[str, str]:
    """Return what the last set-up wrote; nothing if there was none or it is damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def python_of(env: Path) -> Path:
    """Return the interpreter inside an environment."""
    return env / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(env: Path) -> bool:
    """Tell whether the environment's interpreter still starts."""
    try:
        return subprocess.run([python_of(env), "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def create(env: Path) -> None:
    """Make an empty environment for this interpreter, in place of what was there."""
    base = getattr(sys, "_base_executable", sys.executable)  # not the one to be replaced
    say(f"making {env.name} with {base} ({sys.version.split()[0]})")
    shutil.rmtree(env, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and run([uv, "venv", "--quiet", "--python", base, env]):
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(NO_PIP.format(python=base))
    require([base, "-m", "venv", env])


def install(env: Path, what: Sequence[str]) -> None:
    """Install with uv if it is there, else with the environment's own pip."""
    say(f"installing {' '.join(what)} into {env.name}")
    python, uv = python_of(env), shutil.which("uv")
    if uv and run([uv, "pip", "install", "--quiet", "--python", python, *what]):
        return
    if not has_pip(python):
        sys.exit(f"set-up failed: there is no pip in {env}, and it could not be put there")
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if "--group" in what:
        require([*pip, "--upgrade", "pip>=25.1"])  # the first that knows --group
    require([*pip, *what])


def has_pip(python: Path) -> bool:
    """Tell whether pip is in that environment; put it there if uv left it out."""
    probe = [python, "-c", "import pip"]
    if subprocess.run(probe, check=False, stderr=subprocess.DEVNULL).returncode == 0:
        return True
    say("trying pip")
    return run([python, "-Im", "ensurepip"], stdout=subprocess.DEVNULL)


def run(command: Sequence[str | Path], stdout: int | None = None) -> bool:
    """Run a command in the checkout and tell whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, check=False, stdout=stdout).returncode == 0


def require(command: Sequence[str | Path]) -> None:
    """Run a command that must succeed."""
    if not run(command):
        sys.exit(f"set-up failed: {' '.join(map(str, command))}")


def say(line: str) -> None:
    """Tell a person what takes so long."""
    print(f"set-up: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}")
    if len(sys.argv) != 2 or sys.argv[1] not in LEVELS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(LEVELS)}")
    main(sys.argv[1])
