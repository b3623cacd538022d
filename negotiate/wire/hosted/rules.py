"""The rules of an auction in its opening: name, parameters and their hash."""

from __future__ import annotations

import hashlib
import importlib
import json
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from negotiate import registry
from negotiate.errors import LocalError, NegotiateError
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.protocols.items import ItemRules
from negotiate.show import quote
from negotiate.wire import codec
from negotiate.wire.faults import Fault
from negotiate.wire.terms import PROTOCOLS as BY_TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.domain.issues import Domain
    from negotiate.protocol import Protocol

OWN: dict[str, type[Protocol]] = {}
"""Further protocols of the caller that may be signed, by the name in their rules."""

MOST_GOODS = 10_000
"""Items times bidders: an award says how much each bidder gets of each item."""

MOST_NODES = 5_000_000
"""Steps of a search for winners: whoever verifies the award takes them too."""

_HASH = b"negotiate-kit rules v1\n"


def is_hosted(name: str) -> bool:
    """Whether a protocol's name in an opening is that of an auction or a market."""
    return name in OWN or (name in registry.PROTOCOLS and name not in BY_TURNS)


def _class(name: str) -> type[Protocol] | None:
    """The class of a name from the wire: built in, or given by the caller; nothing else is imported."""
    if name in OWN:
        return OWN[name]
    if not is_hosted(name):
        return None
    module, _, attribute = registry.PROTOCOLS[name].partition(":")
    return cast("type[Protocol]", getattr(importlib.import_module(module), attribute))


def rules_to_wire(protocol: Protocol) -> tuple[str, dict[str, codec.Value]]:
    """Name and parameters; what is None stays out.

    Raises:
        LocalError: rules that are not of an auction or a market known here, or that the wire does not carry.
    """
    given: dict[str, Any] = protocol.model_dump(mode="json", exclude_none=True)
    name = str(given.pop("name", ""))
    if type(protocol) is not _class(name):
        raise LocalError(
            f"{quote(name)} has no signed form as an auction",
            code="rules",
            help="give the class in negotiate.wire.hosted.rules.OWN if it is your own",
        )
    codec.encode(given)
    return name, given


def rules_from_wire(name: str, parameters: Mapping[str, object]) -> Protocol:
    """The protocol of an opening; a parameter that is absent is None, never a default.

    Raises:
        Fault: no such protocol, or parameters that do not fit.
    """
    cls = _class(name)
    if cls is None:
        raise Fault(f"protocol {quote(name)} is no auction known here", code="rules")
    absent: dict[str, object] = {f: None for f in cls.model_fields if f != "name"}
    try:
        return cls.model_validate_json(json.dumps({**absent, **parameters}))
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        raise Fault(f"the rules cannot be: {quote(told['msg'], 200)}", code="rules") from None


def rules_hash(name: str, parameters: Mapping[str, object]) -> bytes:
    """The hash of the rules: opening and award carry it."""
    rules = {"name": name, "rules": cast("codec.Value", dict(parameters))}
    return hashlib.sha256(_HASH + codec.encode(rules)).digest()


def check_size(protocol: Protocol, bidders: int) -> None:
    """Raise Fault if an award could be larger than a frame, or take an auditor hours to find."""
    nodes: object = getattr(protocol, "nodes", 0)
    if isinstance(nodes, int) and nodes > MOST_NODES:
        raise Fault(
            f"{nodes:,} steps of search; at most {MOST_NODES:,} are taken", code="rules"
        )
    items = len(protocol.items) if isinstance(protocol, ItemRules) else 1
    if items * bidders > MOST_GOODS:
        raise Fault(
            f"{items} items and {bidders} bidders; the product is at most {MOST_GOODS:,}",
            code="rules",
        )


def begin(
    protocol: Protocol, domain: Domain, names: Sequence[str], at: int
) -> HostedNegotiation:
    """The protocol's state at the beginning.

    Raises:
        Fault: the protocol has one mover at a time, or cannot be played by these.
    """
    try:
        started = protocol.start(domain, names, at)
    except NegotiateError as error:
        raise Fault(
            f"the auction cannot begin: {quote(str(error), 200)}", code="rules"
        ) from None
    if not isinstance(started, HostedNegotiation):
        raise Fault(f"{protocol!r} has one mover at a time", code="rules")
    return started
