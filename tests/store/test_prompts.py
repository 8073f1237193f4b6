"""Prompts in the database: one name each, a sound in use, one being listened to, one to go back to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.prompts.made import Made
from cxcall.store import prompts
from tests.store.plans import plans_of, reads_all_of


def made(letter: str, seconds: float = 1.5) -> Made:
    return Made(sha=letter * 64, wav=b"", wav16=b"", seconds=seconds, loudness=-20.0)


async def new(engine: AsyncEngine, name: str = "Thanks", **texts: str) -> str:
    async with engine.begin() as conn:
        return (await prompts.create(conn, name=name, texts=texts)).id


async def put(engine: AsyncEngine, id_: str, letter: str, language: str = "fa") -> prompts.Prompt:
    async with engine.begin() as conn:
        return await prompts.set_variant(
            conn, id_, language, made(letter), source="text", engine="espeak-ng", text="متشکریم", by="sara"
        )


def sha(sound: prompts.Sound | None) -> str:
    return sound.sha[0] if sound else ""


async def test_a_prompt_is_kept_with_its_texts_and_sounds(engine: AsyncEngine) -> None:
    id_ = await new(engine, "Thanks", fa="متشکریم", en="")
    await put(engine, id_, "a")
    async with engine.connect() as conn:
        prompt = await prompts.get(conn, id_)
        assert prompt is not None
        assert await prompts.everything(conn) == [prompt]
        assert await prompts.by_name(conn, "THANKS") == prompt
    assert (prompt.name, prompt.texts, prompt.version) == ("Thanks", {"fa": "متشکریم"}, 2)
    sound = prompt.variant("fa").sound
    assert sound is not None
    assert (sound.seconds, sound.loudness, sound.source, sound.engine, sound.by) == (
        1.5, -20.0, "text", "espeak-ng", "sara",
    )  # fmt: skip
    assert prompt.missing(("fa", "en")) == ("en",)


async def test_a_text_changed_after_it_was_said_makes_the_sound_outdated(engine: AsyncEngine) -> None:
    id_ = await new(engine, fa="متشکریم")
    assert not (await put(engine, id_, "a")).outdated("fa")
    async with engine.begin() as conn:
        prompt = await prompts.set_text(conn, id_, "fa", "  بسیار متشکریم  ")
    assert prompt.texts == {"fa": "بسیار متشکریم"}
    assert prompt.outdated("fa")
    assert not prompt.outdated("en")


async def test_names_are_taken_however_they_are_written_until_the_prompt_is_deleted(engine: AsyncEngine) -> None:
    first, second = await new(engine, "پیام ك"), await new(engine, "Other")
    async with engine.begin() as conn:
        with pytest.raises(prompts.PromptNameTaken):
            await prompts.create(conn, name="پیام  ک")
        with pytest.raises(prompts.PromptNameTaken):
            await prompts.rename(conn, second, "پیام ک")
        await prompts.remove(conn, first)
        assert (await prompts.rename(conn, second, "پیام ک")).name == "پیام ک"
        with pytest.raises(prompts.PromptNameTaken):
            await prompts.restore(conn, first)


async def test_a_change_based_on_an_old_version_is_refused(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    async with engine.begin() as conn:
        await prompts.rename(conn, id_, "New name", version=1)
    async with engine.begin() as conn:
        with pytest.raises(prompts.Conflict):
            await prompts.set_text(conn, id_, "en", "Thank you", version=1)
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.rename(conn, "0" * 26, "Name", version=1)


async def test_a_draft_is_heard_only_when_it_is_kept(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    await put(engine, id_, "a")
    async with engine.begin() as conn:
        waiting = await prompts.set_draft(conn, id_, "fa", made("b"), source="browser", by="sara")
        heard = await prompts.variants_of(conn, [id_])
        kept = await prompts.keep_draft(conn, id_, "fa")
        again = await prompts.keep_draft(conn, id_, "fa")
    assert (sha(waiting.variant("fa").sound), sha(waiting.variant("fa").draft)) == ("a", "b")
    assert sha(heard[id_]["fa"]) == "a"
    for prompt in (kept, again):
        variant = prompt.variant("fa")
        assert (sha(variant.sound), sha(variant.draft), sha(variant.previous)) == ("b", "", "a")
    async with engine.begin() as conn:
        await prompts.set_draft(conn, id_, "fa", made("c"), source="upload", by="sara")
        dropped = (await prompts.drop_draft(conn, id_, "fa")).variant("fa")
    assert (sha(dropped.sound), sha(dropped.draft), sha(dropped.previous)) == ("b", "", "a")


async def test_undo_goes_back_and_forth_also_over_a_removal(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    await put(engine, id_, "a")
    await put(engine, id_, "b")
    async with engine.begin() as conn:
        assert sha((await prompts.undo(conn, id_, "fa")).variant("fa").sound) == "a"
        assert sha((await prompts.undo(conn, id_, "fa")).variant("fa").sound) == "b"
        removed = (await prompts.remove_variant(conn, id_, "fa")).variant("fa")
        assert (sha(removed.sound), sha(removed.previous)) == ("", "b")
        assert await prompts.variants_of(conn, [id_]) == {id_: {}}
        again = (await prompts.remove_variant(conn, id_, "fa")).variant("fa")
        assert sha(again.previous) == "b", "removing nothing keeps the way back"
        back = (await prompts.undo(conn, id_, "fa")).variant("fa")
        assert (sha(back.sound), sha(back.previous)) == ("b", "")
        assert sha((await prompts.undo(conn, id_, "fa")).variant("fa").sound) == "b", "nothing to go back to"


async def test_the_same_sound_once_more_keeps_the_way_back(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    for letter in "abb":
        prompt = await put(engine, id_, letter)
    assert sha(prompt.variant("fa").previous) == "a"


async def test_a_prompt_in_use_is_not_deleted_and_a_deleted_one_comes_back_whole(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    await put(engine, id_, "a")
    async with engine.begin() as conn:
        with pytest.raises(prompts.PromptInUse) as refused:
            await prompts.remove(conn, id_, used_by=["After a call"])
        assert refused.value.surveys == ("After a call",)
        await prompts.remove(conn, id_)
        assert await prompts.get(conn, id_) is None
        assert await prompts.everything(conn) == []
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.remove(conn, id_)
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.keep_draft(conn, id_, "fa")
        assert sha((await prompts.restore(conn, id_)).variant("fa").sound) == "a"


async def test_a_sweep_forgets_what_nobody_wanted_for_a_week_and_names_the_files_to_keep(engine: AsyncEngine) -> None:
    kept, gone = await new(engine, "Kept"), await new(engine, "Gone")
    for letter in "ab":
        await put(engine, kept, letter)
    await put(engine, gone, "c")
    async with engine.begin() as conn:
        await prompts.set_draft(conn, kept, "en", made("d"), source="upload", by="sara")
        await prompts.remove(conn, gone)
        now = datetime.now(UTC)
        everything = await prompts.sweep(conn, now=now)
        later = await prompts.sweep(conn, now=now + timedelta(days=8))
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.restore(conn, gone)
    assert {sha_[0] for sha_ in everything} == set("abcd")
    assert {sha_[0] for sha_ in later} == set("ab")


async def test_two_who_change_a_prompt_at_once_leave_one_sound_in_use(engine: AsyncEngine) -> None:
    id_ = await new(engine)
    await asyncio.gather(*(put(engine, id_, letter) for letter in "abcdef"))
    async with engine.connect() as conn:
        prompt = await prompts.get(conn, id_)
    assert prompt is not None
    assert prompt.version == 7
    assert {sha(prompt.variant("fa").sound), sha(prompt.variant("fa").previous)} < set("abcdef")


async def test_what_a_call_hears_is_found_by_the_key(engine: AsyncEngine) -> None:
    ids = [await new(engine, f"Prompt {n}") for n in range(40)]
    for id_ in ids:
        await put(engine, id_, "a")
    plans: list[str] = []
    async with plans_of(engine, plans) as conn:
        if engine.dialect.name == "postgresql":
            await conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows would rather be read through
        found = await prompts.variants_of(conn, ids[:3])
    assert [sha(found[id_]["fa"]) for id_ in ids[:3]] == ["a", "a", "a"]
    assert plans
    assert not any(reads_all_of("prompt_variants", plan) for plan in plans)
