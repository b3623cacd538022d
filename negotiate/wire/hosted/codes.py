"""Why a bid is refused: the closed list of codes that a receipt can seal.

A bidder opens the seal of a receipt by trying the codes of this list on its own messages, so no code travels in the
clear. A code of a third party's protocol that is not listed here becomes ``refused``.
"""

from __future__ import annotations

import hashlib

ACCEPTED = ""
CONSUMED = "consumed"

CODES: dict[str, str] = {
    # of the wire
    "move": "not a move of these rules, or its fields are of other types",
    "currency": "a bid in another currency than the auction's",
    "expired": "the bid's own validity is over",
    "future": "dated later than the clocks may differ",
    "lifetime": "valid for longer than the session allows",
    "mandate": "another mandate than the one pinned at joining",
    "mandate-time": "the mandate is not valid at this time",
    "mandate-limit": "it may cost more than the mandate allows",
    "constraint": "the mandate bounds what a bid does not have",
    "consumed": "the mandate's budget or number of deals is used up, by the host's ledger",
    "revoked": "the mandate has been revoked",
    "revocation": "no current revocation list of the principal",
    "extension": "a critical extension that is not understood",
    # of the rules of auctions and markets
    "late": "after the close",
    "clock": "the time ran back",
    "turn": "not a party of this auction",
    "phase": "not allowed in this phase, or by this bidder any more",
    "amount": "not an amount from 0 to 10**18",
    "low": "too low",
    "click-box": "not one of the amounts that may be bid on this item now",
    "standing": "the standing bidder may not raise itself",
    "raised": "a revised proposal may not rise",
    "digest": "not a commitment",
    "copied": "a commitment that somebody else has sent",
    "salt": "not a salt",
    "not-committed": "not the bid that was committed to",
    "order": "not an order of this market",
    "duplicate-order": "an order's name was used before",
    "unknown-order": "no such order is live",
    "improve": "a resting order that does not better the best of its side",
    "too-many": "more than a bidder may send",
    "rising": "demand, or a bid for a further unit, may not rise",
    "clinched": "fewer than are the bidder's already",
    "duplicate": "named or bid on twice",
    "reserve": "below the opening prices",
    "length": "more or fewer entries than the rules have",
    "supply": "more than there is supply",
    "eligibility": "more than the bidder is eligible for",
    "activity": "against what the bidder asked for before",
    "cap": "above the final cap",
    "unknown-item": "not one of the items",
    "package": "an empty package",
    "round": "for another round",
    "not-standing": "the bidder does not hold this item",
    "or-nothing": "not true or false",
    "done": "not true or false",
    "over": "it is over",
    "off-domain": "not an outcome of the domain",
    "not-a-move": "not a move",
    "refused": "refused for another reason of these rules",
}
"""Code to its meaning."""

_SEAL = b"negotiate-kit receipt seal v1\n"


def listed(code: str) -> str:
    """The code as a receipt seals it."""
    return code if code in CODES else "refused"


def seal(identifier: bytes, code: str) -> bytes:
    """The seal of a receipt: over a message's id and what was said to it."""
    return hashlib.sha256(b"".join((_SEAL, identifier, code.encode()))).digest()


def unseal(sealed: bytes, identifier: bytes) -> str | None:
    """The code in a seal over this message; None if it is over another."""
    if seal(identifier, ACCEPTED) == sealed:
        return ACCEPTED
    return next((code for code in CODES if seal(identifier, code) == sealed), None)
