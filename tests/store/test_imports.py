"""Imports of customers: written line by line, taken back as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.customers.profile import Profile
from cxcall.customers.table_import import Candidate, guess, read_lines, read_table
from cxcall.store import calls, customer_notes, customers, imports
from cxcall.store.imports import Import, NoSuchImport, Refused
from tests.store.make import REGION, after, queue_call, write

FILE = (
    b"name,phone,company,tags,note\n"
    b"Maryam Hosseini,09123456789,Arash,vip,after five\n"  # 2: known by number
    b"Omid,09351112233,,,\n"  # 3: new
    b"Broken,12,,,\n"  # 4: no number
    b"Two people,09123456789; 09197302215,,,\n"  # 5: in line 2 already
    b"Reza,09197302215,,,\n"  # 6: says nothing new
    b"Sima,09121110000,,,calls on Mondays\n"  # 7: new
)


async def staged(conn: AsyncConnection, data: bytes = FILE) -> Import:
    table = read_table(data)
    mapping = guess(table.header)
    lines = read_lines(table.lines, mapping, REGION)
    return await imports.stage(conn, file="customers.csv", by="admin", mapping=mapping, lines=lines)


async def finished(engine: AsyncEngine, import_id: str, at_once: int = 2) -> Import:
    while True:
        async with engine.begin() as conn:
            job = await imports.run_some(conn, import_id, at_most=at_once)
        if job.state == "done":
            return job


async def taken_back(engine: AsyncEngine, import_id: str) -> Import:
    async with engine.begin() as conn:
        job = await imports.undo(conn, import_id)
    while job.state == "undoing":
        async with engine.begin() as conn:
            job = await imports.undo_some(conn, import_id, at_most=2)
    return job


async def by_number(engine: AsyncEngine, number: str) -> customers.Customer | None:
    async with engine.connect() as conn:
        return await customers.by_number(conn, number)


@pytest.fixture
async def known(engine: AsyncEngine) -> tuple[customers.Customer, customers.Customer]:
    """Maryam with little known, Reza as in the file."""
    async with engine.begin() as conn:
        maryam = await customers.create(conn, Profile(name="Maryam", numbers=("+989123456789",), city="Tehran"))
        return maryam, await customers.create(conn, Profile(name="Reza", numbers=("+989197302215",)))


async def test_an_import_adds_updates_and_says_what_it_could_not_take(
    engine: AsyncEngine, known: tuple[customers.Customer, customers.Customer]
) -> None:
    async with engine.begin() as conn:
        job = await staged(conn)
    assert (job.state, job.lines, job.done, job.failed) == ("running", 6, 2, 2)
    job = await finished(engine, job.id)
    assert (job.created, job.updated, job.unchanged, job.failed, job.done) == (2, 1, 1, 2, 6)
    maryam = await by_number(engine, "+989123456789")
    assert maryam is not None
    assert maryam.id == known[0].id
    assert maryam.profile == replace(known[0].profile, name="Maryam Hosseini", company="Arash", tags=("vip",))
    async with engine.connect() as conn:
        assert [note.text for note in await customer_notes.of_customer(conn, maryam.id)] == ["after five"]
        failed = await imports.failed_lines(conn, job.id)
        assert [(line.line, str(line.problems[0])) for line in failed] == [
            (4, "12 is not a phone number."),
            (5, "+989123456789 is in an earlier line already."),
        ]
        assert failed[0].cells == ("Broken", "12", "", "", "")
        assert [one.id for one in await imports.newest(conn)] == [job.id]
        assert job.mapping == {0: "name", 1: "numbers", 2: "company", 3: "tags", 4: "note"}


async def test_an_import_taken_back_leaves_everything_as_it_was(
    engine: AsyncEngine, known: tuple[customers.Customer, customers.Customer]
) -> None:
    async with engine.begin() as conn:
        job = await staged(conn)
    await finished(engine, job.id)
    job = await taken_back(engine, job.id)
    assert (job.state, job.undone, job.kept) == ("undone", 3, 0)
    assert await by_number(engine, "+989351112233") is None
    assert await by_number(engine, "+989121110000") is None
    now = await by_number(engine, "+989123456789")
    assert now is not None
    assert (now.profile, now.version) == (known[0].profile, known[0].version)
    async with engine.connect() as conn:
        assert await customer_notes.of_customer(conn, now.id) == []


async def test_what_people_changed_since_stays_and_is_said(
    engine: AsyncEngine, known: tuple[customers.Customer, customers.Customer]
) -> None:
    async with engine.begin() as conn:
        job = await staged(conn)
    await finished(engine, job.id)
    maryam, omid = await by_number(engine, "+989123456789"), await by_number(engine, "+989351112233")
    assert maryam is not None
    assert omid is not None
    async with engine.begin() as conn:
        await customers.change(conn, maryam.id, replace(maryam.profile, name="Maryam H.", tags=("vip", "gold")))
        await customers.change(conn, omid.id, replace(omid.profile, city="Qom"))
    job = await taken_back(engine, job.id)
    assert (job.undone, job.kept) == (1, 2)
    maryam = await by_number(engine, "+989123456789")
    assert maryam is not None
    assert maryam.profile == replace(known[0].profile, name="Maryam H.", tags=("gold",))
    assert await by_number(engine, "+989351112233") is not None
    async with engine.connect() as conn:
        kept = await imports.kept_lines(conn, job.id)
    assert [(line.line, line.problems[0].field) for line in kept] == [(2, "name"), (3, "name")]


async def test_an_imported_customer_who_called_since_becomes_a_first_contact(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        job = await staged(conn)
    await finished(engine, job.id)
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1, number="09351112233", name="Omid R."))], region=REGION)
    assert (await taken_back(engine, job.id)).kept == 0
    omid = await by_number(engine, "+989351112233")
    assert omid is not None
    assert (omid.first_contact, omid.first_contact_at) == (True, after(0))
    assert omid.profile == Profile(name="Omid R.", numbers=("+989351112233",))


async def test_numbers_of_different_people_are_never_joined_by_a_file(
    engine: AsyncEngine, known: tuple[customers.Customer, customers.Customer]
) -> None:
    async with engine.begin() as conn:
        job = await staged(conn, b"name,phone\nBoth,09123456789; 09197302215\nGood,09350000000\n")
    job = await finished(engine, job.id)
    assert (job.created, job.failed) == (1, 1)
    async with engine.connect() as conn:
        (line,) = await imports.failed_lines(conn, job.id)
    assert str(line.problems[0]) == "These numbers belong to different customers: Maryam, Reza."
    assert line.cells == ("Both", "+989123456789", "+989197302215")


async def test_a_first_contact_is_filled_in_and_is_one_again_after_the_undo(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await calls.apply(conn, [write(queue_call(1))], region=REGION)
        job = await staged(conn)
    await finished(engine, job.id)
    maryam = await by_number(engine, "+989123456789")
    assert maryam is not None
    assert not maryam.first_contact
    await taken_back(engine, job.id)
    maryam = await by_number(engine, "+989123456789")
    assert maryam is not None
    assert maryam.first_contact


async def test_an_interrupted_import_goes_on_or_is_taken_back(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        job = await staged(conn)
    async with engine.begin() as conn:
        job = await imports.run_some(conn, job.id, at_most=1)
    assert (job.state, job.created) == ("running", 1)
    job = await taken_back(engine, job.id)
    assert (job.state, job.undone) == ("undone", 1)
    async with engine.begin() as conn:
        assert await imports.run_some(conn, job.id) == job
        with pytest.raises(NoSuchImport):
            await imports.run_some(conn, "no such import")


async def test_a_preview_tells_what_a_line_would_do(
    engine: AsyncEngine, known: tuple[customers.Customer, customers.Customer]
) -> None:
    table = read_table(
        b"name,phone\nMaryam H,09123456789\nReza,09197302215\nNew,09350000000\nX,09123456788;0919730 2215"
    )
    read = read_lines(table.lines, guess(table.header), REGION)
    lines = [line for line in read if isinstance(line, Candidate)]
    async with engine.connect() as conn:
        foreseen = [await imports.foresee(conn, line) for line in lines]
        assert [action for action, _ in foreseen] == ["updated", "unchanged", "created"]
        both = replace(lines[0], profile=Profile(numbers=("+989123456789", "+989197302215")))
        with pytest.raises(Refused):
            await imports.foresee(conn, both)
