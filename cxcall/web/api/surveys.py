"""`/surveys`: scripts as drafts and published versions, the rules that follow an answer, and their problems."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import prompts, surveys
from cxcall.store.errors import Conflict
from cxcall.store.surveys import KEEP, Survey, SurveyNameTaken
from cxcall.surveys import checking
from cxcall.surveys.closing import Rule
from cxcall.surveys.script import Script
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import Expected, etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
Goal = Annotated[float, msgspec.Meta(ge=-100, le=100, description="Net promoter score aimed at.")]
READERS, WRITERS = tuple(OVERSEERS), (Role.ADMIN,)


class SurveyQuery(PageQuery, frozen=True, kw_only=True):
    """Surveys of one state."""

    state: Literal["active", "archived"] = "active"


class NewSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey to make. Nobody is asked it before it is published and a queue asks it."""

    name: Name
    draft: Script = Script()
    rules: list[Rule] = []
    goal_nps: Goal | None = None


class SurveyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different; what is not named stays. The rules hold at once, the draft when it is published."""

    version: Version = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    draft: Script | msgspec.UnsetType = msgspec.UNSET
    rules: list[Rule] | msgspec.UnsetType = msgspec.UNSET
    goal_nps: Goal | msgspec.UnsetType | None = msgspec.UNSET


class Based(msgspec.Struct, frozen=True, kw_only=True):
    """The version an act is based on (or use If-Match)."""

    version: Version = msgspec.UNSET


class ListedSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey without its script. `published` is the version callers hear, null before the first."""

    id: str
    version: int
    name: str
    goal_nps: float | None
    state: Literal["active", "archived"]
    published: int | None
    created_at: Time
    updated_at: Time
    updated_by: str


class SurveyList(msgspec.Struct, frozen=True, kw_only=True):
    """Surveys by name; `next` is null on the last page."""

    items: list[ListedSurvey]
    next: str | None


class ShownSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey with its draft and rules."""

    id: str
    version: int
    name: str
    draft: Script
    rules: list[Rule]
    goal_nps: float | None
    state: Literal["active", "archived"]
    published: int | None
    created_at: Time
    updated_at: Time
    updated_by: str


class SurveyProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a draft. `part` is the card's id, "" for the whole; an error keeps it from being published."""

    part: str
    field: str
    code: str
    severity: Literal["error", "warning"]
    sentence: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """Every problem of the draft, and whether it may be published as it is."""

    can_publish: bool
    problems: list[SurveyProblem]


class PublishedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A script that was published once and never changes."""

    n: int
    published_at: Time
    by: str


class VersionList(msgspec.Struct, frozen=True, kw_only=True):
    """Published versions, newest first; `next` is null on the last page."""

    items: list[PublishedVersion]
    next: str | None


async def list_surveys(asked: Asked[SurveyQuery, None]) -> SurveyList:
    async with asked.engine.connect() as conn:
        found = await surveys.everything(conn, state=asked.query.state)
    rows, following = part(found, asked.query, lambda survey: survey.id)
    items = [ListedSurvey(**{name: getattr(row, name) for name in ListedSurvey.__struct_fields__}) for row in rows]
    return SurveyList(items=items, next=following)


async def create_survey(asked: Asked[None, NewSurvey]) -> Answer:
    """409 when another survey has this name."""
    body = asked.body
    async with asked.engine.begin() as conn:
        try:
            survey = await surveys.create(
                conn, name=body.name, draft=body.draft, rules=body.rules, goal_nps=body.goal_nps, by=asked.who.name,
                now=asked.now,
            )  # fmt: skip
        except SurveyNameTaken as error:
            raise _taken(error) from error
        await note_act(asked, conn, "survey.create", f"survey:{survey.id}", {"name": survey.name})
    return _answer(survey, {"Location": f"{ROOT}/surveys/{survey.id}"})


async def get_survey(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def change_survey(asked: Asked[None, SurveyChange]) -> Answer:
    """409 or 412 when somebody else changed it since `version`, 409 also when the name is another survey's."""
    body = asked.body
    version = expected_version(asked.request, body.version)
    given: dict[str, Any] = {
        name: value
        for name in ("name", "draft", "rules", "goal_nps")
        if (value := getattr(body, name)) is not msgspec.UNSET
    }
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            survey = await surveys.change(
                conn, known.id, version=version.number, by=asked.who.name, now=asked.now, **{"goal_nps": KEEP, **given}
            )
        except SurveyNameTaken as error:
            raise _taken(error) from error
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "survey.change", f"survey:{survey.id}", {"changed": sorted(given)})
    return _answer(survey)


async def check_survey(asked: Asked[None, None]) -> Checked:
    async with asked.engine.connect() as conn:
        survey = await _found(asked, conn)
        return await _checked(conn, survey)


async def publish_survey(asked: Asked[None, Based]) -> Answer:
    """Callers hear the draft from now on, as a version that never changes. 422 while it has errors."""
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        checked = await _checked(conn, known)
        if not checked.can_publish:
            errors = [
                {"detail": one.sentence, "pointer": f"#/draft/{one.part}/{one.field}"}
                for one in checked.problems
                if one.severity == "error"
            ]
            raise Problem(422, "The survey can't be published as it is, see errors.", errors=errors)
        survey = await _act(asked, conn, version, "publish", known)
    return _answer(survey)


async def archive_survey(asked: Asked[None, Based]) -> Answer:
    """Nobody is asked any more; what was answered stays."""
    return await _switched(asked, "archive")


async def restore_survey(asked: Asked[None, Based]) -> Answer:
    """Take an archived survey up again."""
    return await _switched(asked, "restore")


async def list_survey_versions(asked: Asked[PageQuery, None]) -> VersionList:
    async with asked.engine.connect() as conn:
        survey = await _found(asked, conn)
        found = await surveys.versions(conn, survey.id)
    rows, following = part(found, asked.query, lambda one: str(one.n))
    items = [PublishedVersion(n=one.n, published_at=one.published_at, by=one.by) for one in rows]
    return VersionList(items=items, next=following)


async def get_survey_version(asked: Asked[None, None]) -> Script:
    """The script of a published version."""
    n = asked.path["n"]
    async with asked.engine.connect() as conn:
        survey = await _found(asked, conn)
        known = n.isascii() and n.isdecimal() and len(n) < 10
        script = await surveys.script_of(conn, survey.id, int(n)) if known else None
    if script is None:
        raise Problem(404, "There is no such version of this survey.")
    return script


async def _switched(asked: Asked[None, Based], act: Literal["archive", "restore"]) -> Answer:
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        survey = await _act(asked, conn, version, act, await _found(asked, conn))
    return _answer(survey)


async def _act(
    asked: Asked[None, Any],
    conn: AsyncConnection,
    version: Expected,
    act: Literal["publish", "archive", "restore"],
    known: Survey,
) -> Survey:
    do = {"publish": surveys.publish, "archive": surveys.archive, "restore": surveys.restore}[act]
    try:
        survey = await do(conn, known.id, version=version.number, by=asked.who.name, now=asked.now)
    except Conflict as error:
        raise version.outdated() from error
    await note_act(asked, conn, f"survey.{act}", f"survey:{survey.id}", {"published": survey.published})
    return survey


async def _checked(conn: AsyncConnection, survey: Survey) -> Checked:
    heard = {
        prompt.id: [language for language, variant in prompt.variants.items() if variant.sound]
        for prompt in await prompts.everything(conn)
    }
    found = checking.problems(survey.draft, heard)
    shown = [
        SurveyProblem(part=one.part, field=one.field, code=one.code, severity=one.severity, sentence=one.text)
        for one in found
    ]
    return Checked(can_publish=checking.can_publish(found), problems=shown)


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Survey:
    """The survey of the path, archived ones too. Raises Problem 404."""
    survey = await surveys.get(conn, asked.path["id"])
    if survey is None:
        raise Problem(404, "There is no such survey.")
    return survey


def _taken(error: SurveyNameTaken) -> Problem:
    return Problem(409, str(error), errors=[{"detail": str(error), "pointer": "#/name"}])


def _answer(survey: Survey, headers: dict[str, str] | None = None) -> Answer:
    values = {name: getattr(survey, name) for name in ShownSurvey.__struct_fields__}
    shown = ShownSurvey(**{**values, "rules": list(survey.rules)})
    return Answer(value=shown, headers={"ETag": etag(survey.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="surveys", scope=Scope.SURVEYS_READ, roles=READERS, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="surveys", scope=Scope.SURVEYS_WRITE, roles=WRITERS, gives=ShownSurvey, **fields)


_VERSIONED: dict[str, Any] = {"problems": (409, 412, 428), "headers": ("If-Match",), "gives_headers": ("ETag",)}

ENDPOINTS = (
    _read(path="/surveys", handler=list_surveys, summary="List surveys", query=SurveyQuery, gives=SurveyList),
    _write(method="POST", path="/surveys", handler=create_survey, summary="Make a survey", body=NewSurvey, status=201,
           problems=(409,), gives_headers=("Location", "ETag")),
    _read(path="/surveys/{id}", handler=get_survey, summary="One survey with its draft and rules", gives=ShownSurvey,
          gives_headers=("ETag",)),
    _write(method="PATCH", path="/surveys/{id}", handler=change_survey, summary="Change a survey", body=SurveyChange,
           **_VERSIONED),
    _read(path="/surveys/{id}/problems", handler=check_survey, summary="What is wrong with the draft", gives=Checked),
    _write(method="POST", path="/surveys/{id}/publish", handler=publish_survey, summary="Publish the draft",
           body=Based, **_VERSIONED),
    _write(method="POST", path="/surveys/{id}/archive", handler=archive_survey, summary="Put a survey away",
           body=Based, **_VERSIONED),
    _write(method="POST", path="/surveys/{id}/restore", handler=restore_survey, summary="Take a survey up again",
           body=Based, **_VERSIONED),
    _read(path="/surveys/{id}/versions", handler=list_survey_versions, summary="Published versions", query=PageQuery,
          gives=VersionList),
    _read(path="/surveys/{id}/versions/{n}", handler=get_survey_version, summary="The script of a version",
          gives=Script),
)  # fmt: skip
