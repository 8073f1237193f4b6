"""/admin/asterisk: each server's state in words, and what to do about what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxcall.asterisk.status import ServerStatus
from tests.support.call_centre import call_centre
from tests.web.reading import browsing


def status(**changes: Any) -> ServerStatus:
    fields: dict[str, Any] = {
        "server": "lab", "address": "127.0.0.1:5038", "state": "connected", "since": datetime.now(UTC),
        "asterisk_version": "20.6.0", "events": 12345, "events_per_second": 23.4, "lag": 0.01, "lag_max": 0.2,
    }  # fmt: skip
    return ServerStatus(**fields | changes)


async def test_a_connected_server_shows_its_pace_and_versions(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        centre.statuses = [status()]
        page = await browser.page("admin", "/admin/asterisk")
    for words in ("lab", "Connected", "20.6.0", "23.4", "12,345"):
        assert words in page.text, words
    assert page.one("main cx-refresh").attributes["poll-s"] == "5"
    assert not page.all(".fault")


async def test_every_fault_stands_with_its_remedy(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        centre.statuses = [
            status(state="refused", last_error="Asterisk refused the login of “cxcall”: Authentication failed.",
                   last_error_at=datetime.now(UTC), remedy="Check 100% of it"),
            status(server="far", lag_max=4.0, clock_skew=9.0, unreadable=3, database_error="disk full",
                   journal_error="no room"),
        ]  # fmt: skip
        page = await browser.page("admin", "/admin/asterisk")
    assert "Login refused" in page.text
    assert "Asterisk refused the login of cxcall" in page.text
    assert "Check 100% of it" in page.text
    for words in ("Events come late", "chrony", "could not be read", "disk full", "Make room"):
        assert words in page.text, words


async def test_a_remedy_is_told_in_persian(tmp_path: Path) -> None:
    async with call_centre(tmp_path, language="fa") as centre, browsing(centre) as browser:
        centre.statuses = [status(state="reconnecting", last_error="Nothing listens on 127.0.0.1:5038.", remedy=None)]
        assert "گوش نمی‌دهد" in await browser.text("admin", "/admin/asterisk")


async def test_without_a_listener_the_page_says_how_to_start_one(tmp_path: Path) -> None:
    async with call_centre(tmp_path, listening=False) as centre, browsing(centre) as browser:
        page = await browser.page("admin", "/admin/asterisk")
    assert "The listener does not run here." in page.one("[role=alert]").text


async def test_a_server_no_listener_speaks_for_is_named(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        assert "No listener speaks for lab" in await browser.text("admin", "/admin/asterisk")


async def test_agents_do_not_open_it(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        assert (await browser.get("sara", "/admin/asterisk")).status == 403
