"""Domains and outcomes: what is negotiated.

An *outcome* is a tuple of grid positions, one an issue in the order of the domain (position 0 is the first
value). Positions are small integers, so outcomes are cheap to hash, compare and store, and they hash alike in
every process. :meth:`Domain.values` and :meth:`Domain.outcome` translate to and from the values people see,
:meth:`Domain.show` and :meth:`Domain.parse` to and from the notation ``price=80 days=3``.

*Outcome order* is the order of the tuples: the first issue is the most significant. Ties break by it.
"""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from operator import lt
from typing import TYPE_CHECKING, TypeAlias, cast

from negotiate.domain.kinds import MAX_VALUES as MAX_VALUES
from negotiate.domain.kinds import Choice as Choice
from negotiate.domain.kinds import Date as Date
from negotiate.domain.kinds import Integer as Integer
from negotiate.domain.kinds import Issue as Issue
from negotiate.domain.kinds import Money as Money
from negotiate.domain.kinds import Quantity as Quantity
from negotiate.domain.kinds import Value as Value
from negotiate.errors import DomainError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Outcome: TypeAlias = tuple[int, ...]
"""One grid position for each issue of a domain."""

MAX_ISSUES = 64
_INTEGERS = {int}  # the types of positions


@dataclass(frozen=True)
class Domain:
    """The issues under negotiation, in order.

    Args:
        issues: one to 64 issues with distinct names.
        name: what the domain is called, for people.
    """

    issues: tuple[Issue, ...]
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "issues", tuple(self.issues))
        if not 1 <= len(self.issues) <= MAX_ISSUES:
            raise DomainError(
                f"a domain of {len(self.issues)} issues; between 1 and {MAX_ISSUES} are allowed"
            )
        names = [issue.name for issue in self.issues]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise DomainError(f"two issues are called {name!r}; names must differ")
        if sum(self.sizes) > 2 * MAX_VALUES:
            raise DomainError(
                f"the issues have {sum(self.sizes):,} values together; "
                f"at most {2 * MAX_VALUES:,} are allowed",
                code="domain-size",
                help="use larger steps",
            )

    def __reduce__(self) -> tuple[object, ...]:
        # What was remembered stays: ids mean nothing in another process.
        return (type(self), (self.issues, self.name))

    def twin(self) -> Domain:
        """The same in other objects, down to the issues: for whoever must not reach these."""
        return Domain(tuple(replace(issue) for issue in self.issues), self.name)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of values of each issue."""
        return tuple(issue.size for issue in self.issues)

    @cached_property
    def size(self) -> int:
        """Number of outcomes: the product of the sizes."""
        return prod(self.sizes)

    @cached_property
    def _by_name(self) -> dict[str, int]:
        return {issue.name: i for i, issue in enumerate(self.issues)}

    def issue_index(self, name: str) -> int:
        """The place of the issue called ``name``; DomainError if there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(self._by_name)
            raise DomainError(
                f"no issue is called {quote(name)}; the issues are: {known}",
                code="unknown-issue",
            ) from None

    @cached_property
    def checked(self) -> dict[int, Outcome]:
        """Outcomes that protocols have found to be of this domain, by ``id``: a memory, to check each once."""
        return {}

    def contains(self, outcome: object) -> bool:
        """Whether ``outcome`` is a tuple of grid positions of this domain, of exactly the right types."""
        if type(outcome) is not tuple:
            return False
        positions = cast("tuple[int, ...]", outcome)
        sizes = self.sizes
        return (
            len(positions) == len(sizes)
            and set(map(type, positions)) == _INTEGERS
            and all(map(lt, positions, sizes))
            and min(positions) >= 0
        )

    def check(self, outcome: object) -> None:
        """Raise DomainError, saying what is wrong, unless ``outcome`` is an outcome of this domain."""
        if self.contains(outcome):
            return
        if type(outcome) is not tuple:
            raise DomainError(
                f"{quote(outcome)} is not an outcome; a tuple of grid positions is expected",
                code="off-domain",
                help="make outcomes with domain.outcome(...)",
            )
        positions = cast("tuple[object, ...]", outcome)
        if len(positions) != len(self.issues):
            raise DomainError(
                f"{quote(positions)} has {len(positions)} positions; "
                f"the domain has {len(self.issues)} issues",
                code="off-domain",
            )
        for issue, position in zip(self.issues, positions, strict=True):
            if type(position) is not int or not 0 <= position < issue.size:
                raise DomainError(
                    f"{quote(position)} is not a position of issue {issue.name!r}; "
                    f"an integer from 0 to {issue.size - 1} is expected",
                    code="off-domain",
                )

    def outcome(self, values: Mapping[str, object]) -> Outcome:
        """The outcome with these values, one for each issue by name.

        Raises:
            DomainError: an issue is missing, unknown, or its value is not on the grid.
        """
        for name in values:
            self.issue_index(name)
        missing = [issue.name for issue in self.issues if issue.name not in values]
        if missing:
            raise DomainError(
                f"no value for {', '.join(map(repr, missing))}", code="missing-issue"
            )
        return tuple(issue.position(values[issue.name]) for issue in self.issues)

    def values(self, outcome: Outcome) -> dict[str, Value]:
        """The values of an outcome by issue name."""
        self.check(outcome)
        return {i.name: i.value(p) for i, p in zip(self.issues, outcome, strict=True)}

    def plain(self, outcome: Outcome) -> dict[str, str | int]:
        """The values of an outcome as JSON holds them (days as ISO text)."""
        self.check(outcome)
        return {i.name: i.plain(p) for i, p in zip(self.issues, outcome, strict=True)}

    def show(self, outcome: Outcome) -> str:
        """Short text that :meth:`parse` reads back: ``price='1.29 EUR' days=3``."""
        self.check(outcome)
        pairs = zip(self.issues, outcome, strict=True)
        return " ".join(f"{shlex.quote(i.name)}={shlex.quote(i.show(p))}" for i, p in pairs)

    def parse(self, text: str) -> Outcome:
        """The outcome that :meth:`show` wrote.

        Raises:
            DomainError: not of the form ``issue=value issue=value …``, or a value off the grid.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise DomainError(
                f"{quote(text)} does not read: {error}", code="notation"
            ) from None
        positions: dict[int, int] = {}
        for word in words:
            index, value = self._split_pair(word)
            if index in positions:
                raise DomainError(
                    f"{self.issues[index].name!r} is given twice", code="notation"
                )
            positions[index] = self.issues[index].parse(value)
        missing = [i.name for n, i in enumerate(self.issues) if n not in positions]
        if missing:
            raise DomainError(
                f"no value for {', '.join(map(repr, missing))}", code="missing-issue"
            )
        return tuple(positions[n] for n in range(len(self.issues)))

    def _split_pair(self, word: str) -> tuple[int, str]:
        # Names may hold '=' themselves, so every split is tried, shortest name first.
        for cut in (m.start() for m in re.finditer("=", word)):
            if word[:cut] in self._by_name:
                return self._by_name[word[:cut]], word[cut + 1 :]
        name, _, value = word.partition("=")
        return self.issue_index(name), value

    def index(self, outcome: Outcome) -> int:
        """The place of an outcome in outcome order, from 0."""
        place = 0
        for position, size in zip(outcome, self.sizes, strict=True):
            place = place * size + position
        return place

    def at(self, index: int) -> Outcome:
        """The outcome at a place in outcome order."""
        if not 0 <= index < self.size:
            raise DomainError(f"place {index} of a domain with {self.size} outcomes")
        positions: list[int] = []
        for size in reversed(self.sizes):
            index, position = divmod(index, size)
            positions.append(position)
        return tuple(reversed(positions))

    def outcomes(self) -> Iterator[Outcome]:
        """All outcomes in outcome order. Mind the size: this enumerates."""
        return itertools.product(*map(range, self.sizes))
