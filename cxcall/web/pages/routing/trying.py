"""/admin/routing/try: a call that nobody makes, decided by the draft or by what holds, with every reason and fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.routing import TRY, Tried, TryRoute
from cxcall.customers.number import fold, withheld
from cxcall.letters import tidy
from cxcall.routing import explain
from cxcall.routing.answer import answer, line
from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision
from cxcall.routing.facts import Facts, Said
from cxcall.routing.names import split_fact
from cxcall.routing.phrases import fact_told, listed, steps_told, value_told
from cxcall.routing.rule import RuleSet
from cxcall.speech.intents import Intents, Match, intent_of
from cxcall.store import intents, routing_facts
from cxcall.web.access import Role, needs
from cxcall.web.digits import typed
from cxcall.web.keys import COMMANDS, ENGINE, SETTINGS
from cxcall.web.pages.calls_filter import read_date
from cxcall.web.pages.routing import words
from cxcall.web.pages.routing.loading import Around, around, today
from cxcall.web.pages.routing.passing import Passed, passed_over
from cxcall.web.pages.routing.rows import day_text
from cxcall.web.pages.routing.words import Reader
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = words.PATH + "/try"
TRY_S = 4.0
NO_TIME = N_("Write a day like 1405/09/02 or 2026-11-23 and a time like 14:30.")
FIELDS = ("number", "called", "queue", "server", "language", "day", "clock", "sentence", "keys", "of")

routes = web.RouteTableDef()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call to try. `at` aware, in the site's zone."""

    at: datetime
    number: str = ""
    called: str = ""
    queue: str = ""
    server: str = ""
    language: str = ""
    sentence: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry:
    """What would become of it. `floor`: whether queues and agents were known; `match`: of the sentence."""

    decision: Decision
    facts: Facts
    floor: bool
    match: Match | None = None
    line: str = ""
    """The answer as the dialplan would get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryView:
    """The page; `result` None before anything was asked."""

    written: Mapping[str, str]
    around: Around
    servers: Sequence[str]
    error: str = ""
    dry: Dry | None = None
    story: Sequence[explain.Told] = ()
    facts: Sequence[tuple[str, str]] = ()
    passed: Sequence[Passed] = ()

    def get(self, name: str) -> str:
        return self.written.get(name, "")

    @property
    def reader(self) -> Reader:
        return self.around.reader

    @property
    def result(self) -> Sequence[tuple[str, str]]:
        return result_told(self.dry.decision, self.reader) if self.dry else ()

    @property
    def groups(self) -> Sequence[tuple[str, str]]:
        told = {"treated": _("gets the rule"), "control": _("control group")}
        return [(name, told[arm]) for name, arm in self.dry.decision.groups.items()] if self.dry else ()


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    shown = current()
    now = shown.local(shown.now)
    sent = {name: request.query.get(name, "").replace("\0", "")[:500] for name in FIELDS}
    asks = bool(request.query)
    usual = {"day": day_text(now.date().isoformat()), "clock": f"{now:%H:%M}", "of": "draft"}
    written = sent | {name: value for name, value in usual.items() if not sent[name]}
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        servers = [server.name for server in request.app[SETTINGS].ami]
        view = TryView(written=written, around=here, servers=servers)
        if not asks:
            return page(request, "routing/try.html", view)
        at = moment(written["day"], written["clock"])
        if at is None:
            wrong = TryView(written=written, around=here, servers=servers, error=_(NO_TIME))
            return page(request, "routing/try.html", wrong, status=422)
        asked = Asked(
            at=at, number=sent["number"].strip(), called=sent["called"].strip(), queue=sent["queue"],
            server=sent["server"], language=sent["language"], sentence=tidy(sent["sentence"]), keys=typed(sent["keys"]),
        )  # fmt: skip
        rules = here.published if written["of"] == "published" else here.draft.rules
        dry = await dry_run(request, conn, asked, rules)
    reader = here.reader
    view = TryView(
        written=written, around=here, servers=servers, dry=dry, story=explain.story(dry.decision, reader),
        facts=facts_told(dry.decision, reader), passed=passed_over(rules, dry.decision, dry.facts, reader),
    )  # fmt: skip
    return page(request, "routing/try.html", view)


def moment(day: str, clock: str) -> datetime | None:
    """A day of either calendar and a time of day, on the site's clock."""
    found = read_date(day) if day else today()
    hours, colon, minutes = typed(clock).replace(".", ":").partition(":")
    whole = colon and (hours + minutes).isascii() and (hours + minutes).isdecimal()
    if found is None or not whole or len(hours) > 2 or len(minutes) != 2 or int(hours) > 23 or int(minutes) > 59:
        return None
    return datetime.combine(found, time(int(hours), int(minutes)), current().zone)


async def dry_run(request: web.Request, conn: AsyncConnection, asked: Asked, rules: RuleSet) -> Dry:
    """Decide as for a call; nothing of it is kept. Where nobody decides in this process, queues are not known."""
    match = await _match(conn, asked)
    said = None
    if asked.sentence or asked.keys:
        sure = match.intent if match and match.verdict == "sure" else ""
        said = Said(intent=sure, text=asked.sentence, confidence=match.confidence if match else 0.0, keys=asked.keys)
    try:
        tried = await _tried(request.app[COMMANDS], asked, said, rules)
        told = line(tried.answer)
        return Dry(decision=tried.decision, facts=tried.facts, floor=True, match=match, line=told)
    except (NoAnswer, CommandRefused):
        facts = await _facts(conn, asked, said, request.app[SETTINGS].site.country)
        made = decide(rules, facts)
        return Dry(decision=made, facts=facts, floor=False, match=match, line=line(answer(made)))


async def _tried(commands: Commands, asked: Asked, said: Said | None, rules: RuleSet) -> Tried:
    wanted = TryRoute(
        number=asked.number, called=asked.called, queue=asked.queue, server=asked.server, language=asked.language,
        at=asked.at, said=said, rules=rules,
    )  # fmt: skip
    tried: Tried = await commands.ask(TRY, wanted, timeout=TRY_S)
    return tried


async def _match(conn: AsyncConnection, asked: Asked) -> Match | None:
    if not asked.sentence:
        return None
    known = Intents(intent_of(one.name, one.body) for one in await intents.everything(conn, enabled_only=True))
    return known.match(asked.sentence, asked.language)


async def _facts(conn: AsyncConnection, asked: Asked, said: Said | None, country: str) -> Facts:
    number, called = (fold(one, country) or ("" if withheld(one) else one) for one in (asked.number, asked.called))
    known = await routing_facts.of_number(conn, number, now=asked.at)
    return Facts(
        at=asked.at, server=asked.server, call="try", number=number, called=called, queue=asked.queue,
        customer=known.customer, past=known.past, said=said,
    )  # fmt: skip


def result_told(decision: Decision, reader: Reader) -> list[tuple[str, str]]:
    """What the dialplan gets, in words; parts that say nothing are left out."""
    result = decision.result
    treats = {"accept": "", "challenge": _("a key has to be pressed first"), "block": _("the call is turned away")}
    shown: dict[str, Any] = {
        "queue": reader.value(result.queue, "queue") if result.queue else _("the dialplan’s own"),
        "priority": reader.value(result.priority, "number"),
        "agent_user": result.agent_user and _("%(who)s, for %(wait)s") % {
            "who": reader.value(result.agent_user, "user"), "wait": reader.value(result.agent_wait, "seconds"),
        },
        "skills": steps_told(result.skills, reader) if result.skills else "",
        "language": reader.value(result.language, "language") if result.language else "",
        "announcement": reader.value(result.announcement, "prompt") if result.announcement else "",
        "treat": treats[result.treat],
        "call_back": _("Yes") if result.call_back else "",
        "survey": "" if result.survey is None else _("Yes") if result.survey else _("No"),
    }  # fmt: skip
    return [(_(words.FIELDS[name]), text) for name, text in shown.items() if text]


def facts_told(decision: Decision, reader: Reader) -> list[tuple[str, str]]:
    """The facts rules looked at, in the order they were asked."""
    return [(fact_told(fact, reader), _value(fact, value, reader)) for fact, value in decision.facts]


def _value(fact: str, value: Any, reader: Reader) -> str:
    name, _argument = split_fact(fact)
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return listed((str(one) for one in value), reader)
    return value_told(name, value, reader)
