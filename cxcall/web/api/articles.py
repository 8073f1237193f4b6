"""`/articles`: the knowledge base, read by everybody, written by supervisors and administrators."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.phrases import compile_phrase
from cxcall.store import articles
from cxcall.store.articles import Article, NoSuchArticle
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.keys import BUS
from cxcall.web.problems import Problem

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=50_000, pattern=r"\S")]
Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Phrases = Annotated[list[Phrase], msgspec.Meta(max_length=100)]
Queues = Annotated[list[Phrase], msgspec.Meta(max_length=200)]
Language = Literal["", "en", "fa"]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType
MOST = 1000


class ArticleQuery(PageQuery, frozen=True, kw_only=True):
    """Articles with words that begin with those of `q`."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""


class NewArticle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article to make. `phrases` bring it up as a hint; `language` "" and `queues` empty: any. `enabled` false:
    agents do not see it."""

    title: Title
    body: Body
    phrases: Phrases = []
    language: Language = ""
    queues: Queues = []
    enabled: bool = True


class ArticleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is not named stays."""

    version: Version = msgspec.UNSET
    title: Title | msgspec.UnsetType = msgspec.UNSET
    body: Body | msgspec.UnsetType = msgspec.UNSET
    phrases: Phrases | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
    queues: Queues | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class ShownArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article. `body` is plain text: lines that begin with #, - or 1. are headings, points and steps."""

    id: str
    version: int
    title: str
    body: str
    phrases: list[str]
    language: str
    queues: list[str]
    enabled: bool
    created_at: Time
    updated_at: Time
    updated_by: str


class ArticleList(msgspec.Struct, frozen=True, kw_only=True):
    """Articles by title; `next` is null on the last page."""

    items: list[ShownArticle]
    next: str | None


async def list_articles(asked: Asked[ArticleQuery, None]) -> ArticleList:
    """Agents find those that are open to them."""
    async with asked.engine.connect() as conn:
        found = await articles.search(conn, asked.query.q, enabled=None if asked.who.oversees else True, limit=MOST)
    rows, following = part(found, asked.query, lambda one: one.id)
    return ArticleList(items=[_shown(one) for one in rows], next=following)


async def create_article(asked: Asked[None, NewArticle]) -> Answer:
    body = asked.body
    _refuse_wordless(body.phrases)
    async with asked.engine.begin() as conn:
        made = await articles.create(
            conn, title=body.title.strip(), body=body.body, by=asked.who.name, now=asked.now, phrases=body.phrases,
            language=body.language, queues=body.queues, enabled=body.enabled,
        )  # fmt: skip
        await note_act(asked, conn, "article.create", f"article:{made.id}", {"title": made.title})
    _tell(asked)
    return _answer(made, {"Location": f"{ROOT}/articles/{made.id}"})


async def get_article(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def change_article(asked: Asked[None, ArticleChange]) -> Answer:
    """409 or 412 when somebody else changed it since `version`."""
    version = expected_version(asked.request, asked.body.version)
    given: dict[str, Any] = {
        name: value
        for name in ArticleChange.__struct_fields__
        if name != "version" and (value := getattr(asked.body, name)) is not msgspec.UNSET
    }
    _refuse_wordless(given.get("phrases", []))
    given |= {name: tuple(given[name]) for name in ("phrases", "queues") if name in given}
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            changed = replace(known, version=version.number, **given)
            saved = await articles.save(conn, changed, by=asked.who.name, now=asked.now)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchArticle as error:
            raise _gone() from error
        await note_act(asked, conn, "article.change", f"article:{saved.id}", {"changed": sorted(given)})
    _tell(asked)
    return _answer(saved)


async def delete_article(asked: Asked[None, None]) -> Answer:
    version = expected_version(asked.request, msgspec.UNSET)
    async with asked.engine.begin() as conn:
        known = await _found(asked, conn)
        try:
            await articles.remove(conn, known.id, version=version.number)
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchArticle as error:
            raise _gone() from error
        await note_act(asked, conn, "article.remove", f"article:{known.id}", {"title": known.title})
    _tell(asked)
    return Answer(status=204)


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Article:
    article = await articles.get(conn, asked.path["id"])
    if article is None or not (article.enabled or asked.who.oversees):
        raise _gone()
    return article


def _gone() -> Problem:
    return Problem(404, "There is no such article.")


def _refuse_wordless(phrases: list[str]) -> None:
    empty = [n for n, phrase in enumerate(phrases) if compile_phrase(phrase) is None]
    if empty:
        errors = [{"detail": "This phrase has no words.", "pointer": f"#/phrases/{n}"} for n in empty]
        raise Problem(422, "The article can't be kept as it is, see errors.", errors=errors)


def _tell(asked: Asked[Any, Any]) -> None:
    asked.request.app[BUS].publish("articles", {"changed": True})


def _shown(article: Article) -> ShownArticle:
    values = {name: getattr(article, name) for name in ShownArticle.__struct_fields__}
    return ShownArticle(**{**values, "phrases": list(article.phrases), "queues": list(article.queues)})


def _answer(article: Article, headers: dict[str, str] | None = None) -> Answer:
    return Answer(value=_shown(article), headers={"ETag": etag(article.version), **(headers or {})})


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="speech", scope=Scope.SPEECH_READ, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="speech", scope=Scope.SPEECH_WRITE, roles=tuple(OVERSEERS), **fields)


ENDPOINTS = (
    _read(path="/articles", handler=list_articles, summary="Search the knowledge base", query=ArticleQuery,
          gives=ArticleList),
    _write(method="POST", path="/articles", handler=create_article, summary="Write an article", body=NewArticle,
           gives=ShownArticle, status=201, gives_headers=("Location", "ETag")),
    _read(path="/articles/{id}", handler=get_article, summary="One article", gives=ShownArticle,
          gives_headers=("ETag",)),
    _write(method="PATCH", path="/articles/{id}", handler=change_article, summary="Change an article",
           body=ArticleChange, gives=ShownArticle, problems=(409, 412, 428), headers=("If-Match",),
           gives_headers=("ETag",)),
    _write(method="DELETE", path="/articles/{id}", handler=delete_article, summary="Remove an article", status=204,
           problems=(412, 428), headers=("If-Match",)),
)  # fmt: skip
