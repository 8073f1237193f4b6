"""Prompts: what callers hear, with a sound for each language and the way back from every change.

A language has up to three sounds: the `sound` callers hear, a `draft` that was made and listened to and is not in use
yet, and the `previous` one, which an undo brings back. Files are named by their content and never change
(`cxcall.store.prompt_files`); these rows say which of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key, tidy
from cxcall.prompts.made import Made
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.prompt_rows import (
    NoSuchPrompt,
    Prompt,
    Sound,
    Source,
    Variant,
    by_name,
    everything,
    existing,
    get,
    variants_of,
)
from cxcall.store.prompt_tables import prompt_variants, prompts

Slot = Literal["current", "draft", "previous"]

__all__ = [
    "Conflict",
    "NoSuchPrompt",
    "Prompt",
    "PromptInUse",
    "PromptNameTaken",
    "Slot",
    "Sound",
    "Source",
    "Variant",
    "by_name",
    "create",
    "drop_draft",
    "everything",
    "get",
    "keep_draft",
    "remove",
    "remove_variant",
    "rename",
    "restore",
    "set_draft",
    "set_text",
    "set_variant",
    "sweep",
    "undo",
    "variants_of",
]


class PromptNameTaken(Exception):
    """Another prompt has this name."""


class PromptInUse(Exception):
    """Surveys use this prompt; take it out of them first."""

    def __init__(self, surveys: Sequence[str]) -> None:
        super().__init__(PromptInUse.__doc__)
        self.surveys = tuple(surveys)


async def create(conn: AsyncConnection, *, name: str, texts: Mapping[str, str] | None = None) -> Prompt:
    """A new prompt without sounds; raises `PromptNameTaken`."""
    now, id_ = datetime.now(UTC), new_id()
    await _refuse_taken(conn, name, id_)
    values = {
        "id": id_, "version": 1, **_named(name), "texts": _encoded(texts or {}), "created_at": now, "updated_at": now,
        "deleted_at": None,
    }  # fmt: skip
    try:
        await conn.execute(prompts.insert(), values)
    except IntegrityError:
        raise PromptNameTaken(PromptNameTaken.__doc__) from None
    return await existing(conn, id_)


async def rename(conn: AsyncConnection, prompt_id: str, name: str, *, version: int | None = None) -> Prompt:
    """Give a prompt another name. Raises `PromptNameTaken`, `NoSuchPrompt`, and `Conflict` when it is no longer at
    `version`."""
    await _change(conn, prompt_id, version)
    await _refuse_taken(conn, name, prompt_id)
    try:
        await conn.execute(update(prompts).where(prompts.c.id == prompt_id).values(**_named(name)))
    except IntegrityError:
        raise PromptNameTaken(PromptNameTaken.__doc__) from None
    return await existing(conn, prompt_id)


async def set_text(
    conn: AsyncConnection, prompt_id: str, language: str, text: str, *, version: int | None = None
) -> Prompt:
    """Write what is said in `language`; its sound stays as it is. Raises `NoSuchPrompt`, `Conflict` as `rename`."""
    await _change(conn, prompt_id, version)
    known = await existing(conn, prompt_id)
    texts = {**known.texts, language: text.strip()}
    await conn.execute(update(prompts).where(prompts.c.id == prompt_id).values(texts=_encoded(texts)))
    return await existing(conn, prompt_id)


async def remove(conn: AsyncConnection, prompt_id: str, *, used_by: Sequence[str] = ()) -> None:
    """Take a prompt off the list; `restore` brings it back. Raises `NoSuchPrompt`, and `PromptInUse` when `used_by`
    names surveys."""
    if used_by:
        raise PromptInUse(used_by)
    await _change(conn, prompt_id)
    await conn.execute(update(prompts).where(prompts.c.id == prompt_id).values(deleted_at=datetime.now(UTC)))


async def restore(conn: AsyncConnection, prompt_id: str) -> Prompt:
    """Bring a deleted prompt back. Raises `NoSuchPrompt`, and `PromptNameTaken` when another has its name by now."""
    gone = (await conn.execute(select(prompts).where(prompts.c.id == prompt_id))).first()
    if gone is None:
        raise NoSuchPrompt(NoSuchPrompt.__doc__)
    await _refuse_taken(conn, gone.name, prompt_id)
    try:
        await conn.execute(update(prompts).where(prompts.c.id == prompt_id).values(deleted_at=None))
    except IntegrityError:
        raise PromptNameTaken(PromptNameTaken.__doc__) from None
    return await existing(conn, prompt_id)


async def set_variant(
    conn: AsyncConnection,
    prompt_id: str,
    language: str,
    made: Made,
    *,
    source: Source,
    by: str,
    engine: str = "",
    text: str = "",
) -> Prompt:
    """Callers hear `made` from now on; what they heard is kept for an undo, a draft is dropped.

    Raises `NoSuchPrompt`.
    """
    await _change(conn, prompt_id)
    await _put(conn, prompt_id, language, "draft", _row(made, source=source, by=by, engine=engine, text=text))
    await _promote(conn, prompt_id, language)
    return await existing(conn, prompt_id)


async def set_draft(
    conn: AsyncConnection,
    prompt_id: str,
    language: str,
    made: Made,
    *,
    source: Source,
    by: str,
    engine: str = "",
    text: str = "",
) -> Prompt:
    """Keep `made` to be listened to: callers hear it after `keep_draft`. Replaces the draft before it.

    Raises `NoSuchPrompt`.
    """
    await _change(conn, prompt_id)
    await _put(conn, prompt_id, language, "draft", _row(made, source=source, by=by, engine=engine, text=text))
    return await existing(conn, prompt_id)


async def keep_draft(conn: AsyncConnection, prompt_id: str, language: str) -> Prompt:
    """Callers hear the draft from now on; without one nothing changes. Raises `NoSuchPrompt`."""
    await _change(conn, prompt_id)
    await _promote(conn, prompt_id, language)
    return await existing(conn, prompt_id)


async def drop_draft(conn: AsyncConnection, prompt_id: str, language: str) -> Prompt:
    """Forget the draft. Raises `NoSuchPrompt`."""
    await _change(conn, prompt_id)
    await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, "draft")))
    return await existing(conn, prompt_id)


async def remove_variant(conn: AsyncConnection, prompt_id: str, language: str) -> Prompt:
    """Callers hear nothing in `language` from now on; `undo` brings the sound back. Raises `NoSuchPrompt`."""
    await _change(conn, prompt_id)
    known = await existing(conn, prompt_id)
    if known.variant(language).sound is not None:
        await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, "previous")))
        await _move(conn, prompt_id, language, "current", "previous")
    return await existing(conn, prompt_id)


async def undo(conn: AsyncConnection, prompt_id: str, language: str) -> Prompt:
    """What callers heard before comes back; a second undo takes that back. Raises `NoSuchPrompt`."""
    await _change(conn, prompt_id)
    known = (await existing(conn, prompt_id)).variant(language)
    if known.previous is not None:
        await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, "previous")))
        await _move(conn, prompt_id, language, "current", "previous")
        await _put(conn, prompt_id, language, "current", _row_of(known.previous))
    return await existing(conn, prompt_id)


async def sweep(conn: AsyncConnection, *, now: datetime, days: int = 7) -> frozenset[str]:
    """Forget prompts deleted, and drafts made, more than `days` ago. Returns every `sha` that is still to be kept."""
    before = now - timedelta(days=days)
    await conn.execute(delete(prompts).where(prompts.c.deleted_at < before))
    await conn.execute(
        delete(prompt_variants).where(prompt_variants.c.slot == "draft", prompt_variants.c.made_at < before)
    )
    return frozenset((await conn.scalars(select(prompt_variants.c.sha).distinct())).all())


async def _change(conn: AsyncConnection, prompt_id: str, version: int | None = None) -> None:
    """Count a change; on PostgreSQL the next change of this prompt waits for this transaction."""
    mine = (prompts.c.id == prompt_id, prompts.c.deleted_at.is_(None))
    fitting = mine if version is None else (*mine, prompts.c.version == version)
    done = await conn.execute(
        update(prompts).where(*fitting).values(version=prompts.c.version + 1, updated_at=datetime.now(UTC))
    )
    if done.rowcount == 0:
        await existing(conn, prompt_id)
        raise Conflict(Conflict.__doc__)


async def _refuse_taken(conn: AsyncConnection, name: str, mine: str) -> None:
    other = await by_name(conn, name)
    if other is not None and other.id != mine:
        raise PromptNameTaken(PromptNameTaken.__doc__)


async def _promote(conn: AsyncConnection, prompt_id: str, language: str) -> None:
    """The draft becomes what callers hear. The same sound once more is no change to take back."""
    known = (await existing(conn, prompt_id)).variant(language)
    if known.draft is None:
        return
    if known.sound is not None and known.sound.sha == known.draft.sha:
        await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, "current")))
    else:
        await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, "previous")))
        await _move(conn, prompt_id, language, "current", "previous")
    await _move(conn, prompt_id, language, "draft", "current")


async def _put(conn: AsyncConnection, prompt_id: str, language: str, slot: Slot, row: Mapping[str, Any]) -> None:
    await conn.execute(delete(prompt_variants).where(*_at(prompt_id, language, slot)))
    await conn.execute(prompt_variants.insert().values(prompt_id=prompt_id, language=language, slot=slot, **row))


async def _move(conn: AsyncConnection, prompt_id: str, language: str, slot: Slot, to: Slot) -> None:
    await conn.execute(update(prompt_variants).where(*_at(prompt_id, language, slot)).values(slot=to))


def _at(prompt_id: str, language: str, slot: Slot) -> tuple[Any, ...]:
    columns = prompt_variants.c
    return columns.prompt_id == prompt_id, columns.language == language, columns.slot == slot


def _row(made: Made, *, source: Source, by: str, engine: str, text: str) -> dict[str, Any]:
    return {
        "sha": made.sha, "seconds": made.seconds, "loudness": made.loudness, "source": source, "engine": engine,
        "text": text, "made_at": datetime.now(UTC), "by": by,
    }  # fmt: skip


def _row_of(sound: Sound) -> dict[str, Any]:
    return {name: getattr(sound, name) for name in Sound.__dataclass_fields__}


def _named(name: str) -> dict[str, str]:
    return {"name": tidy(name), "name_key": search_key(name)}


def _encoded(texts: Mapping[str, str]) -> str:
    return msgspec.json.encode({language: text for language, text in texts.items() if text}).decode()
