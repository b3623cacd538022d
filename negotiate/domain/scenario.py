"""A scenario: a domain with one party's preferences for each role, and where it comes from."""

from __future__ import annotations

import errno
import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.errors import DomainError, UnknownName
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain
    from negotiate.domain.preferences import LinearAdditive


@dataclass(frozen=True)
class Role:
    """One seat of a scenario.

    Attributes:
        name: what the scenario calls it, such as ``buyer``.
        preferences: what outcomes are worth to it.
        who: who sits there, in words; may be empty.
    """

    name: str
    preferences: LinearAdditive
    who: str = ""


@dataclass(frozen=True)
class Scenario:
    """Domain and roles.

    Attributes:
        name: short and unique in a tournament.
        domain: what is negotiated.
        roles: two or more, in the order in which they move.
        description: who the parties are and where the numbers come from.
        source: the file it was read from; empty when made in code.
    """

    name: str
    domain: Domain
    roles: tuple[Role, ...]
    description: str = ""
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", tuple(self.roles))
        if len(self.roles) < 2:
            raise DomainError(
                f"scenario {quote(self.name)} has {len(self.roles)} roles; two are needed"
            )
        names = [role.name for role in self.roles]
        if len(set(names)) != len(names):
            listed = ", ".join(map(quote, names))
            raise DomainError(f"scenario {quote(self.name)} names a role twice: {listed}")
        for role in self.roles:
            if role.preferences.domain != self.domain:
                raise DomainError(
                    f"the preferences of {quote(role.name)} are over another domain"
                )

    @property
    def preferences(self) -> tuple[LinearAdditive, ...]:
        """The preferences of the roles, in order."""
        return tuple(role.preferences for role in self.roles)

    @cached_property
    def twin(self) -> Scenario:
        """This scenario in other objects: who runs a match judges by these, and no strategy is handed them."""
        domain = self.domain.twin()
        roles = (replace(r, preferences=r.preferences.twin(domain)) for r in self.roles)
        return replace(self, domain=domain, roles=tuple(roles))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that can change a result: issues, utilities, reservation, discount."""
        hasher = hashlib.sha256()
        for issue in self.domain.issues:
            shown = [issue.plain(0), issue.plain(issue.size - 1), issue.size]
            if issue.kind == "choice":
                shown = [issue.plain(i) for i in range(issue.size)]
            hasher.update(json.dumps([issue.kind, issue.name, shown]).encode())
        for role in self.roles:
            own = role.preferences
            head = [role.name, own.reservation, str(own.discount)]
            hasher.update(json.dumps(head).encode())
            for table in own.tables:
                hasher.update(
                    b"".join(number.to_bytes(8, "big", signed=True) for number in table)
                )
            for group in own.groups:
                hasher.update(json.dumps([group.issues, group.contributions]).encode())
        return hasher.hexdigest()


def bundled() -> tuple[str, ...]:
    """Names of the scenarios that come with the library, in alphabetical order."""
    folder = resources.files("negotiate.domain") / "bundled"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load(source: str | Path) -> Scenario:
    """Read one scenario: a bundled name, or a file or folder in any format that we read.

    One of the scenarios in a file or folder that holds several is ``path#name``.

    Raises:
        UnknownName: neither a bundled name nor an existing path.
        FormatError: a file that does not read.
    """
    from negotiate.domain.formats import read  # noqa: PLC0415 - parsers load when used

    return read(_locate(source))


def load_all(source: str | Path) -> tuple[Scenario, ...]:
    """Read every scenario that a file or folder holds; for most formats that is one.

    Raises:
        UnknownName: neither a bundled name nor an existing path.
        FormatError: a file that does not read.
    """
    from negotiate.domain.formats import read_all  # noqa: PLC0415

    return read_all(_locate(source))


def _locate(source: str | Path) -> Path:
    if isinstance(source, str) and source in bundled():
        return Path(str(resources.files("negotiate.domain") / "bundled" / f"{source}.toml"))
    path = Path(source)
    if source and (_exists(path) or "#" in path.name):
        return path
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    near = get_close_matches(str(source)[:80], bundled(), n=1)
    raise UnknownName(
        f"no scenario {quote(str(source))}: neither a bundled name nor a file or folder",
        help=f"did you mean {near[0]!r}?" if near else "see `nego list scenarios`",
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a name that no file can have, or one behind a closed door
        return error.errno in (errno.EACCES, errno.EPERM)
