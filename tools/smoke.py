"""Try an installed negotiate-kit, outside of any checkout.

Run it with the Python of the environment to be tried: `python -I smoke.py core` where the package
was installed without extras, `python -I smoke.py full` where it was installed with them.
"""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path

CURE = 'pip install "negotiate-kit['
NEGO = Path(sysconfig.get_path("scripts"), "nego")
PLAYERS = ["genius-boulware", "genius-conceder"]


class SmokeError(Exception):
    """Something that an installed copy must do does not work."""


def main(part: str) -> None:
    """Run the checks of one part and print each as it passes."""
    everywhere = (imports_work, nothing_else_at_the_top, files_are_there)
    for check in (*everywhere, *PARTS[part]):
        check()
        print(f"ok: {check.__doc__}", flush=True)


def imports_work() -> None:
    """The package imports, from where it is installed, under its full names only."""
    for part in ("", ".protocols", ".strategies", ".domain"):
        name = f"negotiate{part}"
        where = import_module(name).__file__
        expect(where is not None and "site-packages" in where, f"{name} came from {where}")
    for name in ("protocols", "strategies"):
        try:
            import_module(name)
        except ImportError:
            continue
        raise SmokeError(f"a top-level {name} can be imported")


def nothing_else_at_the_top() -> None:
    """Nothing but negotiate lies at the top of site-packages."""
    from importlib.metadata import files as files_of

    tops = {Path(str(file)).parts[0] for file in files_of("negotiate-kit") or ()}
    extra = {top for top in tops if top not in ("negotiate", "..") and ".dist-info" not in top}
    expect(not extra, f"also installed at the top: {sorted(extra)}")
    for name in ("protocols", "strategies", "tests", "tools", "docs"):
        expect(not Path(sysconfig.get_path("purelib"), name).exists(), f"{name} is there")


def files_are_there() -> None:
    """Bundled scenarios, py.typed and real files (no links) are installed."""
    package = files("negotiate")
    expect(package.joinpath("py.typed").is_file(), "py.typed is missing")
    bundled = [f.name for f in package.joinpath("domain", "bundled").iterdir()]
    expect(sum(name.endswith(".toml") for name in bundled) >= 12, f"bundled: {bundled}")
    for name in ("protocols", "strategies"):
        folder = Path(str(package.joinpath(name)))
        expect(
            not folder.is_symlink() and any(folder.glob("*.py")), f"no real files in {folder}"
        )


def core_plays() -> None:
    """A negotiation can be played without any extra."""
    status, out, err = python("-c", CORE_MATCH)
    expect(
        status == 0 and "played" in out and out.strip().endswith("None"),
        f"status {status}\n{out}{err}",
    )


def command_names_the_cure() -> None:
    """Without the extra 'cli', the command says what to install, and no more."""
    status, out, err = run([NEGO, "list", "scenarios"])
    short = out == "" and len(err.splitlines()) <= 2
    expect(status == 2 and short and CURE in err, f"status {status}\n{out}{err}")


def command_helps() -> None:
    """`nego --help` works."""
    status, out, err = run([NEGO, "--help"])
    expect(status == 0 and "arena" in out + err, f"status {status}\n{out}{err}")


def command_lists() -> None:
    """`nego list scenarios --json` lists the bundled scenarios."""
    status, out, err = run([NEGO, "list", "scenarios", "--json"])
    expect(
        status == 0 and "milk" in out and len(json.loads(out)) >= 12, f"{status}\n{out}{err}"
    )


def command_plays() -> None:
    """`nego match milk` plays a negotiation."""
    status, out, err = run(
        [NEGO, "match", "milk", "--strategies", *PLAYERS, "--rounds", "100", "--json"]
    )
    expect(status == 0, f"status {status}\n{out}{err}")
    played = json.loads(out)
    expect(played["error"] is None and len(played["utilities"]) == 2, out)
    expect(played["rounds"] <= 100 and len(played["moves"]) == played["turns"], out)


CORE_MATCH = """
import negotiate
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy

players = [strategy("genius-boulware").make(), strategy("genius-conceder").make()]
match = negotiate.play(AlternatingOffers(rounds=100), negotiate.load("milk"), players)
print("played", match.rounds, match.agreement, match.error)
"""
PARTS = {
    "core": (core_plays, command_names_the_cure),
    "full": (core_plays, command_helps, command_lists, command_plays),
}


def python(*arguments: str) -> tuple[int, str, str]:
    """Run this interpreter again, isolated."""
    return run([sys.executable, "-I", *arguments])


def run(command: Sequence[str | Path]) -> tuple[int, str, str]:
    """Run a command; return its exit status, output and error output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def expect(holds: bool, what: str) -> None:
    """Stop the smoke test with a sentence if something does not hold."""
    if not holds:
        raise SmokeError(what)


if __name__ == "__main__":
    if sys.argv[1:] not in (["core"], ["full"]):
        sys.exit(f"usage: {sys.argv[0]} core|full")
    main(sys.argv[1])
