"""Prompts as they are kept: what callers hear in each language, and reading it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key, sort_key
from cxcall.prompts.made import LANGUAGES
from cxcall.store.prompt_tables import prompt_variants, prompts

Source = Literal["text", "upload", "browser", "phone"]


class NoSuchPrompt(Exception):
    """There is no such prompt (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One recording. `sha` names its files, `text` is what an `engine` said, `by` the login name of who made it."""

    sha: str
    seconds: float
    loudness: float
    source: Source
    engine: str
    text: str
    made_at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A prompt in one language."""

    language: str
    sound: Sound | None = None
    draft: Sound | None = None
    previous: Sound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`version` counts the changes, 1 = none yet. `texts` and `variants` go by language."""

    id: str
    version: int
    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime

    def variant(self, language: str) -> Variant:
        """The variant of `language`, an empty one when nothing was made yet."""
        return self.variants.get(language) or Variant(language=language)

    def missing(self, languages: Collection[str] = LANGUAGES) -> tuple[str, ...]:
        """The languages whose callers would hear nothing."""
        return tuple(language for language in languages if self.variant(language).sound is None)

    def outdated(self, language: str) -> bool:
        """Whether the text was changed after an engine had said it."""
        sound = self.variant(language).sound
        return sound is not None and sound.source == "text" and sound.text != self.texts.get(language, "")


async def everything(conn: AsyncConnection) -> list[Prompt]:
    """All prompts by name. A site has dozens."""
    rows = (await conn.execute(select(prompts).where(prompts.c.deleted_at.is_(None)))).all()
    return await _prompts(conn, sorted(rows, key=lambda row: (sort_key(row.name), row.id)))


async def get(conn: AsyncConnection, prompt_id: str) -> Prompt | None:
    """A prompt by id; None also when it was deleted."""
    return await _one(conn, prompts.c.id == prompt_id)


async def by_name(conn: AsyncConnection, name: str) -> Prompt | None:
    """A prompt by name, however its letters are written."""
    return await _one(conn, prompts.c.name_key == search_key(name))


async def variants_of(conn: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, Sound]]:
    """What callers hear of these prompts: by id and language, without the languages that have nothing."""
    query = select(prompt_variants).where(
        prompt_variants.c.prompt_id.in_(sorted(set(ids))), prompt_variants.c.slot == "current"
    )
    found: dict[str, dict[str, Sound]] = {id_: {} for id_ in ids}
    for row in await conn.execute(query):
        found[row.prompt_id][row.language] = _sound(row)
    return found


async def _one(conn: AsyncConnection, where: Any) -> Prompt | None:
    row = (await conn.execute(select(prompts).where(where, prompts.c.deleted_at.is_(None)))).first()
    return (await _prompts(conn, [row]))[0] if row is not None else None


async def existing(conn: AsyncConnection, prompt_id: str) -> Prompt:
    """As `get`; raises `NoSuchPrompt`."""
    prompt = await get(conn, prompt_id)
    if prompt is None:
        raise NoSuchPrompt(NoSuchPrompt.__doc__)
    return prompt


async def _prompts(conn: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Prompt]:
    ids = [row.id for row in rows]
    slots: dict[str, dict[str, dict[str, Sound]]] = {id_: {} for id_ in ids}
    for row in await conn.execute(select(prompt_variants).where(prompt_variants.c.prompt_id.in_(ids))):
        slots[row.prompt_id].setdefault(row.language, {})[row.slot] = _sound(row)
    return [_prompt(row, slots[row.id]) for row in rows]


def _prompt(row: Row[Any], slots: Mapping[str, Mapping[str, Sound]]) -> Prompt:
    variants = {
        language: Variant(
            language=language, sound=by_slot.get("current"), draft=by_slot.get("draft"),
            previous=by_slot.get("previous"),
        )
        for language, by_slot in slots.items()
    }  # fmt: skip
    return Prompt(
        id=row.id,
        version=row.version,
        name=row.name,
        texts=msgspec.json.decode(row.texts, type=dict[str, str]),
        variants=variants,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _sound(row: Row[Any]) -> Sound:
    return Sound(**{name: getattr(row, name) for name in Sound.__dataclass_fields__})
