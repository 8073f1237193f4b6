"""Publishing a survey: what changes for callers is shown first; and the versions they heard till now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import survey_askings, surveys
from cxcall.store.errors import Conflict
from cxcall.store.surveys import Survey, SurveyVersion
from cxcall.surveys.editing import Change, changes
from cxcall.surveys.problems import Problem
from cxcall.surveys.script import Part, Script
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.forms import field
from cxcall.web.pages.survey_builder import FORMER, tell
from cxcall.web.pages.survey_loading import Heard, done_of, heard, note_act, number_in, opened
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{id:[0-9a-f]+}"
VERSION = ONE + "/versions/{n:[1-9][0-9]{0,8}}"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    what: str
    kind: str
    title: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishView:
    """What is about to change. `errors` keep it from being published."""

    survey: Survey
    changes: Sequence[ChangeLine]
    errors: Sequence[tuple[str, str]]
    warnings: Sequence[tuple[str, str]]
    queues: Sequence[str]
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    survey: Survey
    versions: Sequence[SurveyVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCard:
    """A part as it is read, not changed: what is played, its keys, where it goes on."""

    kind: str
    icon: str
    title: str
    prompt: str
    keys: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    survey: Survey
    n: int
    cards: Sequence[ReadCard]
    changes: Sequence[ChangeLine]


@routes.get(ONE + "/publish")
@needs(Role.ADMIN)
async def ask(request: web.Request) -> web.Response:
    return page(request, "survey_publish.html", await _view(request))


@routes.post(ONE + "/publish")
@needs(Role.ADMIN)
async def publish(request: web.Request) -> web.StreamResponse:
    """Only what was shown is published: a draft that changed meanwhile is shown anew."""
    version = number_in(field(await request.post(), "version"))
    view = await _view(request)
    if view.errors or view.survey.state == "archived":
        return page(request, "survey_publish.html", view, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            survey = await surveys.publish(
                conn, view.survey.id, version=version, by=user_of(request).name, now=current().now
            )
            await note_act(
                request, conn, "survey.publish", f"survey:{survey.id}", name=survey.name, version=survey.published
            )
    except Conflict:
        return page(request, "survey_publish.html", await _view(request, _(words.CONFLICT_ACT)), status=409)
    tell(request, survey.id)
    raise web.HTTPSeeOther(f"{words.PATH}/{survey.id}?done=published")


@routes.get(ONE + "/versions")
@needs(Role.ADMIN)
async def show_versions(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        survey = await opened(conn, request)
        found = await surveys.versions(conn, survey.id)
    view = VersionsView(survey=survey, versions=found)
    return page(request, "survey_versions.html", view, done=done_of(request))


@routes.get(VERSION)
@needs(Role.ADMIN)
async def show_version(request: web.Request) -> web.Response:
    n = int(request.match_info["n"])
    async with request.app[ENGINE].connect() as conn:
        survey, known = await opened(conn, request), await heard(conn)
        script = await _script(conn, survey, n)
    view = VersionView(
        survey=survey, n=n, cards=[_card(part, known) for part in script.parts],
        changes=lines(changes(script, survey.draft)),
    )  # fmt: skip
    return page(request, "survey_version.html", view)


@routes.post(VERSION + "/restore")
@needs(Role.ADMIN)
async def restore(request: web.Request) -> web.StreamResponse:
    """The draft becomes what that version was; it can be taken back like any change."""
    n = int(request.match_info["n"])
    async with request.app[ENGINE].begin() as conn:
        survey = await opened(conn, request)
        script = await _script(conn, survey, n)
        try:
            after = await surveys.save_draft(
                conn, survey.id, script, version=survey.version, by=user_of(request).name, now=current().now
            )
        except Conflict:
            raise web.HTTPSeeOther(f"{words.PATH}/{survey.id}/versions") from None
        await note_act(request, conn, "survey.change", f"survey:{survey.id}", name=survey.name, restored=n)
    request.app[FORMER].put(survey.id, after.version, survey.draft)
    tell(request, survey.id)
    raise web.HTTPSeeOther(f"{words.PATH}/{survey.id}?done=version")


def lines(found: Sequence[Change]) -> list[ChangeLine]:
    """Differences in words."""
    return [
        ChangeLine(
            what=one.what,
            kind=_(words.CHANGES[one.what]),
            title=words.title_of(one.part) if one.part else _("The survey"),
            fields=[_(words.FIELDS.get(name, name)) for name in one.fields],
        )
        for one in found
    ]


async def _view(request: web.Request, message: str = "") -> PublishView:
    async with request.app[ENGINE].connect() as conn:
        survey, known = await opened(conn, request), await heard(conn)
        published = await surveys.script_of(conn, survey.id, survey.published) if survey.published else None
        asking = await survey_askings.of_survey(conn, survey.id)
    found = known.problems(survey.draft)
    said = [(one, _named(one, survey.draft)) for one in found]
    return PublishView(
        survey=survey,
        changes=lines(changes(published, survey.draft)),
        errors=[(one.part, text) for one, text in said if one.severity == "error"],
        warnings=[(one.part, text) for one, text in said if one.severity != "error"],
        queues=[one.queue for one in asking if one.asking.enabled],
        message=message,
    )


def _named(problem: Problem, script: Script) -> str:
    """A problem's sentence, with the title of its card before it."""
    part, text = script.part(problem.part), words.sentence(problem, script)
    return f"{words.title_of(part)}: {text}" if part else text


async def _script(conn: AsyncConnection, survey: Survey, n: int) -> Script:
    script = await surveys.script_of(conn, survey.id, n)
    if script is None:
        raise web.HTTPNotFound
    return script


def _card(part: Part, known: Heard) -> ReadCard:
    prompt = known.prompts.get(getattr(part, "prompt", ""))
    keys = [(key.key, words.said(key.label)) for key in getattr(part, "keys", ())]
    said = (prompt.texts.get(current().language) or prompt.name) if prompt else ""
    return ReadCard(
        kind=words.kind_of(part), icon=words.icon_of(part), title=words.title_of(part), prompt=said, keys=keys
    )
