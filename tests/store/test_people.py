"""Users, sessions, tokens, failed logins, notes, the log of acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import attempts, audit, calls, notes, sessions, tokens, users
from cxcall.store.attempts import ADDRESS_LIMIT, NAME_LIMIT
from cxcall.store.notes import NoteConflict
from cxcall.store.people_tables import sessions as sessions_table
from cxcall.store.people_tables import tokens as tokens_table
from cxcall.store.users import Conflict, LastAdmin, NameTaken, NoSuchUser, User
from tests.store.make import MORNING, REGION, after, queue_call, ringing, write

HOUR = timedelta(hours=1)


async def add(conn: AsyncConnection, name: str = "sara", role: users.RoleName = "agent", **other: Any) -> User:
    return await users.create(conn, name=name, role=role, password_hash="hash", **other)


async def test_a_user_is_kept_with_phones_in_order(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await add(conn, "Sara", display_name="سارا كريمي", extensions=["PJSIP/1002", "PJSIP/1001", "PJSIP/1002"])
        assert (made.name, made.display_name, made.disabled, made.preferences) == ("Sara", "سارا کریمی", False, {})
        assert made.extensions == ("PJSIP/1002", "PJSIP/1001")
        assert await users.by_name(conn, " SARA ") == made
        assert await users.everyone(conn) == [made]
        assert await users.with_extension(conn, "PJSIP/1001") == [made]
        assert await users.names_of_extensions(conn) == {"PJSIP/1001": "سارا کریمی", "PJSIP/1002": "سارا کریمی"}
        assert await users.password_hash(conn, made.id) == "hash"
        assert await users.count(conn) == 1
        assert await users.by_name(conn, "nobody") is None


async def test_names_that_look_alike_are_one_name(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        sara, other = await add(conn, "sara"), await add(conn, "omid")
        for name in ("Sara", " sara", "SARA"):
            with pytest.raises(NameTaken):
                await add(conn, name)
        with pytest.raises(NameTaken):
            await users.change(conn, other.id, name="Sara")
        assert (await users.change(conn, sara.id, name="SARA")).name == "SARA"


async def test_a_change_over_another_ones_change_is_a_conflict(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await add(conn)
        now = await users.change(conn, made.id, version=1, display_name="Sara K", extensions=["PJSIP/1009"])
        assert (now.version, now.display_name, now.extensions) == (2, "Sara K", ("PJSIP/1009",))
        with pytest.raises(Conflict):
            await users.change(conn, made.id, version=1, display_name="x")
        with pytest.raises(NoSuchUser):
            await users.change(conn, "nobody", display_name="x")
        with pytest.raises(TypeError):
            await users.change(conn, made.id, password="x")


async def test_the_last_admin_who_can_sign_in_stays(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first, second = await add(conn, "first", "admin"), await add(conn, "second", "admin")
        await users.change(conn, second.id, disabled=True)
        for attempt in ({"disabled": True}, {"role": "agent"}):
            with pytest.raises(LastAdmin):
                await users.change(conn, first.id, **attempt)
        with pytest.raises(LastAdmin):
            await users.remove(conn, first.id)
        assert (await users.change(conn, first.id, display_name="Still here")).role == "admin"
        await users.change(conn, second.id, disabled=False)
        await users.remove(conn, first.id)
        assert await users.get(conn, first.id) is None


async def test_preferences_are_set_one_by_one(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await add(conn)
        await users.set_preferences(conn, made.id, {"theme": "dark", "digits": "fa"})
        assert await users.set_preferences(conn, made.id, {"digits": None, "keys": {"answer": "A"}}) == {
            "theme": "dark",
            "keys": {"answer": "A"},
        }
        again = await users.get(conn, made.id)
        assert again is not None
        assert again.preferences == {"theme": "dark", "keys": {"answer": "A"}}
        with pytest.raises(NoSuchUser):
            await users.set_preferences(conn, "nobody", {"theme": "dark"})


async def test_a_session_lives_until_it_expires_or_is_ended(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        user = await add(conn)
        secret = await sessions.start(conn, user.id, now=MORNING, lifetime=HOUR, address="192.0.2.7", browser="x" * 900)
        session = await sessions.find(conn, secret, now=MORNING)
        assert session is not None
        assert (session.user_id, session.address, len(session.browser)) == (user.id, "192.0.2.7", 200)
        assert secret not in str((await conn.execute(select(sessions_table))).all())
        assert await sessions.find(conn, secret, now=MORNING + HOUR) is None
        await sessions.touch(conn, session.id_hash, now=MORNING + HOUR / 2, lifetime=HOUR)
        assert await sessions.find(conn, secret, now=MORNING + HOUR) is not None
        assert await sessions.find(conn, "guess", now=MORNING) is None
        await sessions.end(conn, session.id_hash, user_id="someone else")
        assert len(await sessions.of_user(conn, user.id, now=MORNING)) == 1
        await sessions.end(conn, session.id_hash, user_id=user.id)
        assert await sessions.find(conn, secret, now=MORNING) is None


async def test_a_new_password_and_a_disabled_user_end_sessions(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        user = await add(conn)
        secrets = [await sessions.start(conn, user.id, now=MORNING, lifetime=HOUR) for _ in range(3)]
        here = await sessions.find(conn, secrets[0], now=MORNING)
        assert here is not None
        await users.set_password_hash(conn, user.id, "new", keep_session=here.id_hash)
        assert [await sessions.find(conn, secret, now=MORNING) is not None for secret in secrets] == [
            True,
            False,
            False,
        ]
        await sessions.end_all(conn, user.id)
        assert await sessions.of_user(conn, user.id, now=MORNING) == []
        await sessions.start(conn, user.id, now=MORNING, lifetime=HOUR)
        await users.change(conn, user.id, disabled=True)
        assert await sessions.of_user(conn, user.id, now=MORNING) == []
        assert await users.password_hash(conn, user.id) is None
        await sessions.start(conn, user.id, now=MORNING, lifetime=HOUR)
        assert await sessions.sweep(conn, now=MORNING + HOUR) == 1


async def test_a_token_works_until_it_expires_or_is_revoked(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        user = await add(conn)
        token, secret = await tokens.make(
            conn, user.id, name=" report ", scopes=["calls:read", "calls:read"], now=MORNING, expires_at=after(60)
        )
        assert (token.name, token.scopes) == ("report", ("calls:read",))
        assert secret.startswith("cxcall_")
        assert secret not in str((await conn.execute(select(tokens_table))).all())
        assert await tokens.find(conn, secret, now=MORNING) == token
        assert await tokens.find(conn, secret, now=after(60)) is None
        assert await tokens.find(conn, secret + "x", now=MORNING) is None
        await tokens.used(conn, token.id, now=after(5))
        assert [one.used_at for one in await tokens.of_user(conn, user.id)] == [after(5)]
        assert not await tokens.revoke(conn, token.id, user_id="someone else", now=after(6))
        assert await tokens.revoke(conn, token.id, user_id=user.id, now=after(6))
        assert not await tokens.revoke(conn, token.id, user_id=user.id, now=after(7))
        assert await tokens.find(conn, secret, now=after(8)) is None
        await users.remove(conn, user.id)
        assert await tokens.of_user(conn, user.id) == []


async def test_failed_logins_lock_longer_and_longer_and_a_pause_forgets(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        locks = [await attempts.failed(conn, "name:sara", NAME_LIMIT, now=after(n)) for n in range(12)]
        assert locks[:4] == [None] * 4
        assert [lock - after(n) for n, lock in enumerate(locks) if lock] == [
            timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 900, 900, 900)
        ]
        subjects = ["name:sara", "address:192.0.2.7"]
        assert await attempts.locked_until(conn, subjects, now=after(12)) == locks[-1]
        assert await attempts.locked_until(conn, ["name:omid"], now=after(12)) is None
        assert await attempts.locked_until(conn, subjects, now=after(12) + HOUR) is None
        assert await attempts.failed(conn, "name:sara", NAME_LIMIT, now=after(13) + 2 * HOUR) is None
        assert await attempts.failed(conn, "address:192.0.2.7", ADDRESS_LIMIT, now=after(1)) is None
        await attempts.forget(conn, "name:sara")
        await attempts.sweep(conn, before=after(100))
        assert await attempts.locked_until(conn, subjects, now=after(14)) is None


async def test_a_note_is_saved_as_typed_and_another_window_is_a_conflict(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        first = await notes.save(conn, "lab-1.1", "sara", "h", version=0)
        second = await notes.save(conn, "lab-1.1", "sara", "hello", version=first.version)
        assert await notes.save(conn, "lab-1.1", "sara", "hello", version=first.version) == second
        with pytest.raises(NoteConflict) as conflict:
            await notes.save(conn, "lab-1.1", "sara", "other", version=first.version)
        assert conflict.value.theirs == second
        await notes.save(conn, "lab-1.1", "omid", "mine", version=0)
        assert [note.text for note in await notes.of_call(conn, "lab-1.1")] == ["hello", "mine"]
        await notes.save(conn, "lab-1.1", "sara", "  ", version=second.version)
        assert [note.text for note in await notes.of_call(conn, "lab-1.1")] == ["mine"]


async def test_notes_on_a_merged_call_move_to_the_call_that_stays(engine: AsyncEngine) -> None:
    call, consultation = queue_call(1), queue_call(2, direction="internal")
    async with engine.begin() as conn:
        await calls.apply(conn, [write(ringing(call)), write(ringing(consultation))], region=REGION)
        await notes.save(conn, call.id, "sara", "one", version=0)
        await notes.save(conn, consultation.id, "sara", "two", version=0)
        await notes.save(conn, consultation.id, "omid", "three", version=0)
        await calls.apply(conn, [write(call, 2, consultation.id)], region=REGION)
        assert {note.text for note in await notes.of_call(conn, consultation.id)} == {"one\ntwo", "three"}
        late = await notes.save(conn, consultation.id, "hoda", "late", version=0)
        assert late.call_id == call.id


async def test_the_log_of_acts_is_read_newest_first(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(5):
            await audit.add(conn, actor="sara", act="customer.merge", subject=f"customer:{n % 2}", details={"n": n})
        await audit.add(conn, actor="admin", act="user.create", address="192.0.2.7", at=after(1))
        page = await audit.page(conn, limit=2)
        assert [entry.act for entry in page] == ["user.create", "customer.merge"]
        assert (page[0].at, page[0].address, page[1].details) == (after(1), "192.0.2.7", {"n": 4})
        assert [entry.details["n"] for entry in await audit.page(conn, before=page[-1].id)] == [3, 2, 1, 0]
        assert len(await audit.page(conn, subject="customer:1")) == 2
        assert len(await audit.page(conn, actor="sara")) == 5
