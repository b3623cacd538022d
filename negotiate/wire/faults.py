"""What can be wrong with what the other side sent: one error class, one table of codes.

A fault names the rule that was broken and, where that is known, the key that broke it. Whatever raises a
:class:`Fault` has changed nothing. Errors of the caller are plain :class:`~negotiate.errors.LocalError`.
"""

from __future__ import annotations

from negotiate.errors import PeerError

CODES: dict[str, str] = {
    "size": "more bytes, elements or levels than the wire allows",
    "malformed": "bytes that are not a frame of this format",
    "not-canonical": "a second byte form of a value that already has one",
    "type": "a value of another type, or outside its range",
    "missing": "a required field is absent",
    "unknown-field": "a field that the closed schema does not have",
    "extension": "a critical extension that is not understood here",
    "version": "a wire version that is not spoken here",
    "downgrade": "a lower version than both parties listed",
    "kind": "a kind of message that is unknown, or has no place in this session",
    "session": "a message of another session",
    "session-taken": "an opening of a session that already exists",
    "stranger": "a sender who is no party of this session",
    "audience": "a message that is addressed to somebody else",
    "gap": "a message that comes before its predecessor",
    "stale": "a message at a place of the chain that is already taken",
    "chain": "a message that does not follow the last one",
    "signature": "a signature that does not verify",
    "key": "a public key that is not canonical or of small order",
    "equivocation": "two signatures by one key on one place of one session",
    "frozen": "a message in a session that is frozen after an equivocation",
    "closed": "a message after the end",
    "order": "an opening or joining out of turn",
    "lifetime": "times that cannot be: expiry before issue, or too long after it",
    "expired": "a message, an offer or a session whose time is over",
    "future": "a message dated later than the clocks may differ",
    "clock": "a message dated earlier than the one before it",
    "turn": "a move by a party that is not to move",
    "phase": "a move that the rules do not allow now",
    "terms": "terms that are not an outcome of the agreed domain",
    "answer": "an answer that does not name the standing offer",
    "own-offer": "an answer to one's own offer",
    "rules": "rules or a domain that cannot be played",
    "limit": "more messages than the session's rules allow",
    "disclosure": "a disclosure that does not fit its digest",
    "statement": "a statement about machine or person that the mandate contradicts",
    "undisclosed": "a party that has not disclosed whom it acts for",
    "unverified": "a party without a mandate from a known principal",
    "untrusted-root": "a mandate whose root is not a known principal",
    "same-principal": "two parties that act for one principal",
    "mandate": "a mandate that is not the pinned one, or does not read",
    "mandate-holder": "a mandate for another key",
    "mandate-time": "a mandate that is not valid at this time",
    "mandate-chain": "a mandate that is not inside its parent",
    "mandate-depth": "a delegation deeper than allowed",
    "mandate-scope": "a mandate for another role, audience, category or place",
    "mandate-limit": "terms outside the mandate",
    "constraint": "a constraint that is unknown or cannot be evaluated",
    "revoked": "a mandate that has been revoked",
    "revocation": "no current revocation list, or one that does not follow the last",
    "consumed": "a budget or a number of deals that is used up",
    "close": "a closing record that differs from what happened",
    "lapse": "a claim of late arrival that the times contradict",
    "receipt": "a host's receipt that says what the rules do not say",
    "quote": "a view that a host quoted and the rules do not show",
    "early": "an award before the close",
    "cancel": "an auction that was called off after it had closed",
    "award": "a result that leaves out a receipt, or that the rules do not give",
    "move": "a bid that is no move of the auction's rules",
    "currency": "a bid in another currency than the auction's",
    "unproven": "a claim that nothing signed by the other side supports",
    "evidence": "a record that is incomplete or does not read",
}
"""Code to the rule it stands for."""


KNOWLEDGE = frozenset({"revocation", "revoked", "extension"})
"""Faults that depend on what the reader knows: two honest readers may differ."""

UNPROVEN = KNOWLEDGE | {
    "evidence", "signature", "gap", "stale", "chain", "session", "disclosure", "consumed",
}  # fmt: skip
"""Faults in a record that convict nobody by themselves.

Whoever holds a file can cut it, splice it and leave out a list. A fault of another code shows in a signed message
that names all that went before it, by the id of its predecessor.
"""


class Fault(PeerError):  # noqa: N818 - the word of the domain: whose fault it is
    """The other side broke a rule of the wire; nothing of ours changed.

    Attributes:
        code: one of :data:`CODES`.
        key: the public key at fault, if the signature proves whose it is; else empty.
    """

    default_code = "malformed"

    def __init__(self, message: str, *, code: str, help: str = "", key: bytes = b"") -> None:
        super().__init__(message, code=code, help=help)
        self.key = key
