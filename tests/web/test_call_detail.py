"""One call on its page: the picture, the same in words, notes, the journal behind it, and who may open it."""

from __future__ import annotations

import dataclasses
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cxcall.calls.record import CallRecord, Gap, Transfer
from cxcall.customers.profile import Profile
from cxcall.store import notes
from cxcall.web.pages import timeline
from cxcall.web.pages.call_events import events_of
from tests.support.call_centre import MARYAM, OMID, answered, call_centre, ended, held, past, ringing
from tests.web.reading import browsing


def whole(start: datetime) -> CallRecord:
    """A call that rang at Omid in vain, was answered by Sara, held, transferred, with a gap."""
    first = ringing(MARYAM, start, wait=20, at=OMID)
    omid = dataclasses.replace(
        first.legs[1], ended_at=start + timedelta(seconds=35), result="no_answer", hangup_cause=19
    )
    sara = ringing(MARYAM, start, wait=38)
    attempts = (
        dataclasses.replace(first.queue_visits[0].attempts[0], ring=15.0, result="no_answer"),
        sara.queue_visits[0].attempts[0],
    )
    visit = dataclasses.replace(sara.queue_visits[0], attempts=attempts)
    call = answered(dataclasses.replace(sara, queue_visits=(visit,)), start + timedelta(seconds=44))
    call = held(call, start + timedelta(seconds=120), start + timedelta(seconds=166))
    call = dataclasses.replace(
        call,
        legs=(call.legs[0], omid, call.legs[1]),
        transfers=(Transfer(kind="blind", at=start + timedelta(seconds=250), by=call.legs[1].channel, to="1003"),),
        gaps=(Gap(from_=start + timedelta(seconds=200), to=start + timedelta(seconds=215)),),
    )
    return ended(call, start + timedelta(seconds=290))


async def test_everything_that_happened_stands_in_order_in_words(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
        call = whole(centre.ago(hours=1))
        await centre.tell(call)
        page = await browser.page("leila", f"/calls/{call.id}")
    lines = [line.text for line in page.all(".happened li")]
    told = [
        "Maryam Hosseini called", "Joined the queue billing", "Rang at Omid Rahimi No answer", "Sara Karimi answered",
        "Sara Karimi put the call on hold", "The listener was down", "Transferred to 1003", "Ended by the caller",
    ]  # fmt: skip
    assert len(lines) == len(told)
    for line, words in zip(lines, told, strict=True):
        assert words in line
    assert "Nobody picked up" in page.text
    assert "Hung up normally" in page.text
    assert "The listener was down." in page.one(".banner").text
    assert "Offer 2" in page.text
    assert page.all("svg.lane")[2].all("rect.hold")
    assert page.all("svg.lane")[0].all("rect.hold"), "the caller hears the hold"
    assert page.one(".crumb").text.strip().endswith("Maryam Hosseini")
    assert call.id not in page.one(".crumb").text
    assert page.one(".call-id cx-copy").text == call.id


async def test_a_call_in_progress_says_so_and_its_body_can_be_fetched_again(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = answered(ringing(MARYAM, centre.ago(seconds=90)), centre.ago(seconds=40))
        await centre.tell(call)
        page = await browser.page("leila", f"/calls/{call.id}")
        assert "In progress" in page.text
        assert page.one("main cx-refresh").attributes["channel"] == f"call:{call.id}"
        await centre.tell(ended(call, centre.now))
        assert "Ended by the caller" in await browser.text("leila", page.one("main cx-refresh").attributes["src"])


async def test_agents_open_own_calls_only_and_a_call_that_is_not_there_is_404(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = past(MARYAM, centre.ago(hours=1), at=OMID)
        await centre.tell(call)
        assert (await browser.get("omid", f"/calls/{call.id}")).status == 200
        refused = await browser.get("sara", f"/calls/{call.id}")
        assert refused.status == 403
        assert "not one of your calls" in await refused.text()
        assert (await browser.get("sara", f"/calls/{call.id}/body")).status == 403
        assert (await browser.get("leila", f"/calls/{call.id}/events")).status == 403
        assert (await browser.get("leila", "/calls/lab-1.1")).status == 404


async def test_notes_of_several_people_stand_with_their_names(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = past(MARYAM, centre.ago(hours=1))
        await centre.tell(call)
        async with centre.engine.begin() as conn:
            await notes.save(conn, call.id, centre.ids["sara"], "She moves\nin May", version=0)
            await notes.save(conn, call.id, centre.ids["leila"], "Mine", version=0)
        page = await browser.page("leila", f"/calls/{call.id}")
    assert "Sara Karimi" in page.one("#notes").text
    assert "She moves in May" in page.one("#notes").text
    assert page.one("#note-text").text == "Mine"


async def test_admins_read_the_raw_events_of_the_call_from_the_journal(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        call = past(MARYAM, centre.ago(minutes=10))
        await centre.tell(call)
        page = await browser.page("admin", f"/calls/{call.id}/events")
        assert "this is the record" in page.one(".banner").text
        assert '"outcome": "answered"' in page.one("pre").text
        _journal(tmp_path / "journal" / "lab", call)
        page = await browser.page("admin", f"/calls/{call.id}/events")
        assert "2 events of the journal" in page.text
        assert "Event: Hangup" in page.one("pre").text
        assert "PJSIP/other-1" not in page.text
        record = await (await browser.get("admin", f"/calls/{call.id}/record.json")).json()
        assert record["id"] == call.id


def test_events_are_found_in_compressed_and_damaged_files_too(tmp_path: Path) -> None:
    call = past(MARYAM, datetime.now(UTC) - timedelta(minutes=5))
    _journal(tmp_path, call)
    plain = tmp_path / "00000000000000000000.ami"
    (tmp_path / "00000000000000000000.ami.gz").write_bytes(gzip.compress(plain.read_bytes())[:-4])
    plain.unlink()
    assert len(events_of(call, tmp_path)) == 2


def test_the_picture_has_a_lane_a_party_and_blocks_within_the_axis() -> None:
    start = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    call = whole(start)
    drawn = timeline.timeline(call, start + timedelta(hours=1))
    assert [lane.name for lane in drawn.lanes] == [MARYAM, "Omid Rahimi", "Sara Karimi"]
    assert [block.kind for block in drawn.lanes[2].blocks] == ["ring", "talk", "hold"]
    blocks = [block for lane in drawn.lanes for block in lane.blocks] + list(drawn.gaps)
    assert all(block.x >= 0 and block.x + block.width <= 100.001 for block in blocks)
    assert len(drawn.ticks) <= timeline.TICKS + 1
    assert timeline.hold_seconds(call, start) == 46
    assert timeline.talk_seconds(call, start) == 246


def test_a_record_without_any_time_is_still_drawn() -> None:
    now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    bare = dataclasses.replace(whole(now), started_at=None, ended_at=None)
    assert timeline.timeline(dataclasses.replace(bare, legs=(), queue_visits=(), talks=()), now).seconds >= 1


def _journal(folder: Path, call: CallRecord) -> None:
    assert call.started_at is not None
    at = call.started_at.timestamp()
    channel = call.legs[0].channel
    events = (
        f"Event: Newchannel\r\nTimestamp: {at:.6f}\r\nChannel: {channel}\r\n\r\n"
        f"Event: Newchannel\r\nTimestamp: {at + 1:.6f}\r\nChannel: PJSIP/other-1\r\n\r\n"
        f"Event: Hangup\r\nTimestamp: {at + 2:.6f}\r\nChannel: {channel}\r\n\r\n"
        f"Event: Hangup\r\nTimestamp: {at - 900:.6f}\r\nChannel: {channel}\r\n\r\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "00000000000000000000.ami").write_bytes(events.encode())
