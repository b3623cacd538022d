"""Tells what a file is by its content, without parsing it."""

from __future__ import annotations

import re
from enum import Enum


class Kind(Enum):
    """What a file is, told by its content."""

    TOML = "our own TOML"
    TEMPLATE = "a Genius template"
    SPACE = "a Genius utility space"
    WEB_DOMAIN = "a GeniusWeb domain"
    WEB_PROFILE = "a GeniusWeb profile"
    LOG_PROFILE = "a NegoLog profile"
    MAS_DOMAIN = "a NegMAS domain"
    MAS_UFUN = "a NegMAS utility function"
    DIALOGUES = "CaSiNo dialogues"
    MARKET = "a customer or business of Magentic Marketplace"


_XML_ROOTS = {b"negotiation_template": Kind.TEMPLATE, b"utility_space": Kind.SPACE}
_ASIDES = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<!", b">"))
_MAS_TYPE = rb"""(?:type|__python_class__)["']?\s*:\s*["']?[\w.]{0,200}"""
_MAS_UFUN = re.compile(_MAS_TYPE + rb"(?:UtilityFunction|AggregationFunction|UFun)\b")
_MAS_DOMAIN = re.compile(_MAS_TYPE + rb"OutcomeSpace\b")


def kind_of(data: bytes) -> Kind | None:
    """What the content of a file is, or None if it is nothing that we know."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<":
        return _XML_ROOTS.get(_root(head))
    if re.search(rb"""["']negotiate-scenario["']""", head):
        return Kind.TOML
    if re.match(rb'[{\[]\s*(["}\]]|$)', head):
        return _json_kind(head)
    return Kind.MARKET if re.search(rb"(?m)^menu_features:", head) else _mas_kind(head)


def _root(head: bytes) -> bytes:
    """The name of an XML document's root element: the first tag that is no comment or declaration."""
    place = 0
    for _ in range(1000):
        ends = [end for start, end in _ASIDES if head.startswith(start, place)]
        if not ends:
            found = re.match(rb"<([\w:.-]{1,64})", head[place : place + 70])
            return found[1] if found else b""
        end = head.find(ends[0], place)
        place = head.find(b"<", end) if end >= 0 else -1
        if place < 0:
            break
    return b""


def _json_kind(head: bytes) -> Kind | None:
    if b'"mturk_agent_1"' in head:
        return Kind.DIALOGUES
    first = re.match(rb'\{\s*"(\w{1,64})"\s*:', head)
    if first and first[1].endswith((b"UtilitySpace", b"Ordering")):
        return Kind.WEB_PROFILE
    if b'"issuesValues"' in head:
        return Kind.WEB_DOMAIN
    if b'"issueWeights"' in head and b'"issues"' in head:
        return Kind.LOG_PROFILE
    return _mas_kind(head)


def _mas_kind(head: bytes) -> Kind | None:
    if _MAS_UFUN.search(head):
        return Kind.MAS_UFUN
    return Kind.MAS_DOMAIN if _MAS_DOMAIN.search(head) else None
