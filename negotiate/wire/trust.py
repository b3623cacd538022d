"""Whom a relying party knows, and what it does about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from negotiate.wire.keys import check_public

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Policy:
    """What to do where a check cannot be made, or a claim is nobody's word.

    Attributes:
        unverified: parties without a mandate from a known principal: ``refuse``, or ``allow`` and show as unverified.
        revocation: no current revocation list when terms are accepted: ``deny``, or ``allow``.
        same_principal: two parties of one principal in a session: ``refuse``, or ``allow``.
        undisclosed: accepting from a party whose principal's name is not disclosed to us: ``refuse``, or ``allow``.
        persons: parties that say they are not machines: ``refuse``, or ``allow``.
        skew: most clock skew in milliseconds that an opening may ask for.
        extensions: names of critical extensions that are understood.
    """

    unverified: Literal["refuse", "allow"] = "refuse"
    revocation: Literal["deny", "allow"] = "deny"
    same_principal: Literal["refuse", "allow"] = "refuse"
    undisclosed: Literal["refuse", "allow"] = "allow"
    persons: Literal["refuse", "allow"] = "allow"
    skew: int = 120_000
    extensions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Trust:
    """The principals that a relying party knows, the revocation lists it has, and its policy.

    Attributes:
        principals: public key of each known principal, with the name under which it is known ("" for none).
        revocations: signed lists.
        policy: see :class:`Policy`.
    """

    principals: Mapping[bytes, str] = field(default_factory=dict[bytes, str])
    revocations: tuple[bytes, ...] = ()
    policy: Policy = Policy()

    def __post_init__(self) -> None:
        known = {check_public(key): name for key, name in self.principals.items()}
        object.__setattr__(self, "principals", MappingProxyType(known))
