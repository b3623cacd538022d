"""A transcript in plain words, English or German, for people who have to judge it.

Names, notes and terms are the parties' own words: they pass through :mod:`negotiate.show`, and notes are quoted as
what a party wrote, never as what is so.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal

from negotiate.show import quote, safe
from negotiate.wire.keys import did_key
from negotiate.wire.privacy import REDACTED

if TYPE_CHECKING:
    from negotiate.wire.envelope import Message
    from negotiate.wire.record import Record
    from negotiate.wire.verify import PartyVerdict, Verdict

Language = Literal["en", "de"]

_TEXT: dict[Language, dict[str, str]] = {
    "en": {
        "machine": "a machine", "person": "a person", "agent": "the {role}'s agent", "acting": "acting for {name}",
        "mandate": "under mandate {man}", "itself": "for itself, without a mandate",
        "redacted": "a party whose name is not disclosed",
        "unverified": "whose principal is not verified", "note": "and wrote: {note}",
        "open": "opened the negotiation", "join": "joined", "offer": "offered {terms}", "accept": "accepted the offer",
        "reject": "rejected the offer", "withdraw": "withdrew its offer", "walk": "left the negotiation",
        "revoke": "left because a mandate had been revoked", "close": "signed the closing record",
        "lapse": "declared that the acceptance came too late",
        "valid": "The transcript is valid.",
        "invalid": "The transcript is not valid: {why} (entry {at}, {code}; at fault: {party}).",
        "nobody": "cannot be told", "agreed": "They agreed on {terms}.", "none": "There is no agreement ({reason}).",
        "still": "The transcript ends while the negotiation is open; it may have gone on.",
        "complete": "All parties have signed the closing record.",
        "partly": "Not all parties have signed the closing record; offer and acceptance are signed.",
    },
    "de": {
        "machine": "eine Maschine", "person": "ein Mensch", "agent": "der Vertreter der Rolle {role}",
        "acting": "handelnd für {name}",
        "mandate": "mit Vollmacht {man}", "itself": "im eigenen Namen, ohne Vollmacht",
        "redacted": "eine Partei, deren Name nicht offengelegt ist",
        "unverified": "deren Auftraggeber nicht bestätigt ist", "note": "und schrieb: {note}",
        "open": "eröffnete die Verhandlung", "join": "trat bei",
        "offer": "bot {terms}", "accept": "nahm das Angebot an",
        "reject": "lehnte das Angebot ab", "withdraw": "zog das Angebot zurück", "walk": "verließ die Verhandlung",
        "revoke": "ging, weil eine Vollmacht widerrufen wurde", "close": "unterzeichnete das Schlussprotokoll",
        "lapse": "erklärte, dass die Annahme zu spät kam",
        "valid": "Das Protokoll ist gültig.",
        "invalid": "Das Protokoll ist nicht gültig: {why} (Eintrag {at}, {code}; verantwortlich: {party}).",
        "nobody": "nicht feststellbar", "agreed": "Sie einigten sich auf {terms}.",
        "none": "Es gibt keine Einigung ({reason}).",
        "still": "Das Protokoll endet bei offener Verhandlung; sie kann weitergegangen sein.",
        "complete": "Alle Parteien haben das Schlussprotokoll unterzeichnet.",
        "partly": "Nicht alle Parteien haben das Schlussprotokoll unterzeichnet; Angebot und Annahme sind signiert.",
    },
}  # fmt: skip


def tell(verdict: Verdict, language: Language = "en") -> str:
    """The verdict and every message, one line each, in English (``en``) or German (``de``)."""
    if verdict.auction is not None:
        from negotiate.wire.hosted.words import tell_auction  # noqa: PLC0415 - a cycle

        return tell_auction(verdict, language)
    text, record = _TEXT[language], verdict.record
    people = introduced(verdict, language)
    lines = [_line(record, message, people, text) for message in record.chain]
    return "\n".join([*lines, *_verdict(verdict, language)]) + "\n"


def introduced(verdict: Verdict, language: Language) -> list[str]:
    """Who each party is, in a few words."""
    return [_person(party, _TEXT[language]) for party in verdict.parties]


def judged(verdict: Verdict, language: Language) -> str:
    """Whether the transcript is valid, in one sentence."""
    text, fault = _TEXT[language], verdict.fault
    if fault is None:
        return text["valid"]
    party = fault.party or text["nobody"]
    return text["invalid"].format(
        why=safe(fault.why), at=fault.at, code=fault.code, party=party
    )


def _person(party: PartyVerdict, text: dict[str, str]) -> str:
    kind = text["machine"] if party.machine else text["person"]
    name = text["redacted"] if party.principal == REDACTED else safe(party.principal)
    parts = [text["agent"].format(role=safe(party.role)), kind]
    if party.mandate is None:
        parts.append(text["itself"])
    else:
        parts += [
            text["acting"].format(name=name),
            text["mandate"].format(man=party.mandate[:16]),
        ]
    if not party.verified:
        parts.append(text["unverified"])
    joined = ", ".join(parts)
    return joined[:1].upper() + joined[1:]


def _line(record: Record, message: Message, people: list[str], text: dict[str, str]) -> str:
    party = record.seat(message.sender)
    who = people[party.seat] if party is not None else did_key(message.sender)
    terms = _terms(record, message) if message.kind == "offer" else ""
    said = text[message.kind].format(terms=terms)
    note = message.body.note
    words = f", {text['note'].format(note=quote(note, 520))}" if note else ""
    when = datetime.datetime.fromtimestamp(message.fields["iat"] / 1000, datetime.UTC)
    return f"{when:%Y-%m-%d %H:%M:%S} UTC  {who}, {said}{words}."


def _terms(record: Record, offer: Message) -> str:
    wire = record.deal.wire
    terms = offer.fields["body"]["terms"]
    outcome = wire.outcome(terms)  # type: ignore[arg-type]
    pairs = zip(wire.domain.issues, outcome, strict=True)
    return ", ".join(
        f"{safe(issue.name)} {safe(issue.show(position))}" for issue, position in pairs
    )


def _verdict(verdict: Verdict, language: Language) -> list[str]:
    text, outcome, record = _TEXT[language], verdict.outcome, verdict.record
    lines = [judged(verdict, language)]
    if outcome.state == "agreed" and record.agreed is not None:
        lines.append(text["agreed"].format(terms=_terms(record, record.agreed)))
        lines.append(text["complete" if outcome.complete else "partly"])
    elif outcome.state == "none":
        lines.append(text["none"].format(reason=outcome.reason))
    else:
        lines.append(text["still"])
    return lines
