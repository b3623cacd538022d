"""What a checker found: all of it, each with the rule, the evidence and the cure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from negotiate.show import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

Fact: TypeAlias = int | float | str | bool | None


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """A rule is broken: the strategy or protocol is not fit for use."""
    WARNING = "warning"
    """Something works less far than it could; the report stays true."""


@dataclass(frozen=True)
class Rule:
    """What is checked.

    Attributes:
        severity: of a breach.
        cure: what to do about one.
    """

    severity: Severity
    cure: str


@dataclass(frozen=True)
class Finding:
    """One breach of one rule.

    Attributes:
        severity: error or warning.
        rule: its stable name, for programs.
        message: what happened.
        cure: what to do about it.
        scenario: where it happened first; empty if everywhere.
        view: at which view of the strategy or move of the game, from 1; None if at none.
        seed: seed of the match where it happened first; empty if no match was needed.
        times: in how many matches it happened.
    """

    severity: Severity
    rule: str
    message: str
    cure: str
    scenario: str = ""
    view: int | None = None
    seed: str = ""
    times: int = 1

    def __str__(self) -> str:
        place = [f"scenario {self.scenario}"] if self.scenario else []
        place += [f"view {self.view}"] if self.view is not None else []
        place += [f"seed {self.seed}"] if self.seed else []
        place += [f"{self.times} matches"] if self.times > 1 else []
        where = f" ({', '.join(place)})" if place else ""
        return f"{self.severity}[{self.rule}]: {self.message}{where}\n  help: {self.cure}"


@dataclass(frozen=True)
class Report:
    """All findings about one subject, and what was measured on the way. True if there is no error.

    Attributes:
        subject: what was checked.
        findings: errors first.
        facts: what was measured, by name.
    """

    subject: str
    findings: tuple[Finding, ...]
    facts: Mapping[str, Fact]

    def __bool__(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def __str__(self) -> str:
        verdict = "keeps the rules" if self else "breaks the rules"
        facts = [f"  {name}: {_plain(fact)}" for name, fact in self.facts.items()]
        found = [str(finding) for finding in self.findings]
        return "\n".join([f"{safe(self.subject)} {verdict}", *found, *facts])

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Report:
        """The report that :meth:`as_dict` wrote."""
        findings = tuple(
            replace(Finding(**entry), severity=Severity(entry["severity"]))
            for entry in given["findings"]
        )
        return cls(given["subject"], findings, given["facts"])

    def as_dict(self) -> dict[str, object]:
        """The report in values that JSON can hold."""
        findings = [
            {
                "severity": str(finding.severity),
                "rule": finding.rule,
                "message": finding.message,
                "cure": finding.cure,
                "scenario": finding.scenario,
                "view": finding.view,
                "seed": finding.seed,
                "times": finding.times,
            }
            for finding in self.findings
        ]
        return {
            "subject": self.subject,
            "ok": bool(self),
            "findings": findings,
            "facts": dict(self.facts),
        }


class Notebook:
    """Collects findings while a check runs: one a rule and message, with its first evidence and a count."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self._found: dict[tuple[str, str], Finding] = {}

    def add(
        self,
        rule: str,
        message: str,
        *,
        scenario: str = "",
        view: int | None = None,
        seed: str = "",
    ) -> None:
        """Note a breach. The first of its kind keeps the evidence."""
        known = self._found.get((rule, message))
        if known is not None:
            self._found[rule, message] = replace(known, times=known.times + 1)
            return
        kept = self.rules[rule]
        self._found[rule, message] = Finding(
            kept.severity, rule, safe(message), kept.cure, safe(scenario), view, safe(seed)
        )

    def broken(self, *rules: str) -> bool:
        """Whether any of these rules was broken."""
        return any(rule in rules for rule, _ in self._found)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first, in the order in which they were found."""
        return tuple(
            sorted(self._found.values(), key=lambda finding: finding.severity != Severity.ERROR)
        )


def _plain(fact: Fact) -> str:
    if fact is None:
        return "not measured"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return (
        f"{fact:.3g}"
        if isinstance(fact, float)
        else f"{fact:,}"
        if isinstance(fact, int)
        else fact
    )
