"""/admin/surveys: all surveys, with what asks them and what came of it; new ones, copies, the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key, tidy
from cxcall.store import prompts, survey_askings, survey_figures, surveys
from cxcall.store.errors import Conflict
from cxcall.store.survey_figures import Cut, Period
from cxcall.store.surveys import Survey, SurveyNameTaken
from cxcall.surveys.script import Script
from cxcall.surveys.template import PROMPTS, default_script, with_prompts
from cxcall.web import prompting
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.forms import field
from cxcall.web.pages.survey_form import Reading
from cxcall.web.pages.survey_loading import Heard, done_of, heard, note_act, opened
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

PATH = words.PATH
ONE = PATH + "/{id:[0-9a-f]+}"
LATELY = timedelta(days=30)

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A survey of the list. `answers` are finished ones of 30 days, of `asked`."""

    survey: Survey
    changed: bool
    queues: Sequence[str]
    asked: int
    answers: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveysView:
    rows: Sequence[Row]
    archived: bool
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    name: str = ""
    begin: str = "template"
    models: Sequence[Survey] = ()
    error: str = ""


@routes.get(PATH)
@needs(Role.ADMIN)
async def show_all(request: web.Request) -> web.Response:
    archived = request.query.get("archived") == "1"
    now = current().now
    async with request.app[ENGINE].connect() as conn:
        everything = await surveys.everything(conn, state=None)
        wanted = [one for one in everything if (one.state == "archived") == archived]
        known, asking = await heard(conn), _queues(await survey_askings.everything(conn))
        rows = [
            await _row(conn, one, known, asking.get(one.id, []), Period(since=now - LATELY, until=now))
            for one in wanted
        ]
    view = SurveysView(rows=rows, archived=archived, others=len(everything) - len(wanted))
    return page(request, "surveys.html", view, done=done_of(request, _undo(request)))


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "survey_new.html", await _new(request, NewView()))


@routes.post(PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    """From the ready survey, from nothing, or as a copy of another one."""
    form = await request.post()
    name, begin = tidy(Reading({"name": field(form, "name")}).text("name")), field(form, "begin")
    if not 1 <= len(name) <= 100:
        wrong = NewView(name=name, begin=begin, error=_(words.NAME_WRONG))
        return page(request, "survey_new.html", await _new(request, wrong), status=422)
    who, now = user_of(request).name, current().now
    try:
        async with request.app[ENGINE].begin() as conn:
            model = await surveys.get(conn, begin.removeprefix("copy:")) if begin.startswith("copy:") else None
            if model is not None:
                made = await surveys.duplicate(conn, model.id, name=name, by=who, now=now)
            else:
                draft = Script() if begin == "empty" else await ready(conn)
                made = await surveys.create(conn, name=name, draft=draft, by=who, now=now)
            await note_act(request, conn, "survey.create", f"survey:{made.id}", name=name)
    except SurveyNameTaken:
        wrong = NewView(name=name, begin=begin, error=_(words.NAME_TAKEN))
        return page(request, "survey_new.html", await _new(request, wrong), status=409)
    if begin == "template":
        await prompting.say_missing(request, made.draft.prompts())
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done={'duplicated' if model else 'created'}")


@routes.post(ONE + "/{act:archive|restore|duplicate}")
@needs(Role.ADMIN)
async def act_on(request: web.Request) -> web.StreamResponse:
    act, who, now = request.match_info["act"], user_of(request).name, current().now
    try:
        async with request.app[ENGINE].begin() as conn:
            survey = await opened(conn, request)
            if act == "duplicate":
                name = await _copy_name(conn, survey.name)
                made = await surveys.duplicate(conn, survey.id, name=name, by=who, now=now)
                await note_act(request, conn, "survey.create", f"survey:{made.id}", name=name)
            else:
                put = surveys.archive if act == "archive" else surveys.restore
                made = await put(conn, survey.id, version=survey.version, by=who, now=now)
                await note_act(request, conn, f"survey.{act}", f"survey:{made.id}", name=survey.name)
    except (Conflict, SurveyNameTaken):
        raise web.HTTPSeeOther(PATH) from None
    if act == "duplicate":
        raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=duplicated")
    raise web.HTTPSeeOther(f"{PATH}?done={act}d&who={made.id}")


async def ready(conn: AsyncConnection) -> Script:
    """The ready survey with the prompts of its names; those that are not there yet are made, with their texts."""
    known = {prompt.name: prompt.id for prompt in await prompts.everything(conn)}
    for name, texts in PROMPTS.items():
        if name not in known:
            known[name] = (await prompts.create(conn, name=name, texts=texts)).id
    return with_prompts(default_script(), {name: known[name] for name in PROMPTS})


async def search(request: web.Request, text: str) -> Group | None:
    """Surveys by name, for those who may open them."""
    if user_of(request).role is not Role.ADMIN or not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        found = [one for one in await surveys.everything(conn) if search_key(text) in search_key(one.name)][:5]
    return Group(title=_("Surveys"), hits=[Hit(path=f"{PATH}/{one.id}", icon="form", title=one.name) for one in found])


async def _row(conn: AsyncConnection, survey: Survey, known: Heard, queues: Sequence[str], period: Period) -> Row:
    found = known.problems(survey.draft)
    published = await surveys.script_of(conn, survey.id, survey.published) if survey.published else None
    counts: Counter[str] = Counter()
    for one in await survey_figures.funnel(conn, Cut(period=period, survey_id=survey.id)):
        counts[one.state] += one.n
    return Row(
        survey=survey,
        changed=published != survey.draft,
        queues=queues,
        asked=counts["offered"] + counts["started"] + counts["finished"],
        answers=counts["finished"],
        errors=sum(one.severity == "error" for one in found),
        warnings=sum(one.severity != "error" for one in found),
    )


def _queues(askings: Sequence[survey_askings.QueueAsking]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in askings:
        if one.asking.enabled and one.asking.survey_id:
            found.setdefault(one.asking.survey_id, []).append(one.queue)
    return found


async def _new(request: web.Request, view: NewView) -> NewView:
    async with request.app[ENGINE].connect() as conn:
        models = await surveys.everything(conn)
    return NewView(name=view.name, begin=view.begin, error=view.error, models=models)


async def _copy_name(conn: AsyncConnection, name: str) -> str:
    taken = {one.name for one in await surveys.everything(conn, state=None)}
    n = 2
    while (found := f"{name[:95]} {n}") in taken:
        n += 1
    return found


def _undo(request: web.Request) -> str:
    """Archiving is taken back by restoring, and the other way round."""
    who, back = request.query.get("who", ""), {"archived": "restore", "restored": "archive"}
    act = back.get(request.query.get("done", ""))
    return f"{PATH}/{who}/{act}" if act and who.isalnum() else ""
