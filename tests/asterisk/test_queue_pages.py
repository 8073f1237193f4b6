"""From the page to Asterisk: a queue is set up in forms, applied, reached by a call, changed by hand and taken over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio

from cxcall.bus import Bus
from cxcall.bus.acts import Originate
from cxcall.demo.switch import Tree
from cxcall.settings import Ami, Data, Settings
from cxcall.store import users
from cxcall.web.access import Role
from cxcall.web.app import init_app
from tests.asterisk.queue_stage import SERVER, Stage, stage
from tests.support.as_served import AsServed
from tests.support.queue_stage import PATH, form_of
from tests.support.webapp import HASH, NAMES, Browser, Clock, World

NIGHT = f"{PATH}/{SERVER}/night"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tree: Tree, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, tree, {}) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def admin(site: Stage, tmp_path: Path) -> AsyncIterator[Browser]:
    async with site.engine.begin() as conn:
        leila = await users.create(conn, name=NAMES[Role.ADMIN], role="admin", password_hash=HASH)
    clock = Clock()
    clock.real()
    settings = Settings(ami=(Ami(name=SERVER),), data=Data(dir=str(tmp_path)))
    bus = Bus(epoch=1)
    app = init_app(settings=settings, engine=site.engine, bus=bus, commands=site.commands, clock=clock)
    server = AsServed(app)
    await server.start_server()
    world = World(app=app, server=server, engine=site.engine, bus=bus, commands=site.commands, clock=clock,
                  people={Role.ADMIN: leila})  # fmt: skip
    yield await world.browser(Role.ADMIN)
    for client in world._clients:
        await client.session.close()
    await server.close()


async def sent(admin: Browser, do: str, **typed: str) -> str:
    """Send the form of the queue by a button; where the browser ends up, or the page it is shown."""
    now = [(name, typed.get(name, value)) for name, value in await form_of(admin, NIGHT)]
    more = [(name, value) for name, value in typed.items() if name not in dict(now)]
    answer = await admin.post(NIGHT, [*now, *more, ("do", do)])
    return answer.headers.get("Location") or answer.text


@asynccontextmanager
async def originating(site: Stage) -> AsyncIterator[None]:
    """What the listener of this Asterisk does when a phone is to be rung."""

    async def ring(act: Originate) -> None:
        fields = {"Channel": f"PJSIP/{act.channel}", "Context": act.context, "Exten": act.exten, "Priority": "1"}
        async with site.manager() as tool:
            await tool.ask("Originate", {**fields, "Async": "true"})

    withdraw = site.commands.serve(f"ami:{SERVER}", ring)
    try:
        yield
    finally:
        withdraw()


async def test_a_queue_set_up_on_its_page_rings_its_member_and_a_hand_made_change_is_never_overwritten(
    site: Stage, admin: Browser
) -> None:
    assert (await admin.post(PATH, {"server": SERVER, "name": "night"})).status == 303
    await sent(admin, "add", add_phone="PJSIP/1001", add_name="Sara")
    wrong = await sent(admin, "add", add_phone="PJSIP/7777")
    assert "Asterisk knows no phone PJSIP/7777." in (await admin.get(NIGHT)).text, wrong
    assert "Not applied: there are problems to fix first." in await sent(admin, "apply")
    await sent(admin, "remove:1")
    assert (await sent(admin, "apply", ring="7", longest_wait="60")).endswith("done=applied")
    file = site.etc / "queues_cxcall.conf"
    assert "timeout = 7" in file.read_text()
    assert "night" in await site.switch.cli("queue show night")
    async with originating(site):
        called = await admin.post(f"{NIGHT}/test-call", {"phone": "1002"})
        assert called.headers["Location"].endswith("done=called"), called.text
        await (await site.phones.first_ringing("1002")).answer()
        await site.phones.first_ringing("1001")
    await site.quiet()

    file.write_text(file.read_text().replace("timeout = 7", "timeout = 9"))
    clash = await sent(admin, "apply", ring="12")
    assert "<ins>+timeout = 9</ins>" in clash
    assert "timeout = 9" in file.read_text()
    assert "Take these lines over" in (await admin.get(PATH)).text
    taken = await admin.post(f"{PATH}/accept", {"server": SERVER})
    assert taken.headers["Location"].endswith("done=accepted"), taken.text
    assert (await sent(admin, "apply")).endswith("done=applied")
    assert "timeout = 12" in file.read_text()
    back = await admin.post(f"{PATH}/history", {"server": SERVER, "n": "1"})
    assert back.headers["Location"].endswith("done=rolled-back"), back.text
    assert "timeout = 7" in file.read_text()
    async with asyncio.timeout(20):
        assert "night" in (await admin.get(PATH)).text
