"""Questions that are nearly right: reports, their calls, schedules, views and staffing answer or say what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxcall.bus import Bus, Commands
from cxcall.reports.measures import MEASURES
from cxcall.reports.ready_made import READY_MADE
from cxcall.settings import Settings
from cxcall.store.engine import open_engine
from cxcall.web.app import init_app
from tests.store.report_day import fill
from tests.support.schema import new_database
from tests.web.api.conftest import Answer, Clock, Site

WORDS: dict[str, list[str]] = {
    "when": ["today", "last_week", "year", "last_year", "sometime", ""],
    "from": ["2026-11-21", "1405/08/30", "۱۴۰۵-۰۸-۳۰", "2026-13-01", "0000-00-00", "9999-12-31", "x"],
    "to": ["2026-11-21", "2026-11-22", "1405-12-30", "1999-01-01", "2299-01-01", "-"],
    "by": ["queue", "hour", "interval", "day,queue", "total", "agent", "total,queue", "day,day", ",", "%"],
    "measures": [*sorted(MEASURES)[:6], "offered,asa", "offered,offered", "nope", ",".join(sorted(MEASURES))],
    "measure": ["offered", "handled", "login", "abandon_rate", "nope", "category:", "csat", "calls"],
    "queue": ["support", "support,sales", "'", "پشتیبانی", "\u202e", "a" * 300],
    "agent": ["Sara", "%", "_"],
    "key": ["support", "support@lab", "a|b", "|", "@", "2026-11-21T00:00:00Z", "٣"],
    "weekday": ["0", "6", "7", "-1", "0,6", "٣"],
    "hour": ["0", "23", "24", "1,2,3", "1e3"],
    "short": ["in", "out", "maybe"],
    "compare": ["before", "year", "goal", "queue:sales", "queue:", "queue:a,b"],
    "calendar": ["jalali", "gregorian", "julian"],
    "format": ["json", "csv", "xlsx", "pdf"],
    "limit": ["1", "200", "0", "-5", "٣"],
    "after": ["x", "bgAxIDEAYQ", "cAAxIDEAYQ", "cAAtMQAx", "bgA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5IDEAYQ"],
    "day": ["2026-11-22", "1405/09/01", "31.12.9999", "9999-12-31", "1300/01/01", "tomorrow"],
    "view": ["day", "week", "month"],
    "calls": ["0", "30", "1e5", "-1", "nan", "1e400"], "handle": ["0", "1", "240", "36000", "-1"],
    "seconds": ["60", "900", "86400", "0"], "patience": ["1", "0", "36000", "inf"],
    "answered": ["0.8", "0.999", "1", "80"], "abandoned": ["0.05", "0"], "occupancy": ["0.9", "2"],
    "agents": ["0", "5000", "-1", "2.5"], "shrinkage": ["0", "0.9", "1"], "volume": ["0", "10", "1.1", "-1"],
}  # fmt: skip
REPORT = ("when", "from", "to", "by", "measures", "queue", "agent", "weekday", "hour", "short", "compare", "calendar")
PLACES: dict[str, tuple[str, ...]] = {
    **{f"/reports/{name}": (*REPORT, "format") for name in (*READY_MADE, "Mine", "own:x", "{own}", "own", "%")},
    **{
        f"/reports/{name}/calls": (*REPORT, "measure", "measure", "key", "format", "limit", "after")
        for name in ("queues", "agents", "{own}", "surveys")
    },
    "/reports/own/{own}/figures": ("when", "calendar"),
    "/reports/schedules/{own}/runs": ("limit", "after"),
    "/views/{own}/calls": ("limit", "after"),
    "/staffing/erlang": ("calls", "handle", "seconds", "patience", "answered", "abandoned", "occupancy", "agents"),
    "/staffing/forecast": ("day", "view", "queue", "calendar", "agents", "shrinkage", "volume", "handle", "answered"),
    "/staffing/adherence": ("from", "to"),
    "/staffing/adherence/{user}": ("from", "to"),
    "/quality/results": ("when", "from", "to", "calendar", "by", "agent", "queue"),
    "/quality/results/evaluations": ("when", "from", "to", "by", "key", "limit", "after"),
    "/quality/agreement": ("when", "from", "to"),
    "/quality/reviews": ("queue", "agent", "limit", "after"),
    "/quality/evaluations": ("limit", "after"),
    "/quality/disputes": ("limit", "after"),
    "/quality/coaching": ("limit", "after"),
}


class Running:
    """One application for all examples, with a report, calls and an event loop of its own."""

    def __init__(self, database: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._start(database))

    async def _start(self, database: str) -> None:
        engine, bus, commands, clock = open_engine(database), Bus(epoch=1), Commands(), Clock()
        site = Settings()
        self._server = TestServer(init_app(settings=site, engine=engine, bus=bus, commands=commands, clock=clock))
        await self._server.start_server()
        self._site = Site(engine, bus, commands, clock, site, str(self._server.make_url("")).rstrip("/"))
        await fill(engine)
        user = await self._site.user("boss", "admin")
        self._client = await self._site.by_token(user)
        report = {"name": "Mine", "definition": {"measures": ["offered"]}}
        own = (await self._client.post("/reports/own", json=report)).json["id"]
        self.ids = {"{own}": own, "{user}": user.id}

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        return self._loop.run_until_complete(self._client.ask(method, path, **options))

    def stop(self) -> None:
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        await self._site.close()
        await self._server.close()
        await self._site.engine.dispose()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(new_database(tmp_path_factory.mktemp("fuzz") / "cxcall.db"))
    yield found
    found.stop()


def is_told(answer: Answer) -> None:
    """It was answered, or somebody can read what is wrong."""
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert answer.kind == "application/problem+json"
        assert answer.json["detail"][:1].isupper(), answer.json
        assert answer.json["detail"].endswith("."), answer.json
        for error in answer.json.get("errors", ()):
            assert len(error["detail"]) > 5, answer.json
            assert "Exception" not in error["detail"]


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_question_breaks_anything(running: Running, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(PLACES)), label="path")
    names = data.draw(st.lists(st.sampled_from(PLACES[path]), max_size=6, unique=True), label="names")
    said = {name: data.draw(st.sampled_from(WORDS[name]) | st.text(max_size=12), label=name) for name in names}
    for place, id_ in running.ids.items():
        path = path.replace(place, id_)
    is_told(running.ask("GET", quote(path), params=said))


NUMBERS = st.sampled_from([0, 1, 5, 31, 32, -1, 2**40])
TEXTS = st.sampled_from(
    ["", " ", "queues", "own:x", "yesterday", "x@example.com", "../x", "a/b", "08:00", "24:00", "٣"]
)
PLAN = st.fixed_dictionaries(
    {},
    optional={
        "report": TEXTS, "period": TEXTS, "formats": st.lists(st.sampled_from(["csv", "xlsx", "pdf"]), max_size=3),
        "mail": st.lists(TEXTS, max_size=3), "folder": TEXTS, "language": st.sampled_from(["en", "fa", "de"]),
        "calendar": st.sampled_from(["jalali", "x"]),
        "timetable": st.fixed_dictionaries(
            {},
            optional={
                "every": st.sampled_from(["day", "week", "month", "year"]), "at": TEXTS,
                "weekdays": st.lists(NUMBERS, max_size=3), "day": NUMBERS, "calendar": TEXTS,
            },
        ),
    },
)  # fmt: skip


@given(plan=PLAN, enabled=st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_plan_breaks_anything_and_what_is_kept_can_run(
    running: Running, plan: dict[str, Any], enabled: bool
) -> None:
    answer = running.ask("POST", "/reports/schedules", json={"name": "Fuzz", "plan": plan, "enabled": enabled})
    is_told(answer)
    if answer.status == 201:
        assert (answer.json["next_at"] is not None) is enabled
        again = running.ask("PATCH", f"/reports/schedules/{answer.json['id']}", json={
            "version": answer.json["version"], "plan": answer.json["plan"],
        })  # fmt: skip
        assert again.json["plan"] == answer.json["plan"], "what was kept may be sent again"


@given(query=st.text(max_size=60) | st.lists(st.tuples(st.sampled_from(["q", "when", "from", "queue", "survey", "of"]),
       st.sampled_from(sorted({word for words in WORDS.values() for word in words}))), max_size=4)
       .map(lambda pairs: "&".join(f"{name}={quote(word)}" for name, word in pairs)))  # fmt: skip
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_filters_break_anything_and_what_is_kept_is_listed(running: Running, query: str) -> None:
    answer = running.ask("POST", "/views", json={"name": "Fuzz", "query": query})
    is_told(answer)
    if answer.status == 201:
        path = f"/views/{answer.json['id']}"
        assert running.ask("GET", f"{path}/calls").status == 200
        assert running.ask("DELETE", path, headers={"If-Match": '"1"'}).status == 204
