"""`/speech/categories`: what calls are searched for, its problems, and what it would find."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.category import Category, Hint, Kind, Rule, Texts, Tone, Where
from cxcall.speech.problems import problems
from cxcall.store import categories
from cxcall.store.categories import CategoryNameTaken, KeptCategory, NoSuchCategory
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS
from cxcall.web.pages.speech.category_sample import SAMPLES, tried
from cxcall.web.problems import Problem

READERS = tuple(OVERSEERS)
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
Sentence = Annotated[str, msgspec.Meta(max_length=500)]


class NewCategory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category to make. Any of `rules` finds it; `queues` empty: all; `alerts`: supervisors are told in the call."""

    name: Texts
    kind: Kind = "topic"
    tone: Tone = "neutral"
    rules: tuple[Rule, ...] = ()
    where: Where = "any"
    queues: tuple[str, ...] = ()
    hint: Hint | None = None
    alerts: bool = False
    enabled: bool = True


class CategoryChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays. `hint` null takes it out."""

    version: Version = msgspec.UNSET
    name: Texts | msgspec.UnsetType = msgspec.UNSET
    kind: Kind | msgspec.UnsetType = msgspec.UNSET
    tone: Tone | msgspec.UnsetType = msgspec.UNSET
    rules: tuple[Rule, ...] | msgspec.UnsetType = msgspec.UNSET
    where: Where | msgspec.UnsetType = msgspec.UNSET
    queues: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    hint: Hint | msgspec.UnsetType | None = msgspec.UNSET
    alerts: bool | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class CategoryTrial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category to be tried on the newest calls, and on a sentence. Nothing is kept."""

    category: NewCategory
    sentence: Sentence = ""


class ShownCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category as it is kept. `enabled` false: put away, not searched for."""

    id: str
    version: int
    name: Texts
    kind: Kind
    tone: Tone
    rules: tuple[Rule, ...]
    where: Where
    queues: tuple[str, ...]
    hint: Hint | None
    alerts: bool
    enabled: bool
    created_at: Time
    updated_at: Time
    updated_by: str


class CategoryList(msgspec.Struct, frozen=True, kw_only=True):
    """Categories by name, those put away too; `next` is null on the last page."""

    items: list[ShownCategory]
    next: str | None


class CategoryProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a field; an error keeps the category from being saved."""

    field: str
    code: str
    severity: Literal["error", "warning"]
    sentence: str


class TrialExample(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a call where it was found, at so many seconds of the transcript; numbers are hidden."""

    call: str | None
    at: float
    speaker: str
    quote: str


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """`found` in so many of `looked` calls (the newest of `calls` there are); `sentence`: pieces of the sentence from
    letter to before letter. With errors nothing is looked for."""

    problems: list[CategoryProblem]
    calls: int
    looked: int
    found: int
    examples: list[TrialExample]
    sentence: list[tuple[int, int]]


async def list_categories(asked: Asked[PageQuery, None]) -> CategoryList:
    async with asked.engine.connect() as conn:
        found = await categories.everything(conn)
    rows, following = part(found, asked.query, lambda kept: kept.id)
    return CategoryList(items=[_shown(kept) for kept in rows], next=following)


async def create_category(asked: Asked[None, NewCategory]) -> Answer:
    """422 with its errors, 409 when another category has this name."""
    made = _category(asked.body, "")
    _refuse_wrong(made)
    async with asked.engine.begin() as conn:
        try:
            kept = await categories.create(conn, made, by=asked.who.name, now=asked.now)
        except CategoryNameTaken as error:
            raise _taken(error) from error
        await note_act(asked, conn, "category.create", f"category:{kept.id}", {"name": dict(made.name)})
    _tell(asked)
    return _answer(kept, {"Location": f"{ROOT}/speech/categories/{kept.id}"})


async def get_category(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def change_category(asked: Asked[None, CategoryChange]) -> Answer:
    """409 or 412 when somebody else changed it since `version`, 409 also when the name is another category's."""
    version = expected_version(asked.request, asked.body.version)
    given = {
        name: value
        for name in CategoryChange.__struct_fields__
        if name != "version" and (value := getattr(asked.body, name)) is not msgspec.UNSET
    }
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        changed = msgspec.structs.replace(known.category, **given)
        _refuse_wrong(changed)
        try:
            kept = await categories.save(conn, changed, version=version.number, by=asked.who.name, now=asked.now)
        except CategoryNameTaken as error:
            raise _taken(error) from error
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchCategory as error:
            raise _gone() from error
        await note_act(asked, conn, "category.change", f"category:{kept.id}", {"changed": sorted(given)})
    _tell(asked)
    return _answer(kept)


async def delete_category(asked: Asked[None, None]) -> Answer:
    """Remove it for good; what it found in the past stays counted. To stop searching, change `enabled` instead."""
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            await categories.remove(conn, known.id, version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchCategory as error:
            raise _gone() from error
        await note_act(asked, conn, "category.remove", f"category:{known.id}", {"name": dict(known.category.name)})
    _tell(asked)
    return Answer(status=204)


async def try_category(asked: Asked[None, CategoryTrial]) -> TrialResult:
    """What a category would find in the newest 500 calls."""
    category = _category(asked.body.category, "trial")
    wrong = problems(category)
    shown = [CategoryProblem(field=one.field, code=one.code, severity=one.severity, sentence=one.text) for one in wrong]
    spans: list[tuple[int, int]] = []
    at = 0
    for text, hit in tried(category, asked.body.sentence):
        spans += [(at, at + len(text))] if hit else []
        at += len(text)
    if any(one.severity == "error" for one in wrong if one.field.startswith("rules")):
        return TrialResult(problems=shown, calls=0, looked=0, found=0, examples=[], sentence=spans)
    found = await asked.request.app[SAMPLES].look(asked.engine, None, category)
    examples = [
        TrialExample(call=one.call_id, at=one.at, speaker=one.speaker, quote="".join(text for text, _ in one.pieces))
        for one in found.examples
    ]
    return TrialResult(
        problems=shown, calls=found.of, looked=found.looked, found=found.after, examples=examples, sentence=spans
    )


def _category(body: NewCategory, id_: str) -> Category:
    return Category(id=id_, **{name: getattr(body, name) for name in NewCategory.__struct_fields__})


def _refuse_wrong(category: Category) -> None:
    wrong = [one for one in problems(category) if one.severity == "error"]
    if wrong:
        errors = [{"detail": one.text, "pointer": f"#/{one.field.replace('.', '/')}"} for one in wrong]
        raise Problem(422, "The category can't be kept as it is, see errors.", errors=errors)


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> KeptCategory:
    kept = await categories.get(conn, asked.path["id"])
    if kept is None:
        raise _gone()
    return kept


def _gone() -> Problem:
    return Problem(404, "There is no such category.")


def _taken(error: CategoryNameTaken) -> Problem:
    return Problem(409, str(error), errors=[{"detail": str(error), "pointer": "#/name"}])


def _tell(asked: Asked[Any, Any]) -> None:
    asked.request.app[BUS].publish("categories", {"changed": True})


def _shown(kept: KeptCategory) -> ShownCategory:
    body = {name: getattr(kept.category, name) for name in NewCategory.__struct_fields__}
    return ShownCategory(
        id=kept.id, version=kept.version, created_at=kept.created_at, updated_at=kept.updated_at,
        updated_by=kept.updated_by, **body,
    )  # fmt: skip


def _answer(kept: KeptCategory, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=_shown(kept), headers={"ETag": etag(kept.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="speech", scope=Scope.SPEECH_READ, roles=READERS, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="speech", scope=Scope.SPEECH_WRITE, roles=READERS, **fields)


ENDPOINTS = (
    _read(path="/speech/categories", handler=list_categories, summary="List categories", query=PageQuery,
          gives=CategoryList),
    _write(method="POST", path="/speech/categories", handler=create_category, summary="Make a category",
           body=NewCategory, gives=ShownCategory, status=201, problems=(409,), gives_headers=("Location", "ETag")),
    Endpoint(method="POST", path="/speech/categories/test", handler=try_category, summary="Try a category",
             tag="speech", scope=Scope.SPEECH_READ, roles=READERS, body=CategoryTrial, gives=TrialResult),
    _read(path="/speech/categories/{id}", handler=get_category, summary="One category", gives=ShownCategory,
          gives_headers=("ETag",)),
    _write(method="PATCH", path="/speech/categories/{id}", handler=change_category, summary="Change a category",
           body=CategoryChange, gives=ShownCategory, problems=(409, 412, 428), headers=("If-Match",),
           gives_headers=("ETag",)),
    _write(method="DELETE", path="/speech/categories/{id}", handler=delete_category, summary="Remove a category",
           status=204, problems=(412, 428), headers=("If-Match",)),
)  # fmt: skip
