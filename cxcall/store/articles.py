"""The knowledge base: articles agents are pointed to, found by the beginnings of their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import sort_key, words
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.search import begins_with
from cxcall.store.speech_tables import article_words, articles

_MOST_WORDS = 8


class NoSuchArticle(Exception):
    """There is no such article (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article. `phrases`: what people say when they need it; `language` "" and `queues` empty: any."""

    id: str
    version: int
    title: str
    body: str
    phrases: tuple[str, ...]
    language: str
    queues: tuple[str, ...]
    enabled: bool
    created_at: datetime
    updated_at: datetime
    updated_by: str


async def create(
    conn: AsyncConnection,
    *,
    title: str,
    body: str,
    by: str,
    now: datetime,
    phrases: Sequence[str] = (),
    language: str = "",
    queues: Sequence[str] = (),
    enabled: bool = True,
    article_id: str = "",
) -> Article:
    """A new article; `article_id`: that of one that was removed and comes back."""
    article = Article(
        id=article_id or new_id(), version=1, title=title, body=body, phrases=tuple(phrases), language=language,
        queues=tuple(queues), enabled=enabled, created_at=now, updated_at=now, updated_by=by,
    )  # fmt: skip
    await conn.execute(articles.insert().values(id=article.id, version=1, created_at=now, **_columns(article)))
    await _index(conn, article)
    return article


async def get(conn: AsyncConnection, article_id: str) -> Article | None:
    """An article by id."""
    row = (await conn.execute(select(articles).where(articles.c.id == article_id))).first()
    return _of_row(row) if row else None


async def everything(conn: AsyncConnection, *, enabled: bool | None = None, limit: int = 1000) -> list[Article]:
    """Articles by title; `enabled` None: those that are off too."""
    return await search(conn, "", enabled=enabled, limit=limit)


async def search(conn: AsyncConnection, text: str, *, enabled: bool | None = None, limit: int = 50) -> list[Article]:
    """Articles that have, for each word of `text`, a word that begins with it, by title."""
    conditions = [
        articles.c.id.in_(select(article_words.c.article_id).where(begins_with(article_words.c.word, word)))
        for word in words(text)[:_MOST_WORDS]
    ]
    conditions += [articles.c.enabled.is_(enabled)] if enabled is not None else []
    query = select(articles).where(and_(True, *conditions)).order_by(articles.c.title_key, articles.c.id).limit(limit)
    return [_of_row(row) for row in await conn.execute(query)]


async def save(conn: AsyncConnection, article: Article, *, by: str, now: datetime) -> Article:
    """Save an article over `article.version`. Raises `Conflict` (with the article now), `NoSuchArticle`."""
    over = (articles.c.id == article.id, articles.c.version == article.version)
    values = _columns(article) | {"version": article.version + 1, "updated_at": now, "updated_by": by}
    row = (await conn.execute(update(articles).where(*over).values(values).returning(articles))).first()
    if row is None:
        raise await _refused(conn, article.id)
    saved = _of_row(row)
    await _index(conn, saved)
    return saved


async def remove(conn: AsyncConnection, article_id: str, *, version: int) -> None:
    """Remove an article. Raises `Conflict` (with the article now), `NoSuchArticle`."""
    over = (articles.c.id == article_id, articles.c.version == version)
    if not (await conn.execute(delete(articles).where(*over))).rowcount:
        raise await _refused(conn, article_id)


async def _refused(conn: AsyncConnection, article_id: str) -> Exception:
    current = await get(conn, article_id)
    return NoSuchArticle(NoSuchArticle.__doc__) if current is None else Conflict(current)


async def _index(conn: AsyncConnection, article: Article) -> None:
    found = dict.fromkeys(word for text in (article.title, article.body, *article.phrases) for word in words(text))
    await conn.execute(delete(article_words).where(article_words.c.article_id == article.id))
    if found:
        await conn.execute(article_words.insert(), [{"article_id": article.id, "word": word} for word in found])


def _columns(article: Article) -> dict[str, Any]:
    return {
        "title": article.title, "title_key": sort_key(article.title), "body": article.body,
        "phrases": msgspec.json.encode(article.phrases).decode(), "language": article.language,
        "queues": msgspec.json.encode(article.queues).decode(), "enabled": article.enabled,
        "updated_at": article.updated_at, "updated_by": article.updated_by,
    }  # fmt: skip


def _of_row(row: Row[Any]) -> Article:
    values = {name: value for name, value in row._mapping.items() if name != "title_key"}
    values["phrases"] = msgspec.json.decode(row.phrases, type=tuple[str, ...])
    values["queues"] = msgspec.json.decode(row.queues, type=tuple[str, ...])
    return Article(**values)
