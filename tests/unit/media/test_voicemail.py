"""Messages of mailboxes are kept, become jobs, belong to their call, and go when their owners delete them."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import soundfile
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from cxcall.bus import Bus
from cxcall.bus.speech import JOBS
from cxcall.calls.record import CallId, CallRecord
from cxcall.media import sources, voicemail
from cxcall.media.sources import NothingToDo
from cxcall.media.voicemail import Mailboxes
from cxcall.settings import Ami, Data, Settings, Voicemail
from cxcall.store import calls, speech_jobs, transcripts, turns, voicemail_files, voicemails
from cxcall.store.speech_jobs import Job
from tests.store.make import queue_call, write
from tests.unit.media.mailbox import BEGAN, Mailbox

AT = datetime.fromtimestamp(BEGAN, UTC)
ID = "1795000000-00000001"


@dataclass(slots=True)
class Site:
    box: Mailbox
    settings: Settings
    database: AsyncEngine
    told: list[object]
    mailboxes: Mailboxes
    bus: Bus

    async def jobs(self) -> list[Job]:
        async with self.database.connect() as conn:
            return (await speech_jobs.page(conn)).rows

    def again(self) -> Mailboxes:
        """Another process with the same data."""
        later = AT + timedelta(hours=1)
        return Mailboxes(settings=self.settings, engine=self.database, bus=self.bus, now=lambda: later)

    async def source(self) -> sources.Source:
        (job,) = await self.jobs()
        async with self.database.connect() as conn:
            return await sources.of(conn, job, self.settings)

    def kept(self) -> set[str]:
        return {file.name for file in voicemail_files.folder(self.settings).iterdir()}


@pytest.fixture
async def site(database: AsyncEngine, tmp_path: Path) -> AsyncIterator[Site]:
    async with at(database, tmp_path) as made:
        yield made


@asynccontextmanager
async def at(database: AsyncEngine, folder: Path) -> AsyncIterator[Site]:
    box = Mailbox(folder / "voicemail-of-asterisk")
    settings = Settings(
        data=Data(dir=str(folder / "data")), voicemail=Voicemail(dir=str(box.folder)), ami=(Ami(name="lab"),)
    )
    bus, told = Bus(epoch=1), list[object]()
    bus.subscribe(JOBS, lambda message: told.append(message.data))
    made = Site(box, settings, database, told, Mailboxes(settings=settings, engine=database, bus=bus), bus)
    made.mailboxes = made.again()
    yield made


async def call(database: AsyncEngine, ended: datetime | None, number: str = "09123456789", n: int = 1) -> CallRecord:
    """A call that began two minutes before the message."""
    record = dataclasses.replace(
        queue_call(n, number=number, outcome="voicemail"),
        id=CallId(f"lab-{n}"), started_at=AT - timedelta(minutes=2), ended_at=ended, queue_visits=(), talks=(),
    )  # fmt: skip
    async with database.begin() as conn:
        await calls.apply(conn, [write(record)], region="IR")
    return record


async def test_a_message_is_kept_as_flac_and_becomes_one_job(site: Site) -> None:
    site.box.leave(ending="WAV")
    assert await site.mailboxes.look() == 1
    (job,) = await site.jobs()
    assert (job.kind, job.subject, job.language, site.told) == ("voicemail", ID, "en", [{"id": job.id}])
    assert site.kept() == {f"{ID}.flac", f"{ID}.json"}
    assert soundfile.info(voicemail_files.sound_of(site.settings, ID)).duration == pytest.approx(2.0, abs=0.1)
    assert await site.mailboxes.look() == 0
    assert await site.again().look() == 0, "nor after a restart"
    assert len(await site.jobs()) == 1


async def test_a_message_that_is_moved_is_not_written_down_twice(site: Site) -> None:
    file = site.box.leave(2)
    await site.mailboxes.look()
    old = site.box.place("Old")
    for each in file.parent.glob("msg0002.*"):
        each.rename(old / each.name)
    for mailboxes in (site.mailboxes, site.again()):
        for _ in range(3):
            assert await mailboxes.look() == 0
    assert len(await site.jobs()) == 1
    assert site.kept() == {f"{ID}.flac", f"{ID}.json"}


async def test_what_a_job_needs_is_there_after_a_crash_at_any_moment(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.box.leave()

    async def crash(*_: object, **__: object) -> None:
        raise OSError("no database")

    with monkeypatch.context() as broken:
        broken.setattr(speech_jobs, "make", crash)
        assert await site.mailboxes.look() == 0
    assert await site.jobs() == []
    assert await site.again().look() == 1
    source = await site.source()
    assert source.file == voicemail_files.sound_of(site.settings, ID)
    assert (source.new.number, source.new.began_at, source.new.server) == ("+989123456789", AT, "lab")
    assert (source.new.call_id, source.speaker) == (None, "customer")


async def test_a_message_belongs_to_the_call_of_its_number_that_ended_with_it(site: Site) -> None:
    site.box.leave()
    await site.mailboxes.look()
    await call(site.database, AT + timedelta(seconds=70), n=1)
    await call(site.database, AT + timedelta(seconds=4), number="09121112233", n=2)
    assert (await site.source()).new.call_id is None, "too late, and another number"
    going_on = await call(site.database, None, n=3)
    assert (await site.source()).new.call_id == going_on.id
    ended = await call(site.database, AT + timedelta(seconds=4), n=4)
    new = (await site.source()).new
    assert (new.call_id, new.server) == (ended.id, "lab")
    assert new.customer_id is not None
    async with site.database.begin() as conn:
        await transcripts.begin(conn, new, now=AT)
        assert [one.subject for one in await voicemails.of_call(conn, ended.id)] == [ID]


async def test_a_message_its_owner_deletes_is_gone_here_with_its_text(site: Site) -> None:
    site.box.leave(0)
    site.box.leave(1, msg_id="stays")
    await site.mailboxes.look()
    source = next(job for job in await site.jobs() if job.subject == ID)
    async with site.database.begin() as conn:
        new = (await sources.of(conn, source, site.settings)).new
        transcript = await transcripts.begin(conn, new, now=AT)
    voicemail_files.sound_of(site.settings, ID).with_name(f"{ID}.hidden-1.flac").touch()
    for file in site.box.place().glob("msg0000.*"):
        file.unlink()
    await site.mailboxes.look()
    assert f"{ID}.flac" in site.kept(), "it may have been missed while Asterisk moved it"
    await site.mailboxes.look()
    assert site.kept() == {"stays.flac", "stays.json"}
    assert [job.subject for job in await site.jobs()] == ["stays"]
    async with site.database.connect() as conn:
        assert await transcripts.get(conn, transcript.id) is None
        assert await turns.of_transcript(conn, transcript.id) == []
        with pytest.raises(NothingToDo):
            await sources.of(conn, source, site.settings)


async def test_a_folder_that_is_away_deletes_nothing(site: Site) -> None:
    site.box.leave()
    await site.mailboxes.look()
    away = site.box.folder.rename(site.box.folder.with_name("away"))
    for _ in range(3):
        await site.mailboxes.look()
    site.box.folder.mkdir()  # where nothing is mounted
    for _ in range(3):
        await site.mailboxes.look()
    assert f"{ID}.flac" in site.kept()
    site.box.folder.rmdir()
    away.rename(site.box.folder)
    await site.mailboxes.look()
    assert len(await site.jobs()) == 1


async def test_what_can_not_be_used_is_counted_and_told_once(site: Site) -> None:
    broken = site.box.leave(0, msg_id="broken", ending="")
    broken.with_suffix(".wav").write_bytes(b"RIFF" + bytes(100))
    site.box.rest(broken)
    site.box.leave(1, text="nonsense")
    site.box.leave(2, msg_id="good")
    with capture_logs() as logs:
        for _ in range(4):
            await site.mailboxes.look()
    told = [entry["file"] for entry in logs if entry["event"] == "a voice message can't be used"]
    assert sorted(Path(file).name for file in told) == ["msg0000.wav", "msg0001.txt"]
    assert site.mailboxes.refused == 2
    assert [job.subject for job in await site.jobs()] == ["good"]


async def test_a_full_mailbox_holds_nobody_up_and_the_newest_come_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voicemail, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(voicemail, "MOST_WAITING", 3)
    for n in range(5):
        site.box.leave(n, msg_id=f"m{n}", at=BEGAN + n)
    assert [await site.mailboxes.look() for _ in range(3)] == [2, 1, 0]
    assert {job.subject for job in await site.jobs()} == {"m4", "m3", "m2"}
