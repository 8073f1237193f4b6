"""Reports by mail and into folders, against a real port: what arrives, what is refused, what a bad server can't do."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.outgoing.mail import Attachment, NotSent, message, send
from cxcall.outgoing.schedules import ReportSender, lay_down
from cxcall.reports.timetable import Timetable
from cxcall.settings import Data, Mail, Settings, Site
from cxcall.store import report_schedules, users
from cxcall.store.engine import open_engine
from cxcall.store.report_folders import BadFolder, tidy_folder
from cxcall.store.report_schedules import CannotMake, Made, Plan, ReportFile, Run, Schedule
from tests.support.schema import new_database
from tests.support.smtp_peer import SmtpPeer, smtp_peer

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 23, 4, 29, tzinfo=UTC)
FILES = (ReportFile(name="queues.csv", kind="text/csv", content="\ufeffصف,n\r\nbilling,3\r\n".encode()),)
MADE = Made(subject="گزارش صف‌ها", text="دیروز\n<b>", files=FILES, rtl=True)


def settings_for(peer: SmtpPeer, folder: Path | None = None, timeout: float = 5.0) -> Settings:
    mail = Mail(host="127.0.0.1", port=peer.port, security="none", from_="cxcall@example.com", timeout=timeout)
    return Settings(mail=mail, site=Site(timezone="Asia/Tehran"), data=Data(dir=str(folder or "unused")))


def a_mail(to: str = "boss@example.com") -> EmailMessage:
    files = [Attachment(name=file.name, kind=file.kind, content=file.content) for file in FILES]
    return message(
        sender="cxcall@example.com", to=to, subject="Queues\r\nBcc: all@example.com", text=MADE.text, rtl=True, at=NOW,
        id_="run1", attachments=files,
    )  # fmt: skip


async def test_a_mail_arrives_whole_with_its_files_and_no_line_of_its_own_making() -> None:
    async with smtp_peer() as peer:
        await send(settings_for(peer).mail, a_mail(), "boss@example.com")
    ((to, mail),) = peer.took
    assert to == mail["To"] == "boss@example.com"
    assert mail["Subject"] == "Queues Bcc: all@example.com"
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == "<run1@example.com>"
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert "دیروز" in text.get_content()
    assert 'dir="rtl"' in page.get_content()
    assert "&lt;b&gt;" in page.get_content()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("queues.csv", "text/csv")
    assert file.get_payload(decode=True) == FILES[0].content


@pytest.mark.parametrize(
    ("peer", "said", "receiver", "for_good"),
    [
        (SmtpPeer(refused={"boss@example.com": "550 no such user"}), "550 no such user", True, True),
        (SmtpPeer(refused={"boss@example.com": "451 later"}), "451 later", True, False),
        (SmtpPeer(answers={"MAIL": "530 sign in first"}), "530 sign in first", False, False),
        (SmtpPeer(answers={"DATA": "554 full"}), "554 full", False, False),
        (SmtpPeer(silent=True), "did not take the mail within 0.4 s", False, False),
        (SmtpPeer(drips=0.1), "did not take the mail within 0.4 s", False, False),
    ],
)
async def test_what_the_server_said_is_told(peer: SmtpPeer, said: str, receiver: bool, for_good: bool) -> None:
    async with smtp_peer(peer):
        with pytest.raises(NotSent, match=said) as told:
            await asyncio.wait_for(send(settings_for(peer, timeout=0.4).mail, a_mail(), "boss@example.com"), 5)
    assert (told.value.receiver, told.value.for_good) == (receiver, for_good)
    assert peer.took == []


async def test_nothing_is_sent_in_the_clear_where_encryption_is_asked_for() -> None:
    async with smtp_peer() as peer:
        mail = Mail(host="127.0.0.1", port=peer.port, from_="cxcall@example.com", username="u", password="p")
        with pytest.raises(NotSent):
            await send(mail, a_mail(), "boss@example.com")
    assert not {"AUTH", "MAIL", "DATA"} & set(peer.commands)
    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        await send(mail, a_mail(), "boss@example.com")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a handshake that failed, its server
@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_mail_goes_over_tls_to_a_server_whose_certificate_is_known_and_to_no_other(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    ask = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*ask.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    async with smtp_peer(tls=served) as peer:
        mail = Mail(host="localhost", port=peer.port, security="tls", from_="cxcall@example.com", timeout=5)
        with pytest.raises(NotSent):
            await send(mail, a_mail(), "boss@example.com")
        assert peer.took == []
        await send(mail, a_mail(), "boss@example.com", tls=ssl.create_default_context(cafile=certificate))
        assert len(peer.took) == 1


@pytest.mark.parametrize("folder", ["../x", "/etc", "a/../../b", ".hidden", "a//b", "a\\b", "a/.", "x\0y", "a" * 300])
def test_a_folder_that_could_lead_elsewhere_is_refused(folder: str, tmp_path: Path) -> None:
    with pytest.raises(BadFolder):
        tidy_folder(folder)
    with pytest.raises(BadFolder):
        lay_down(tmp_path, folder, FILES)
    assert list(tmp_path.rglob("*.csv")) == []


def test_a_folder_that_is_a_link_to_elsewhere_is_refused_and_one_below_is_made(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/out").symlink_to(elsewhere)
    with pytest.raises(BadFolder):
        lay_down(tmp_path, "out/deep", FILES)
    assert list(elsewhere.iterdir()) == []
    lay_down(tmp_path, "مدیریت/هفتگی", FILES)
    assert [file.name for file in (tmp_path / "reports/مدیریت/هفتگی").iterdir()] == ["queues.csv"]


class Stage:
    """A sender with its database, its clock and its mail server."""

    def __init__(self, engine: AsyncEngine, settings: Settings, peer: SmtpPeer) -> None:
        self.engine, self.settings, self.peer, self.now = engine, settings, peer, NOW
        self.made = 0
        self.refuses: CannotMake | None = None
        self.hangs: set[str] = set()

    async def make(self, schedule: Schedule, run: Run) -> Made:
        self.made += 1
        if self.refuses:
            raise self.refuses
        if schedule.name in self.hangs:
            await asyncio.sleep(60)
        return MADE

    async def schedule(self, name: str = "Every morning", **plan: Any) -> Schedule:
        async with self.engine.begin() as conn:
            people = {user.name: user for user in await users.everyone(conn)}
            found = people.get("omid") or await users.create(
                conn, name="omid", role="supervisor", password_hash="x", display_name="Omid"
            )
            usual: dict[str, Any] = {"report": "queues", "timetable": Timetable(at="08:00")}
            kept = Plan(**{**usual, **plan})
            return await report_schedules.create(
                conn, name=name, owner_id=found.id, plan=kept, zone=TEHRAN, by="omid", now=NOW
            )

    async def look(self, forward: timedelta = timedelta(), limit: float = 240.0) -> int:
        """Start what is due and wait until it has ended."""
        self.now += forward
        sender = ReportSender(
            settings=self.settings,
            engine=self.engine,
            bus=Bus(epoch=1),
            make=self.make,
            clock=lambda: self.now,
            limit=limit,
        )
        async with asyncio.TaskGroup() as group:
            return await sender.start_due(group)

    async def log(self, schedule: Schedule) -> list[Run]:
        async with self.engine.connect() as conn:
            return await report_schedules.runs(conn, schedule.id)


@asynccontextmanager
async def staged(folder: Path, peer: SmtpPeer | None = None, timeout: float = 5.0) -> AsyncIterator[Stage]:
    engine = open_engine(new_database(folder / "cxcall.db"))
    async with smtp_peer(peer) as there:
        yield Stage(engine, settings_for(there, folder, timeout), there)
    await engine.dispose()


async def test_a_report_comes_by_mail_and_into_its_folder_at_its_time_and_once(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.schedule(mail=("boss@example.com", "ali@example.com"), folder="daily")
        assert await stage.look() == 0
        assert await stage.look(timedelta(minutes=1)) == 1
        assert await stage.look() == 0
        assert [to for to, _ in stage.peer.took] == ["boss@example.com", "ali@example.com"]
        assert (tmp_path / "reports/daily/queues.csv").read_bytes() == FILES[0].content
        (run,) = await stage.log(made)
        assert (run.state, run.files) == ("done", ("queues.csv",))
        assert run.due_at == NOW + timedelta(minutes=1)
        assert await stage.look(timedelta(days=1)) == 1
        assert len(stage.peer.took) == 4


async def test_who_has_it_does_not_get_it_again_when_another_is_tried_again(tmp_path: Path) -> None:
    peer = SmtpPeer(refused={"away@example.com": "451 try later"})
    async with staged(tmp_path, peer) as stage:
        made = await stage.schedule(mail=("away@example.com", "ali@example.com"), folder="daily")
        await stage.look(timedelta(minutes=1))
        (run,) = await stage.log(made)
        assert (run.state, run.problem, run.said) == ("waiting", "mail", "away@example.com: 451 try later")
        assert run.reached == ("folder", "mail:ali@example.com")
        (tmp_path / "reports/daily/queues.csv").unlink()
        peer.refused.clear()
        assert await stage.look(timedelta(seconds=59)) == 0
        assert await stage.look(timedelta(seconds=2)) == 1
        (run,) = await stage.log(made)
        assert run.state == "done"
        assert [to for to, _ in peer.took] == ["ali@example.com", "away@example.com"]
        assert not (tmp_path / "reports/daily/queues.csv").exists(), "the folder had it"
        assert len({mail["Message-ID"] for _, mail in peer.took}) == 2


@pytest.mark.parametrize("peer", [SmtpPeer(silent=True), SmtpPeer(drips=0.05)])
async def test_a_mail_server_that_hangs_delays_no_other_report(tmp_path: Path, peer: SmtpPeer) -> None:
    async with staged(tmp_path, peer, timeout=0.5) as stage:
        by_mail = await stage.schedule("By mail", mail=tuple(f"{n}@example.com" for n in range(20)))
        into_folder = await stage.schedule("Into a folder", folder="daily")
        began = asyncio.get_running_loop().time()
        assert await stage.look(timedelta(minutes=1)) == 2
        assert asyncio.get_running_loop().time() - began < 5, "one wait, not one for each receiver"
        assert peer.connections == 1
        assert [run.state for run in await stage.log(into_folder)] == ["done"]
        (run,) = await stage.log(by_mail)
        assert (run.state, run.problem) == ("waiting", "mail")
        assert "did not take the mail within 0.5 s" in run.said


async def test_what_people_must_mend_is_not_tried_again_and_says_why(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.schedule(folder="daily")
        stage.refuses = CannotMake("report", "own:1")
        await stage.look(timedelta(minutes=1))
        (run,) = await stage.log(made)
        assert (run.state, run.problem, run.said) == ("failed", "report", "own:1")
        other = await stage.schedule("By mail", mail=("boss@example.com",))
        stage.settings = Settings(data=stage.settings.data)
        async with stage.engine.begin() as conn:
            await report_schedules.run_now(conn, other.id, now=stage.now)
        assert [await stage.look(), await stage.look()] == [1, 1], "one at a time of a schedule"
        assert {(run.state, run.problem) for run in await stage.log(other)} == {("failed", "mail_off")}


async def test_a_report_that_takes_too_long_ends_and_is_tried_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.schedule("Endless", folder="daily")
        stage.hangs.add("Endless")
        await stage.look(timedelta(minutes=1), limit=0.2)
        (run,) = await stage.log(made)
        assert (run.state, run.problem) == ("waiting", "slow")


async def test_a_full_disk_or_a_file_in_the_way_is_told_and_tried_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.schedule(folder="daily", mail=("boss@example.com",))
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports/daily").write_text("in the way")
        await stage.look(timedelta(minutes=1))
        (run,) = await stage.log(made)
        assert (run.state, run.problem, run.said) == ("waiting", "folder", "File exists")
        assert run.reached == ("mail:boss@example.com",), "mail goes all the same"
