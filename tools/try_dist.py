"""Install the built wheel and sdist into empty environments, far from the checkout, and try them.

Run as `python tools/try_dist.py dist`. The wheel goes in twice: without extras, where the library
must import and play and `nego` must name the cure; then with them. The sdist goes in with extras.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import environment

SMOKE = Path(__file__).with_name("smoke.py")
CORE_LIMIT = 120  # MB of site-packages, without the installer itself
INSTALLERS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")


def main(dist: Path) -> None:
    """Try the one wheel and the one sdist that lie in a folder."""
    wheel, sdist = only(dist, "*.whl"), only(dist, "*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="nego-dist-") as name:
        away = Path(name)
        say("the wheel without extras")
        python = fresh(away / "wheel", str(wheel))
        smoke(python, away, "core")
        check_size(python)
        say("the wheel with all extras")
        environment.install(away / "wheel", [f"{wheel}[all]"])
        smoke(python, away, "full")
        report_types(python, away)
        say("the sdist with all extras")
        smoke(fresh(away / "sdist", f"{sdist}[all]"), away, "full")


def only(folder: Path, pattern: str) -> Path:
    """Return the one file that matches."""
    found = sorted(folder.resolve().glob(pattern))
    if len(found) != 1:
        sys.exit(f"{folder} must hold one {pattern}, not {len(found)}; run 'make dist'")
    return found[0]


def fresh(env: Path, requirement: str) -> Path:
    """Make an environment with one thing in it; return its interpreter."""
    environment.create(env)
    environment.install(env, [requirement])
    return environment.python_of(env)


def smoke(python: Path, away: Path, part: str) -> None:
    """Run the smoke test with that interpreter, where no checkout is in sight."""
    call([python, "-I", SMOKE, part], away)


def check_size(python: Path) -> None:
    """Print the size of what a core install needs, and fail if it is too much."""
    ask = "import sysconfig as s; print(s.get_path('purelib')); print(s.get_path('platlib'))"
    out = subprocess.check_output([python, "-Ic", ask], text=True)
    sizes: dict[str, float] = {}
    for folder in {Path(line) for line in out.splitlines()}:
        for entry in folder.iterdir():
            if not entry.name.startswith(INSTALLERS):
                files = entry.rglob("*") if entry.is_dir() else [entry]
                sizes[entry.name] = sum(f.stat().st_size for f in files if f.is_file()) / 1e6
    total = sum(sizes.values())
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    print(f"core install: {total:.1f} MB of at most {CORE_LIMIT}; the largest:")
    print(*(f"  {size:6.1f}  {name}" for name, size in largest), sep="\n", flush=True)
    if total > CORE_LIMIT:
        sys.exit("the core install is too large")


def report_types(python: Path, away: Path) -> None:
    """Print how completely the public interface is typed; reported, not yet required."""
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--ignoreexternal",
        "--verifytypes",
        "negotiate",
    ]
    env = os.environ | {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    }  # found there
    found = subprocess.run(
        command, cwd=away, env=env, check=False, capture_output=True, text=True
    )
    lines = found.stdout.splitlines()
    for line in [line for line in lines if "error:" in line][:20] + lines[-17:]:
        print(line, flush=True)


def call(command: Sequence[str | Path], cwd: Path) -> None:
    """Run a command that must succeed."""
    if (status := subprocess.run(command, cwd=cwd, check=False).returncode) != 0:
        sys.exit(f"failed with exit status {status}: {' '.join(map(str, command))}")


def say(line: str) -> None:
    """Head the output of what follows."""
    print(f"\n-- {line}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} DIST_FOLDER")
    main(Path(sys.argv[1]))
