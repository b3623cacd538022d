"""Workers on other machines: a Dask cluster as the executor of a run.

Needs the extra ``cluster``. The workers hold the library and the strategies themselves; what travels to them are
batches of cells, with strategies by name and scenarios as data, and rows come back. Dask plays a batch again when its
worker dies; the run takes in each batch once, whoever played it.

Before anything is played every worker is asked what it would play with: a worker with another version of the library,
or with another text of a strategy, would give other results under the same names.
"""

from __future__ import annotations

import hashlib
import inspect
import socket
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from negotiate import __version__
from negotiate.arena.cells import ENGINE
from negotiate.errors import ArenaError
from negotiate.show import one_line, quote, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from concurrent.futures import Future

    from negotiate.registry import AnySpec

T = TypeVar("T")

_PATIENCE = 10.0  # seconds for the scheduler to answer and for the first worker to come

Answer = tuple[str, int, dict[str, str]]
"""What a worker says of itself: version of the library, version of the engine, and its modules; see :func:`probe`."""


@dataclass(frozen=True)
class Cluster:
    """A cluster, connected.

    Attributes:
        executor: plays batches on it.
        workers: how many batches it plays at a time.
    """

    executor: Executor
    workers: int


class _OnClient(Executor):
    """Plays on a Dask client, and knows when that has given up its scheduler: Dask's own futures then never end."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner: Executor = client.get_executor(pure=False)

    @property
    def gone(self) -> bool:
        """Whether there is no scheduler any more."""
        return self._client.status not in ("running", "connecting")

    def submit(self, fn: Callable[..., T], /, *args: Any, **more: Any) -> Future[T]:
        if self.gone:
            raise RuntimeError("the scheduler is gone")
        return self._inner.submit(fn, *args, **more)


@contextmanager
def connect(
    address: str, strategies: Iterable[AnySpec] = (), *, patience: float = _PATIENCE
) -> Generator[Cluster]:
    """Connect to the scheduler of a Dask cluster.

    Args:
        address: ``tcp://host:port`` or ``tls://host:port``; for the latter Dask's configuration names the keys.
        strategies: that will be played; every worker must have them just as they are here.
        patience: seconds until the scheduler must have answered, and again until there is a worker.

    Raises:
        ArenaError: Dask is not installed, the scheduler cannot be reached or has no workers, or a worker lacks what
            it needs or has another version of it.
    """
    distributed = _dask()
    _reach(address, patience)
    try:
        client = distributed.Client(address, timeout=patience, set_as_default=False)
    except Exception as error:  # Dask raises whatever its transports do
        raise ArenaError(
            f"no Dask scheduler answers at {quote(address)}: {one_line(error)}",
            code="cluster",
            help="start one with `dask scheduler`; its version of Dask must be that of this machine",
        ) from None
    with client:
        yield Cluster(_OnClient(client), _examined(client, list(strategies), patience))


def probe(modules: Iterable[str]) -> Answer:
    """What this process would play with.

    Args:
        modules: of strategies.

    Returns:
        The version of the library, that of the engine, and for each module the SHA-256 of its text, or else, after
        an exclamation mark, why it does not load.
    """
    return __version__, ENGINE, {name: _text_of(name) for name in modules}


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "negotiate":
            raise
        raise ArenaError(
            f"a cluster needs {error.name}, which is not installed",
            code="extra",
            help='pip install "negotiate-kit[cluster]"',
        ) from None


def _reach(address: str, patience: float) -> None:
    """Raise ArenaError if no scheduler listens there; Dask itself would go on asking, or wait for ever."""
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number
        host = port = None
    if parts.scheme not in ("tcp", "tls") or not host or not port:
        raise ArenaError(
            f"{quote(address)} is no address of a scheduler",
            code="cluster",
            help="tcp://host:port or tls://host:port is expected, as `dask scheduler` prints it",
        )
    try:
        with socket.create_connection((host, port), patience) as line:
            if parts.scheme == "tcp" and not line.recv(1):  # a scheduler speaks first
                raise OSError("it hangs up")
    except OSError as error:
        raise ArenaError(
            f"no scheduler at {quote(address)}: {error.strerror or safe(str(error))}",
            code="cluster",
            help="is it running (`dask scheduler`), and does a firewall stand between?",
        ) from None


def _examined(client: Any, strategies: list[AnySpec], patience: float) -> int:
    """How many batches the workers play at a time; ArenaError if they are not fit for it."""
    try:
        client.wait_for_workers(1, timeout=patience)
    except Exception:
        raise ArenaError(
            "the scheduler has no workers",
            code="cluster",
            help="start some with `dask worker tcp://host:port --nthreads 1`",
        ) from None
    modules = sorted({spec.cls.__module__ for spec in strategies} - {"__main__"})
    try:
        answers = cast("Mapping[str, Answer]", client.run(probe, modules))
    except Exception as error:  # of whatever the worker could not do
        raise ArenaError(
            f"a worker has no negotiate of version {__version__}: {one_line(error)}",
            code="cluster",
            help=f'on every worker: pip install "negotiate-kit[cluster]=={__version__}"',
        ) from None
    here = probe(modules)
    for worker in sorted(answers):
        _compare(worker, answers[worker], here)
    return sum(client.nthreads().values())


def _compare(worker: str, there: Answer, here: Answer) -> None:
    if there[:2] != here[:2]:
        raise ArenaError(
            f"worker {quote(worker)} has negotiate {safe(there[0])}, this machine {here[0]}",
            code="cluster",
            help=f'on every worker: pip install "negotiate-kit[cluster]=={here[0]}"',
        )
    for name, text in here[2].items():
        found = there[2].get(name, "!")
        if found.startswith("!"):
            raise ArenaError(
                f"worker {quote(worker)} cannot import {quote(name)}: {safe(found[1:])}",
                code="cluster",
                help="install the package there, or start the worker where the module lies",
            )
        if found != text:
            raise ArenaError(
                f"{quote(name)} on worker {quote(worker)} is not what it is on this machine",
                code="cluster",
                help="bring the same files to every worker, and start the workers again",
            )


def _text_of(module: str) -> str:
    """SHA-256 of a module's file; empty where it has none; after an exclamation mark, why it does not load."""
    try:
        file = inspect.getsourcefile(import_module(module))
        return "" if file is None else hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except (TypeError, OSError):  # compiled, or in an archive
        return ""
    except Exception as error:  # importing foreign modules may raise anything
        return f"!{one_line(error)}"
