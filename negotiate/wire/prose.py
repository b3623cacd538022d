"""A transcript in plain words, English or German, for people who have to judge it.

Names, notes and terms are the parties' own words: they pass through :mod:`negotiate.show`, and notes are quoted as
what a party wrote, never as what is so.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal, cast

from negotiate.show import quote, safe
from negotiate.wire.privacy import REDACTED

if TYPE_CHECKING:
    from negotiate.wire.envelope import Message
    from negotiate.wire.parties import Party
    from negotiate.wire.record import Record
    from negotiate.wire.verify import PartyVerdict, Verdict

Language = Literal["en", "de"]

_TEXT: dict[Language, dict[str, str]] = {
    "en": {
        "agent": "the {role}'s agent", "machine": "a machine", "person": "a person",
        "acting": "{kind} acting for {name} under mandate {man}",
        "itself": "{kind} acting for itself, without a mandate",
        "redacted": "somebody whose name is not disclosed", "unverified": "(not verified)",
        "note": ", and wrote: {note}",
        "open": "opened the negotiation", "join": "joined", "offer": "offered {terms}", "accept": "accepted the offer",
        "reject": "rejected the offer", "withdraw": "withdrew its offer", "walk": "left the negotiation",
        "revoke": "left because a mandate had been revoked", "close": "signed the closing record",
        "lapse": "declared that the acceptance had come too late",
        "valid": "The transcript is valid.", "unread": "There is nothing to judge: {why} ({code}).",
        "until": "Up to there nothing had been agreed.",
        "invalid": "The transcript is not valid. Entry {at} breaks a rule ({code}): {why}.",
        "blame": "At fault: {party}.", "nobody": "Whose fault it is cannot be told.",
        "agreed": "They agreed on {terms}.", "none": "There is no agreement: {reason}.",
        "still": "The transcript ends while the negotiation is open; it may have gone on elsewhere.",
        "complete": "All parties have signed the closing record.",
        "partly": "Not all parties have signed the closing record; the offer and its acceptance are signed.",
        "why walk": "a party left", "why deadline": "the rounds or the time ran out",
        "why limit": "the limit on messages was reached", "why revoked": "a mandate was revoked",
        "why late": "the acceptance came too late",
    },
    "de": {
        "agent": "der Vertreter {role}", "machine": "eine Maschine, die", "person": "ein Mensch, der",
        "acting": "{kind} mit Vollmacht {man} für {name} handelt",
        "itself": "{kind} ohne Vollmacht im eigenen Namen handelt",
        "redacted": "jemanden, dessen Name nicht offengelegt ist,", "unverified": "(nicht bestätigt)",
        "note": " und schrieb: {note}",
        "open": "eröffnete die Verhandlung", "join": "trat der Verhandlung bei", "offer": "bot an: {terms}",
        "accept": "nahm das Angebot an", "reject": "lehnte das Angebot ab", "withdraw": "zog sein Angebot zurück",
        "walk": "verließ die Verhandlung", "revoke": "verließ die Verhandlung, weil eine Vollmacht widerrufen war",
        "close": "unterzeichnete das Schlussprotokoll", "lapse": "erklärte, dass die Annahme zu spät gekommen war",
        "valid": "Die Aufzeichnung ist gültig.",
        "unread": "Es gibt nichts zu beurteilen ({code}), auf Englisch: {why}.",
        "until": "Bis dahin war nichts vereinbart.",
        "invalid": "Die Aufzeichnung ist nicht gültig. Eintrag {at} verletzt eine Regel ({code}), auf Englisch: {why}.",
        "blame": "Verantwortlich: {party}.", "nobody": "Wer dafür verantwortlich ist, lässt sich nicht feststellen.",
        "agreed": "Sie einigten sich auf: {terms}.", "none": "Es gibt keine Einigung: {reason}.",
        "still": "Die Aufzeichnung endet, während die Verhandlung offen ist; sie kann anderswo weitergegangen sein.",
        "complete": "Alle Parteien haben das Schlussprotokoll unterzeichnet.",
        "partly": "Nicht alle Parteien haben das Schlussprotokoll unterzeichnet; Angebot und Annahme sind es.",
        "why walk": "Eine Partei ging", "why deadline": "Die Runden oder die Zeit waren um",
        "why limit": "Die Höchstzahl der Nachrichten war erreicht",
        "why revoked": "Eine Vollmacht wurde widerrufen", "why late": "Die Annahme kam zu spät",
    },
}  # fmt: skip

_GENITIVE = {
    "buyer": "des Käufers",
    "seller": "des Verkäufers",
}  # roles that German readers know otherwise


def tell(verdict: Verdict, language: Language = "en") -> str:
    """Every message in a line, then the verdict, in English (``en``) or German (``de``).

    A party is introduced when it first speaks: who it is, for whom it acts, and under which mandate.
    """
    if verdict.auction is not None:
        from negotiate.wire.hosted.words import tell_auction  # noqa: PLC0415 - a cycle

        return tell_auction(verdict, language)
    text, record = _TEXT[language], verdict.record
    lines: list[str] = []
    known: set[bytes] = set()
    for message in record.chain:
        party = verdict.parties[cast("Party", record.seat(message.sender)).seat]
        who = _agent(party, text)
        if message.sender not in known:
            who = f"{who}, {_introduction(party, text)},"
            known.add(message.sender)
        lines.append(_line(record, message, who, text))
    return "\n".join([*lines, *_verdict(verdict, text)]) + "\n"


def introduced(verdict: Verdict, language: Language) -> list[str]:
    """Who each party is: its role, for whom it acts, and under which mandate."""
    text = _TEXT[language]
    told = [f"{_agent(party, text)}, {_introduction(party, text)}" for party in verdict.parties]
    return [one[:1].upper() + one[1:] for one in told]


def judged(verdict: Verdict, language: Language) -> str:
    """Whether the transcript is valid, and who is at fault."""
    return "\n".join(_validity(verdict, _TEXT[language]))


def _agent(party: PartyVerdict, text: dict[str, str]) -> str:
    role = safe(party.role)
    if text is _TEXT["de"]:
        role = _GENITIVE.get(role, f"der Rolle „{role}“")
    return text["agent"].format(role=role)


def _introduction(party: PartyVerdict, text: dict[str, str]) -> str:
    kind = text["machine" if party.machine else "person"]
    name = text["redacted"] if party.principal == REDACTED else safe(party.principal)
    form = text["itself" if party.mandate is None else "acting"]
    told = form.format(kind=kind, name=name, man=(party.mandate or "")[:16])
    return told if party.verified else f"{told} {text['unverified']}"


def _line(record: Record, message: Message, who: str, text: dict[str, str]) -> str:
    terms = _terms(record, message) if message.kind == "offer" else ""
    said = text[message.kind].format(terms=terms)
    note = message.body.note
    words = text["note"].format(note=quote(note, 520)) if note else ""
    when = datetime.datetime.fromtimestamp(message.fields["iat"] / 1000, datetime.UTC)
    return f"{when:%Y-%m-%d %H:%M:%S} UTC  {who[:1].upper()}{who[1:]} {said}{words}."


def _terms(record: Record, offer: Message) -> str:
    outcome = record.outcome_of(offer)
    pairs = zip(record.deal.wire.domain.issues, outcome, strict=True)
    return ", ".join(
        f"{safe(issue.name)} {safe(issue.show(position))}" for issue, position in pairs
    )


def _verdict(verdict: Verdict, text: dict[str, str]) -> list[str]:
    fault, outcome, record = verdict.fault, verdict.outcome, verdict.record
    if fault is not None and fault.code in ("evidence", "size") and not record.chain:
        return [text["unread"].format(why=safe(fault.why), code=fault.code)]
    lines = _validity(verdict, text)
    if outcome.state == "agreed":
        agreed = cast("Message", record.agreed)
        lines.append(text["agreed"].format(terms=_terms(record, agreed)))
        lines.append(text["complete" if outcome.complete else "partly"])
    elif outcome.state == "none":
        lines.append(text["none"].format(reason=text[f"why {outcome.reason}"]))
    else:
        lines.append(text["still" if fault is None else "until"])
    return lines


def _validity(verdict: Verdict, text: dict[str, str]) -> list[str]:
    fault = verdict.fault
    if fault is None:
        return [text["valid"]]
    told = text["invalid"].format(why=safe(fault.why), at=fault.at, code=fault.code)
    if fault.party is None:
        return [told, text["nobody"]]
    found = next((party for party in verdict.parties if party.key == fault.party), None)
    who = fault.party if found is None else f"{_agent(found, text)} ({fault.party})"
    return [told, text["blame"].format(party=who)]
