"""A site whose queues ask: a private Asterisk, its phones, and cxcall's edges in this process, for tests to look into.

Prompts are tones, a hertz for each and a longer one in English, so that a phone can tell what it hears.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import service
from cxcall.asterisk.agi.edge import AgiEdge
from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.surveys.edge import SurveyEdge
from cxcall.bus import Bus, Commands
from cxcall.demo.phone import Call, Phone, Policy, strength
from cxcall.demo.phone import tone as mu_law
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.demo.switch.ports import free_port
from cxcall.settings import Agi, Ami, Data, Settings, Web
from cxcall.settings import Site as SiteSettings
from cxcall.store import prompt_files, prompts, survey_answers, survey_askings, surveys
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_tables import survey_responses
from cxcall.surveys.asking import Asking
from cxcall.surveys.closing import Rule
from cxcall.surveys.script import Comment, HandOver, Key, Question, Script, Thank
from cxcall.web.app import init_app
from tests.asterisk.conftest import Phones, connect_phones
from tests.support.sounds import tone, wav

HERTZ = {"csat": 600, "nps": 800, "wrong": 1_100, "none": 1_300, "comment": 1_500, "thanks": 1_700, "opt_out": 1_900,
         "Maryam Rostami": 2_100}  # fmt: skip
"""What each prompt sounds like; in English 50 Hz higher."""

FA_SECONDS, EN_SECONDS = 0.7, 1.4
VOICE = 425
"""Hertz of what the caller says."""

KEYS = tuple(Key(key=str(n), label={"en": str(n)}, value=float(n)) for n in range(1, 6))
NUMBERS = {"full": "0219800", "hands_over": "0219801"}
"""The site's numbers by the queue they lead into."""

STRAIGHT = "0219810"
"""The number that leads straight into the survey of the queue `full`, as if its agent had just hung up."""

QUEUES = """
[full](common)
strategy = rrmemory
member => PJSIP/1001,0,Sara Ahmadi,PJSIP/1001
member => PJSIP/1002,0,Reza Karimi,PJSIP/1002
[hands_over](common)
strategy = rrmemory
member => PJSIP/1003,0,Maryam Rostami,PJSIP/1003
"""

DIALPLAN = """
[from-trunk]
exten => 0219800,1,Goto(cxcall-queue,full,1)
exten => 0219801,1,Goto(cxcall-queue,hands_over,1)
exten => 0219810,1,Answer()
 same => n,Gosub(cxcall-survey,s,1(full,PJSIP/1001))
 same => n,Hangup()
"""


def full_script(ids: Mapping[str, str]) -> Script:
    """A scale, a recommendation, a comment, thanks."""
    texts = {"en": "Question"}
    csat = Question(
        id="csat", title=texts, kind="scale", measure="csat", prompt=ids["csat"], keys=KEYS, seconds=1.5, retries=1,
        wrong_key_prompt=ids["wrong"], no_input_prompt=ids["none"],
    )  # fmt: skip
    nps = msgspec.structs.replace(csat, id="nps", kind="nps", measure="nps", prompt=ids["nps"], keys=(), pause=0.7)
    return Script(
        languages=("fa", "en"),
        parts=(
            csat,
            nps,
            Comment(id="comment", title=texts, prompt=ids["comment"], seconds=6, silence=2),
            Thank(id="thanks", prompt=ids["thanks"]),
        ),
        opt_out_prompt=ids["opt_out"],
    )


def handing_over(ids: Mapping[str, str]) -> Script:
    """One question; 0 leads to the queue `reception`, 1 to a call-back, 2 to an extension."""
    keys = (Key(key="0", next="queue"), Key(key="1", next="call_back"), Key(key="2", next="number"), *KEYS[2:])
    return Script(
        languages=("fa", "en"),
        parts=(
            Question(id="csat", title={"en": "Q"}, kind="choice", prompt=ids["csat"], keys=keys, seconds=1.5),
            Thank(id="thanks", prompt=ids["thanks"]),
            HandOver(id="queue", to="queue", target="reception"),
            HandOver(id="number", to="number", target="1005"),
            HandOver(id="call_back", to="call_back", prompt=ids["thanks"]),
        ),
        opt_out_key="9",
        opt_out_prompt=ids["opt_out"],
    )


@dataclass(kw_only=True)
class SurveySite:
    """What a test works with. `ids`: prompts by name, `survey_ids` by queue."""

    settings: Settings
    switch: Switch
    phones: Phones
    engine: AsyncEngine
    commands: Commands
    bus: Bus
    ids: Mapping[str, str] = field(default_factory=dict)

    def place(self, number: str, queue: str = "full") -> Call:
        """Call a queue from `number`, listening and humming."""
        return self.phones.outside.call(NUMBERS[queue], from_number=number)

    async def rows(self, number: str) -> list[ResponseRow]:
        """Responses of a number (E.164), oldest first."""
        return await rows_of(self.engine, number)

    async def row(self, number: str, which: Callable[[ResponseRow], bool]) -> ResponseRow:
        """The response of a number that `which` says yes to, as soon as there is one."""
        return await of_number(self.engine, number, which)

    async def ended(self, number: str) -> ResponseRow:
        """The response of a number once it has an end."""
        return await self.row(number, lambda row: bool(row.response.end))

    async def ask(self, queue: str, **changes: Any) -> None:
        """Change how a queue asks."""
        async with self.engine.begin() as conn:
            found = await survey_askings.of(conn, "", queue)
            assert found is not None
            values = {name: getattr(found.asking, name) for name in found.asking.__struct_fields__}
            await survey_askings.save(conn, "", queue, Asking(**{**values, **changes}), version=found.version)


async def rows_of(engine: AsyncEngine, number: str) -> list[ResponseRow]:
    """Responses of a number (E.164), oldest first."""
    async with engine.connect() as conn:
        table = survey_responses.c
        query = select(table.id).where(table.number == number).order_by(table.offered_at)
        found = [await survey_answers.get(conn, id_) for id_ in await conn.scalars(query)]
    return [row for row in found if row is not None]


async def of_number(
    engine: AsyncEngine, number: str, which: Callable[[ResponseRow], bool], timeout: float = 30.0
) -> ResponseRow:
    """The response of a number that `which` says yes to, as soon as there is one."""
    until, seen = time.monotonic() + timeout, list[ResponseRow]()
    while time.monotonic() < until:
        seen = await rows_of(engine, number)
        for row in seen:
            if which(row):
                return row
        await asyncio.sleep(0.1)
    raise AssertionError(f"no such response of {number}: {seen}")


async def hears(call: Call, prompt: str, timeout: float = 15.0, *, english: bool = False) -> float:
    """Wait until `call` hears a prompt; when (epoch seconds)."""
    hertz = HERTZ[prompt] + (50 if english else 0)
    async with asyncio.timeout(timeout):
        while strength(call.heard.last(0.1), hertz) < 1_500:
            await asyncio.sleep(0.02)
    return time.time()


def hurried(phone: Phone, *, talk: float | None = 0.5) -> None:
    """Have a phone answer at once and hang up after `talk` seconds."""
    phone.policy, phone.answer_after, phone.hang_up_after = Policy.ANSWER, 0.05, talk


async def fill(
    engine: AsyncEngine, settings: Settings, queues: Sequence[str] = ("full", "hands_over")
) -> dict[str, str]:
    """Prompts, published surveys, and queues that ask everybody; the prompts' ids by name."""
    now = datetime.now(UTC)
    ids = {}
    for name, hertz in HERTZ.items():
        spoken = {"fa": wav(tone(hertz, FA_SECONDS)), "en": wav(tone(hertz + 50, EN_SECONDS))}
        made = {language: await prompt_files.make_and_keep(settings, data) for language, data in spoken.items()}
        async with engine.begin() as conn:
            prompt = await prompts.create(conn, name=name)
            for language, sound in made.items():
                await prompts.set_variant(conn, prompt.id, language, sound, source="upload", by="test")
            ids[name] = prompt.id
    scripts = {"full": full_script(ids), "hands_over": handing_over(ids)}
    for queue in scripts:
        async with engine.begin() as conn:
            survey = await surveys.create(conn, name=queue, draft=scripts[queue], by="test", now=now)
            await surveys.publish(conn, survey.id, version=survey.version, by="test", now=now)
            asking = Asking(survey_id=survey.id, min_talk=0.0, quiet_days=0)
            await survey_askings.save(conn, "", queue, asking)
    return ids


async def set_rules(site: SurveySite, queue: str, rules: Sequence[Rule]) -> None:
    """Give the survey of a queue these rules."""
    async with site.engine.begin() as conn:
        found = await survey_askings.of(conn, "", queue)
        assert found is not None
        survey = await surveys.get(conn, found.asking.survey_id)
        assert survey is not None
        await surveys.save_rules(conn, survey.id, rules, version=survey.version, by="test", now=datetime.now(UTC))


@asynccontextmanager
async def survey_site(folder: Path, tree: Tree) -> AsyncIterator[SurveySite]:
    """A site under `folder` that asks, until the end of the context."""
    port, agi = free_port(), free_port()
    async with AsyncExitStack() as running:
        additions = {"queues.conf": QUEUES, "extensions.conf": DIALPLAN}
        asked = Site(name="lab", web=f"127.0.0.1:{port}", agi=f"127.0.0.1:{agi}", additions=additions)
        switch = await running.enter_async_context(Switch.start(folder / "switch", tree, asked))
        phones = await connect_phones(switch, running)
        phones.outside.listen, phones.outside.sound = True, mu_law(VOICE)
        settings = Settings(
            data=Data(dir=str(folder / "data")), web=Web(port=port), agi=Agi(port=agi),
            site=SiteSettings(country="IR", timezone="Asia/Tehran"),
            ami=(Ami(name="lab", port=switch.ami_port, username=switch.username, secret=switch.secret),),
        )  # fmt: skip
        engine = await running.enter_async_context(service.database(settings))
        bus, commands = Bus(epoch=time.time_ns() // 1_000_000), Commands()
        site = SurveySite(
            settings=settings, switch=switch, phones=phones, engine=engine, commands=commands, bus=bus,
            ids=await fill(engine, settings),
        )  # fmt: skip
        app = web.AppRunner(init_app(settings=settings, engine=engine, bus=bus, commands=commands), access_log=None)
        await app.setup()
        running.push_async_callback(app.cleanup)
        await web.TCPSite(app, "127.0.0.1", port).start()
        edge = AsteriskEdge(settings=settings, engine=engine, bus=bus, commands=commands)
        asking = SurveyEdge(settings=settings, engine=engine, bus=bus, commands=commands)
        for work in (edge.run(), asking.run()):
            task = asyncio.create_task(work)
            running.push_async_callback(_ended, task)
        scripts = AgiEdge(settings=settings.agi, commands=commands, scripts=asking.scripts)
        await running.enter_async_context(scripts.serving())
        async with asyncio.timeout(20):
            while not all(status.ready for status in edge.status()):
                await asyncio.sleep(0.1)
        yield site


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
