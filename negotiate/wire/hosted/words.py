"""An auction's transcript in plain words, English or German: every record, every bid, the award and its grounds.

Bids are the bidders' own words, so they pass through :mod:`negotiate.show` like everything that came over the wire.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from negotiate.show import quote, safe
from negotiate.wire.hosted.codes import CODES
from negotiate.wire.hosted.reasons import FIGURES, RULES
from negotiate.wire.hosted.verdict import goods_of, why
from negotiate.wire.prose import introduced, judged

if TYPE_CHECKING:
    from fractions import Fraction

    from negotiate.wire.envelope import Message
    from negotiate.wire.hosted.book import Book, Taken
    from negotiate.wire.hosted.grounds import Ground
    from negotiate.wire.verify import Verdict

_TEXT: dict[Literal["en", "de"], dict[str, str]] = {
    "en": {
        "open": "{who} opened an auction by the rules {rules}", "join": "{who}, joined as {n}",
        "bidder": "bidder {n}",
        "begin": "the auction began with {n} bidders", "tick": "the host let time pass",
        "cancel": "the host called the auction off", "off": "It was called off; nobody gets or pays anything.",
        "bid": "{who} bid {move}: accepted", "refused": "{who} bid {move}: refused ({code}: {why})",
        "award": "the host signed the award over {n} records",
        "share": "{who} gets {units} and pays {pays}: {rule}{by}.", "own": "bid at place {n}",
        "by": "price set at place {n}", "none": "Nothing was sold.", "still": "There is no award yet.",
        "counts": "{ok} bids were accepted and {bad} refused.",
    },
    "de": {
        "open": "{who} eröffnete eine Auktion nach den Regeln {rules}", "join": "{who}, trat als {n} bei",
        "bidder": "Bieter {n}",
        "begin": "die Auktion begann mit {n} Bietern", "tick": "der Veranstalter ließ Zeit vergehen",
        "cancel": "der Veranstalter sagte die Auktion ab",
        "off": "Sie wurde abgesagt; niemand erhält oder zahlt etwas.",
        "bid": "{who} bot {move}: angenommen", "refused": "{who} bot {move}: abgelehnt ({code}: {why})",
        "award": "der Veranstalter unterzeichnete den Zuschlag über {n} Einträge",
        "share": "{who} erhält {units} und zahlt {pays}: {rule}{by}.", "own": "Gebot auf Platz {n}",
        "by": "der Preis von Platz {n}", "none": "Es wurde nichts verkauft.",
        "still": "Es gibt noch keinen Zuschlag.", "counts": "{ok} Gebote wurden angenommen und {bad} abgelehnt.",
    },
}  # fmt: skip


def tell_auction(verdict: Verdict, language: Literal["en", "de"] = "en") -> str:
    """The verdict and every record, one line each."""
    book = verdict.auction
    if book is None:
        return ""
    text = _TEXT[language]
    people = dict(
        zip([p.key for p in book.parties], introduced(verdict, language), strict=True)
    )
    names = {party.key: text["bidder"].format(n=party.seat) for party in book.parties}
    bids = {one.place: one for one in book.taken}
    told = _Told(book, people, names, text)
    lines = [_line(told, record, bids.get(record.seq)) for record in book.records]
    return "\n".join([*lines, judged(verdict, language), *_end(told, language)]) + "\n"


class _Told(NamedTuple):
    """What the lines are made from: the fold, who each key is at length and in short, and the words."""

    book: Book
    people: dict[bytes, str]
    names: dict[bytes, str]
    text: dict[str, str]


def _line(told: _Told, record: Message, bid: Taken | None) -> str:
    when = datetime.datetime.fromtimestamp(record.fields["iat"] / 1000, datetime.UTC)
    note = (record if bid is None else bid.message).body.note
    words = f" ({quote(note, 520)})" if note else ""
    said = _said(told, record, bid)
    return f"{when:%Y-%m-%d %H:%M:%S} UTC  [{record.seq}] {said}{words}."


def _said(told: _Told, record: Message, bid: Taken | None) -> str:
    book, text = told.book, told.text
    if bid is not None:
        move = cast("dict[str, object]", bid.message.fields["body"]["move"])
        kind, who = text["refused" if bid.code else "bid"], told.names[bid.message.sender]
        return kind.format(who=who, move=_move(move), code=bid.code, why=CODES.get(bid.code))
    if record.kind == "open":
        rules = safe(f"{book.protocol!r}")
        return text["open"].format(who=told.people[record.sender], rules=rules)
    if record.kind == "receipt":
        joined = next(key for key, place in joins(book).items() if place == record.seq)
        return text["join"].format(who=told.people[joined], n=told.names[joined])
    count = len(book.seated) if record.kind == "begin" else record.seq
    return text[record.kind].format(n=count)


def joins(book: Book) -> dict[bytes, int]:
    """At which place of the chain each bidder joined."""
    places = [
        r.seq for r in book.records if r.kind == "receipt" and "frame" in r.fields["body"]
    ]
    return dict(zip(book.joins, places, strict=True))


def _move(move: dict[str, object]) -> str:
    rest = [f"{name}={quote(value)}" for name, value in move.items() if name != "kind"]
    return safe(" ".join([str(move.get("kind")), *rest]))


def _end(told: _Told, language: Literal["en", "de"]) -> list[str]:
    book, text = told.book, told.text
    if book.cancelled is not None:
        return [text["off"]]
    if book.award is None:
        return [text["still"]]
    bad = sum(1 for one in book.taken if one.code)
    lines = [text["counts"].format(ok=len(book.taken) - bad, bad=bad)]
    shares = [_share(told, one, language) for one in why(book)]
    return lines + (shares or [text["none"]])


def _share(told: _Told, one: Ground, language: Literal["en", "de"]) -> str:
    book, text = told.book, told.text
    details = [text[name].format(n=_places(places)) for name, places in _named(one)]
    details += [
        f"{FIGURES[name][language == 'de']} {money(n, book)}" for name, n in one.figures
    ]
    goods = ", ".join(
        f"{safe(name)}={safe(str(n))}" for name, n in goods_of(book, one.party).items()
    )
    return text["share"].format(
        who=told.names[book.seated[one.party].key],
        units=f"{one.units} ({goods})" if goods else one.units,
        pays=money(one.pays, book),
        rule=RULES[one.rule][language == "de"],
        by=f" ({', '.join(details)})" if details else "",
    )


def _named(one: Ground) -> list[tuple[str, tuple[int, ...]]]:
    """Places to tell: those of its own bids, and those that set its price where these are others."""
    named = [("own", one.own)] if one.own else []
    return [*named, ("by", one.by)] if one.by not in ((), one.own) else named


def _places(places: tuple[int, ...]) -> str:
    return ", ".join(map(str, places))


def money(amount: int | Fraction, book: Book) -> str:
    """An amount in the auction's currency, where it has one; in minor units otherwise."""
    currency, scale = book.deal.amount.currency, book.deal.amount.scale
    if not isinstance(amount, int) or not currency:
        return f"{amount} {currency}".strip()
    units, rest = divmod(abs(amount), 10**scale)
    sign = "-" if amount < 0 else ""
    return f"{sign}{units}{f'.{rest:0{scale}d}' if scale else ''} {currency}"
