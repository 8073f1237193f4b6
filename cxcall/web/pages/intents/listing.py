"""The list of intents: how often each was meant, what was not understood, and a sentence tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import tidy
from cxcall.speech.category import worded
from cxcall.speech.intents import Intent, Intents, Match, intent_of
from cxcall.store import intents, reasons
from cxcall.store.reasons import Reason
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.intents.words import DONE, PATH, UNASKED, VERDICTS
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.words import gettext as _

DAYS = 30
"""So many are counted."""
LONGEST = 300

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An intent of the list. `asks`: it has a prompt that asks for it; `phrases`: how many of each language."""

    id: str
    name: str
    title: str
    queue: str
    key: str
    asks: bool
    enabled: bool
    phrases: Sequence[tuple[str, int]]
    calls: int = 0
    keyed: int = 0
    confirmed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A sentence and what was made of it; `pieces`: its text, and whether a phrase found that piece."""

    match: Match
    verdict: str
    title: str
    other: str
    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    rows: Sequence[Line]
    text: str
    language: str
    languages: Sequence[tuple[str, str]]
    tried: Tried | None
    asked: int
    understood: int
    lost: Sequence[Reason]
    writes: bool
    days: int = DAYS


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    text = tidy(request.query.get("text", ""))[:LONGEST]
    language = request.query.get("language", "") or current().language
    now = request.app[CLOCK]()
    async with request.app[ENGINE].connect() as conn:
        kept = await intents.everything(conn)
        uses = {one.intent: one.by_how for one in await reasons.uses(conn, since=now - timedelta(days=DAYS), until=now)}
        lost = await reasons.not_understood(conn, since=now - timedelta(days=DAYS), limit=8)
    known = known_of(kept)
    asked = sum(sum(by_how.values()) for by_how in uses.values())
    view = ListView(
        rows=[_line(one, known.get(one.name), uses.get(one.name, {})) for one in kept],
        text=text,
        language=language,
        languages=[(code, _(name)) for code, name in LANGUAGE_NAMES.items()],
        tried=tried(text, language, [known[one.name] for one in kept if one.enabled and one.name in known]),
        asked=asked,
        understood=asked - sum(uses.get("", {}).values()),
        lost=lost,
        writes=user_of(request).role is Role.ADMIN,
    )
    done = DONE.get(request.query.get("done", ""))
    return page(request, "intents/list.html", view, done=Done(text=_(done)) if done else None)


def known_of(kept: Sequence[intents.Intent]) -> dict[str, Intent]:
    """The intents by name; one that can't be read is left out."""
    found = {}
    for one in kept:
        try:
            found[one.name] = intent_of(one.name, one.body)
        except msgspec.ValidationError:
            continue
    return found


async def all_known(conn: AsyncConnection) -> dict[str, Intent]:
    """All intents by name, switched off or not."""
    return known_of(await intents.everything(conn))


def tried(text: str, language: str, known: Sequence[Intent]) -> Tried | None:
    """What would be made of a sentence."""
    if not text:
        return None
    titles = {one.name: worded(one.title, current().language) or one.name for one in known}
    match = Intents(known).match(text, language)
    asks = any(one.prompt for one in known if one.name == match.intent)
    verdict = UNASKED if match.verdict == "ask" and not asks else VERDICTS[match.verdict]
    return Tried(
        match=match, verdict=_(verdict), title=titles.get(match.intent, ""), other=titles.get(match.runner_up, ""),
        pieces=_pieces(text, match.spans),
    )  # fmt: skip


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def _line(kept: intents.Intent, known: Intent | None, by_how: Mapping[str, int]) -> Line:
    intent = known or Intent(name=kept.name)
    counts = {code: len(intent.phrases.get(code, ())) + len(intent.examples.get(code, ())) for code in LANGUAGE_NAMES}
    return Line(
        id=kept.id, name=kept.name, title=worded(intent.title, current().language), queue=intent.queue, key=intent.key,
        asks=bool(intent.prompt), enabled=kept.enabled, calls=sum(by_how.values()), keyed=by_how.get("keyed", 0),
        confirmed=by_how.get("confirmed", 0), phrases=[(_(LANGUAGE_NAMES[code]), n) for code, n in counts.items()],
    )  # fmt: skip
