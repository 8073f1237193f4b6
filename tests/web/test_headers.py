"""Headers, caching, error pages and limits: what every answer has, whatever it is."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from cxcall.bus import NoAnswer
from cxcall.settings import Settings, Web
from cxcall.web import observe
from cxcall.web.access import public
from cxcall.web.keys import SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages import help_keys
from tests.support.webapp import Browser, World, start_world


@pytest.mark.parametrize("path", ["/login", "/settings", "/nowhere", "/admin/users", "/static/nowhere", "/api/v1/me"])
async def test_every_answer_has_the_headers_that_keep_a_browser_safe(agent: Browser, path: str) -> None:
    headers = (await agent.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers


async def test_pages_are_never_kept_and_assets_for_ever(agent: Browser) -> None:
    page = await agent.get("/settings")
    assert page.headers["Cache-Control"] == "no-store"
    assets = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    assert {re.sub(r"-[A-Z0-9]{8}", "", path) for path in assets} >= {
        "/static/app.css",
        "/static/app.js",
        "/static/icons.svg",
    }
    for path in assets:
        asset = await agent.client.get(path)
        assert asset.status == 200
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        asset.release()


@pytest.mark.parametrize("path", ["/login", "/settings", "/help/keys", "/search", "/nowhere"])
async def test_no_page_has_inline_script_style_or_another_host(agent: Browser, path: str) -> None:
    text = (await agent.get(path)).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert re.findall(r"<script(?![^>]*(?: src=|application/json))", text) == []
    assert re.findall(r'(?:href|src|action)="(?!/|#|")[^"]*', text) == []


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/manifest.json", "/static/.stamp", "/static/%2e%2e/keys.py"]
)
async def test_only_built_files_are_served(guest: Browser, path: str) -> None:
    assert (await guest.get(path)).status == 404


async def test_behind_https_cookies_are_secure_and_the_browser_stays_there(tmp_path: Path, template: Path) -> None:
    settings = Settings(web=Web(public_url="https://cx.example"))
    world = await start_world(tmp_path, template, settings=settings)
    answer = await world.guest().get("/login")
    await world.close()
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_a_page_that_is_not_there_says_so_in_the_frame_with_an_id_to_copy(agent: Browser) -> None:
    page = await agent.get("/nowhere")
    assert (page.status, page.heading) == (404, "Not here")
    assert f'<cx-copy><bdi dir="ltr" class="mono">{page.headers["X-Request-Id"]}</bdi></cx-copy>' in page.text


async def test_strangers_can_not_send_much(guest: Browser) -> None:
    page = await guest.post("/login", {"name": "sara", "password": "x" * 70_000})
    assert (page.status, page.heading) == (413, "Too large")


async def test_programs_get_their_errors_as_problems(agent: Browser) -> None:
    answer = await agent.get("/api/v1/nowhere")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert '"title":"Not Found"' in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


class TestWhenSomethingBreaks:
    @pytest.fixture
    def breaking(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
        """What the help page raises in this test."""
        will: dict[str, BaseException] = {}

        @public
        async def keys(request: web.Request) -> web.StreamResponse:
            if "sleep" in will:
                await asyncio.sleep(60)
            raise will["raise"]

        routes = web.RouteTableDef()
        routes.get("/help/keys")(keys)
        monkeypatch.setattr(help_keys, "routes", routes)
        return will

    @pytest.fixture
    def world_breaks(self, breaking: dict[str, BaseException], world: World) -> World:
        return world

    async def test_a_fault_of_ours_is_a_page_without_its_insides(
        self, breaking: dict[str, BaseException], world_breaks: World
    ) -> None:
        breaking["raise"] = ValueError("secret insides")
        page = await world_breaks.guest().get("/help/keys")
        assert (page.status, page.heading) == (500, "Something broke")
        assert "secret insides" not in page.text
        assert "Calls go on as before." in page.text

    async def test_a_part_that_does_not_answer_is_a_503_that_offers_to_try_again(
        self, breaking: dict[str, BaseException], world_breaks: World
    ) -> None:
        breaking["raise"] = NoAnswer("ami:lab is not running here")
        page = await world_breaks.guest().get("/help/keys")
        assert (page.status, page.heading) == (503, "Not available just now")
        assert page.headers["Retry-After"] == "5"
        assert "Try again</a>" in page.text

    async def test_a_request_that_takes_too_long_is_ended(
        self, breaking: dict[str, BaseException], world_breaks: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(observe, "LIMIT_S", 0.1)
        breaking["sleep"] = breaking["raise"] = ValueError()
        assert (await world_breaks.guest().get("/help/keys")).status == 503

    async def test_the_error_is_in_the_language_of_the_reader(
        self, breaking: dict[str, BaseException], world_breaks: World
    ) -> None:
        breaking["raise"] = ValueError()
        guest = world_breaks.guest()
        guest.client.session.cookie_jar.update_cookies({"cxcall_look": "fa.dark"}, world_breaks.server.make_url("/"))
        page = await guest.get("/help/keys")
        assert 'lang="fa"' in page.text
        assert "Something broke" not in page.text


async def test_when_the_database_is_gone_the_page_says_that_calls_go_on(world: World, agent: Browser) -> None:
    await world.engine.dispose()
    path = world.engine.url.database
    assert path is not None
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)
    Path(path).mkdir()
    page = await agent.get("/settings")
    assert (page.status, page.heading) == (503, "Not available just now")


async def test_the_address_of_a_browser_behind_a_trusted_proxy_is_the_one_it_tells(world: World) -> None:
    app = web.Application()
    app[SETTINGS] = Settings(web=Web(trusted_proxies=("10.0.0.0/8",)))

    def seen(peer: str, forwarded: str) -> str:
        request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded}, app=app).clone(remote=peer)
        return address_of(request)

    assert seen("192.0.2.1", "198.51.100.7") == "192.0.2.1", "a stranger's word is not taken"
    assert seen("10.0.0.2", "6.6.6.6, 198.51.100.7, 10.0.0.9") == "198.51.100.7"
    assert seen("10.0.0.2", "") == "10.0.0.2"
