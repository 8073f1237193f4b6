"""Agents on a real Asterisk: whoever pauses them, all agree; wrap-up; phones that are gone; the way back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.asterisk.edge import AsteriskEdge
from cxcall.asterisk.floor.agents import AgentKeeper
from cxcall.asterisk.watching import Watchers
from cxcall.bus import Bus, Commands
from cxcall.bus.floor import AgentAsked, AgentLogIn, AgentLogOut, AgentPause
from cxcall.demo.switch import Site, Switch, Tree
from cxcall.queues.definition import QueueLook
from cxcall.queues.presence import AgentState
from cxcall.settings import Settings
from cxcall.settings import Site as SiteSettings
from cxcall.store import agent_states, pause_reasons, queues, sign_ins, users
from cxcall.store.engine import open_engine
from tests.asterisk.conftest import Phones, connect_phones, no_calls
from tests.asterisk.test_listener_real import QUICK, ami_of
from tests.support.schema import new_database

SARA, REZA, MARYAM, OMID = "PJSIP/1001", "PJSIP/1002", "PJSIP/1003", "PJSIP/1004"
HINTED, OLD, LOCAL = "Local/1010@from-queue/n", "SIP/2001", "Local/1004@cxcall-demo-agents/n"
ROAMING = "PJSIP/1010"
"""The phone that the hint watches."""
MIXED = {
    "queues.conf": f"""
[mixed](common)
strategy = linear
member => {HINTED},0,Roaming,hint:1010@ext-local
member => {OLD},0,Old phone,Custom:sip2001
member => {LOCAL},0,Omid,
""",
    "extensions.conf": """
[from-queue]
exten => _X.,1,Dial(PJSIP/${EXTEN},20)
[ext-local]
exten => 1010,hint,PJSIP/1010
""",
    "pjsip.conf": "[1010](phone)\naors = 1010\n[1010]\ntype = aor\nmax_contacts = 1\n",
}
"""A queue of members as FreePBX and old sites have them: one phone has to register first."""
WRAP = 4
"""Seconds of wrap-up after a call of `support`."""


class Floor:
    """The agents of one Asterisk, as pages ask for them."""

    def __init__(self, keeper: AgentKeeper, commands: Commands, engine: AsyncEngine, people: dict[str, str]) -> None:
        self.keeper = keeper
        self.engine = engine
        self.people = people
        self._commands = commands

    async def ask(self, name: str, act: Any) -> Any:
        return await self._commands.ask(f"agents:{name}", act, timeout=20.0)

    def state(self, device: str) -> AgentState | None:
        return next((state for state in self.keeper.states() if state.device == device), None)

    def of(self, interface: str) -> str:
        """The device of the agent whom queues know by this interface."""
        return next((state.device for state in self.keeper.states() if interface in state.interfaces), "")

    async def until(self, device: str, wanted: Callable[[AgentState], bool], limit: float = 40.0) -> AgentState:
        """The state of an agent once it is as wanted."""
        state = None
        try:
            async with asyncio.timeout(limit):
                while (state := self.state(device)) is None or not wanted(state):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{device} is {state}") from None
        return state

    async def history(self, user: str) -> list[tuple[str, str]]:
        """(state, reason) one after the other, of a person."""
        now = datetime.now(UTC)
        async with self.engine.connect() as conn:
            spells = await agent_states.history(
                conn, since=now - timedelta(hours=1), until=now + timedelta(hours=1), user_id=user
            )
        return [(spell.state, spell.reason) for spell in spells]


@asynccontextmanager
async def floor(folder: Path, switch: Switch, engine: AsyncEngine, people: dict[str, str]) -> AsyncIterator[Floor]:
    settings = Settings(ami=(ami_of(switch),), site=SiteSettings(country="IR"))
    bus, commands = Bus(0), Commands()
    keeper = AgentKeeper(settings=settings, engine=engine, bus=bus, commands=commands)
    edge = AsteriskEdge(
        settings=settings, engine=engine, bus=bus, commands=commands, data_dir=folder, limits=QUICK,
        watchers=Watchers(keeper),
    )  # fmt: skip
    running = [asyncio.create_task(edge.run()), asyncio.create_task(keeper.run())]
    try:
        held = Floor(keeper, commands, engine, people)
        await held.until(SARA, lambda state: state.user_id != "")
        yield held
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(tree: Tree, tmp_path_factory: Any) -> AsyncIterator[tuple[Switch, Phones, AsyncEngine, dict[str, str]]]:
    """An Asterisk of this module's own, its phones, a database with its people, reasons and wrap-up."""
    folder = tmp_path_factory.mktemp("agents")
    engine = open_engine(new_database(folder / "cxcall.sqlite"))
    async with AsyncExitStack() as running:
        switch = await running.enter_async_context(
            Switch.start(folder / "switch", tree, Site(name="lab", additions=MIXED))
        )
        running.push_async_callback(switch.kill)
        phones = await connect_phones(switch, running)
        people = await _people(engine)
        yield switch, phones, engine, people
        await engine.dispose()


async def _people(engine: AsyncEngine) -> dict[str, str]:
    made: dict[str, str] = {}
    async with engine.begin() as conn:
        await pause_reasons.seed(conn)
        for name, phone in (("sara", SARA), ("reza", REZA), ("maryam", MARYAM)):
            user = await users.create(
                conn, name=name, role="agent", password_hash="!", display_name=name.title(), extensions=(phone,)
            )
            made[name] = user.id
        await queues.observe(conn, "lab", ["support"], now=datetime.now(UTC))
        await queues.save_look(
            conn, "lab", "support", QueueLook(wrap_up=WRAP), version=1, by="admin", now=datetime.now(UTC)
        )
    return made


Place = tuple[Switch, Phones, AsyncEngine, dict[str, str]]


async def test_a_pause_from_the_page_by_a_feature_code_and_by_another_tool_is_one_pause(
    site: Place, tmp_path: Path
) -> None:
    switch, phones, engine, people = site
    async with floor(tmp_path, switch, engine, people) as held:
        ready = await held.until(SARA, lambda state: state.state == "ready")
        assert ready.name == "Sara"
        assert set(ready.queues) == {"support", "reception"}, "the phone and the Local channel are one agent"

        await held.ask("pause", AgentPause(server="lab", device=SARA, paused=True, reason="lunch"))
        lunch = await held.until(SARA, lambda state: state.state == "paused")
        assert (lunch.reason, lunch.limit) == ("lunch", 2700.0)
        assert "paused:lunch" in (await switch.cli("queue show support")).replace(" (", "")

        phones["1001"].call("*72")
        back = await held.until(SARA, lambda state: state.state in ("ready", "on_call") and not _in_support(state))
        assert back.paused_in == ("reception",), "the key ends what it knows: the phone's own member"
        phones["1001"].call("*713")
        await held.until(SARA, lambda state: "support" in state.paused_in and _idle(state))
        meeting = held.state(SARA)
        assert meeting is not None
        assert (meeting.state, meeting.reason in ("lunch", "meeting")) == ("paused", True)

        await switch.cli("queue unpause member PJSIP/1001")
        await switch.cli("queue unpause member Local/1001@cxcall-demo-agents/n")
        await held.until(SARA, lambda state: state.state == "ready")
        for queue in ("support", "sales"):
            await switch.cli(f"queue pause member PJSIP/1003 queue {queue} reason Fire_drill")
        other = await held.until(MARYAM, lambda state: state.state == "paused")
        assert other.reason == "Fire_drill", "what another tool says is shown as it is"
        (told,) = await held.ask("state", AgentAsked(user=people["maryam"]))
        assert told["reason"] == "Fire_drill"
        await held.ask("pause", AgentPause(server="lab", device=MARYAM, paused=False))
        await held.until(MARYAM, lambda state: state.state == "ready")
        await no_calls(switch)


async def test_a_wrap_up_is_held_by_a_pause_ends_by_itself_or_by_the_agent_and_is_history(
    site: Place, tmp_path: Path
) -> None:
    switch, phones, engine, people = site
    async with floor(tmp_path, switch, engine, people) as held:
        for end_early in (False, True):
            call = phones.outside.call("02191000500", from_number="09121230031")
            ring = await phones.first_ringing("1001", "1002", "1003")
            device = f"PJSIP/{ring_at(phones, ring)}"
            await held.until(device, lambda state: state.state == "ringing")
            await ring.answer()
            talking = await held.until(device, lambda state: state.state == "on_call" and state.call != "")
            assert (talking.caller, talking.queue) == ("09121230031", "support")
            await call.hang_up()
            wrap = await held.until(device, lambda state: state.state == "wrap_up")
            assert wrap.until is not None
            assert wrap.until - wrap.since == WRAP
            assert "paused:wrap-up" in (await switch.cli("queue show support")).replace(" (", "")
            if end_early:
                await held.ask("pause", AgentPause(server="lab", device=device, paused=False))
            ready = await held.until(device, lambda state: state.state == "ready")
            assert (ready.since - wrap.since >= WRAP - 0.5) is not end_early
            await phones.forget_rings()
        person = next(state.user_id for state in held.keeper.states() if state.device == device)
        await _until_written(held)
        states = [state for state, _ in await held.history(person)]
        assert "".join(state[0] for state in states).endswith("rowr"), "ringing, on_call, wrap_up, ready"
    await no_calls(switch)


async def test_a_pause_in_a_call_waits_for_its_end_and_a_restart_keeps_the_clock(site: Place, tmp_path: Path) -> None:
    switch, phones, engine, people = site
    async with floor(tmp_path, switch, engine, people) as held:
        call = phones.outside.call("02191000500", from_number="09121230032")
        ring = await phones.first_ringing("1001", "1002", "1003")
        device = f"PJSIP/{ring_at(phones, ring)}"
        await ring.answer()
        await held.until(device, lambda state: state.state == "on_call" and state.call != "")
        await held.ask("pause", AgentPause(server="lab", device=device, paused=True, reason="break"))
        await held.until(device, lambda state: (state.state, state.after) == ("on_call", "break"))
        await call.hang_up()
        paused = await held.until(device, lambda state: state.state == "paused")
        assert paused.reason == "break"
        await _until_written(held)
    async with floor(tmp_path, switch, engine, people) as held:
        again = await held.until(device, lambda state: state.state == "paused")
        assert abs(again.since - paused.since) < 0.001
        await held.ask("pause", AgentPause(server="lab", device=device, paused=False))
        await held.until(device, lambda state: state.state == "ready")
    await no_calls(switch)


async def test_a_phone_that_is_gone_is_seen_and_queues_are_left_and_joined(site: Place, tmp_path: Path) -> None:
    switch, _phones, engine, people = site
    async with floor(tmp_path, switch, engine, people) as held:
        join = AgentLogIn(
            server="lab", device="Custom:desk9", queue="sales", name="Desk 9", interface="Local/1009@internal/n",
            state_interface="Custom:desk9",
        )  # fmt: skip
        await switch.cli("devstate change Custom:desk9 NOT_INUSE")
        await held.ask("log_in", join)
        await held.until("Custom:desk9", lambda state: state.state == "ready")
        await switch.cli("devstate change Custom:desk9 UNAVAILABLE")
        gone = await held.until("Custom:desk9", lambda state: state.gone)
        assert gone.state == "offline"
        await switch.cli("devstate change Custom:desk9 NOT_INUSE")
        await held.until("Custom:desk9", lambda state: state.state == "ready" and not state.gone)
        await held.ask("log_out", AgentLogOut(server="lab", device="Custom:desk9"))
        async with asyncio.timeout(20):
            while held.state("Custom:desk9") is not None:
                await asyncio.sleep(0.02)

        await held.ask("log_out", AgentLogOut(server="lab", device=REZA, queue="support"))
        left = await held.until(REZA, lambda state: "support" not in state.queues)
        assert left.state == "ready", "still in the queue reception"
        await held.ask("log_in", AgentLogIn(server="lab", device=REZA, queue="support"))
        await held.until(REZA, lambda state: "support" in state.queues)


async def test_an_unanswered_ring_pauses_where_the_queue_says_so_and_the_agent_comes_back(
    site: Place, tmp_path: Path
) -> None:
    switch, phones, engine, people = site
    lines = (
        "[strict]",
        "strategy=ringall",
        "timeout=2",
        "retry=1",
        "autopause=yes",
        "ringinuse=no",
        "member=PJSIP/1005",
    )
    (switch.folder / "etc" / "queues_cxcall.conf").write_text("\n".join((*lines, "")))
    await switch.cli("queue reload all")
    await switch.cli("dialplan add extension 590,1,Queue,strict into internal")
    async with floor(tmp_path, switch, engine, people) as held:
        await held.until("PJSIP/1005", lambda state: "strict" in state.queues)
        call = phones["1004"].call("590")
        await phones.first_ringing("1005")
        missed = await held.until("PJSIP/1005", lambda state: state.auto)
        assert missed.paused_in == ("strict",)
        await call.hang_up()
        await held.ask("pause", AgentPause(server="lab", device="PJSIP/1005", paused=False))
        await held.until("PJSIP/1005", lambda state: state.state == "ready" and not state.auto and not state.paused_in)
    await no_calls(switch)


def ring_at(phones: Phones, ring: Any) -> str:
    """The number of the phone that rings."""
    return next(number for number, phone in phones.inside.items() if ring in phone.calls)


def _in_support(state: AgentState) -> bool:
    return "support" in state.paused_in


def _idle(state: AgentState) -> bool:
    return state.state in ("ready", "paused")


async def _until_written(held: Floor) -> None:
    async with asyncio.timeout(20):
        while held.keeper._history.waiting:
            await asyncio.sleep(0.02)


async def test_local_hint_and_old_members_are_agents_and_a_phone_that_is_not_registered_is_said(
    site: Place, tmp_path: Path
) -> None:
    switch, _phones, engine, people = site
    await switch.cli("devstate change Custom:sip2001 NOT_INUSE")
    async with floor(tmp_path, switch, engine, people) as held:
        gone = await held.until(ROAMING, lambda state: state.gone)
        assert gone.state == "offline"
        await register(switch, 60)
        for interface in (OLD, LOCAL, HINTED):
            async with asyncio.timeout(20):
                while not (device := held.of(interface)):
                    await asyncio.sleep(0.02)
            await held.until(device, lambda state: state.state == "ready" and not state.gone)
            await held.ask("pause", AgentPause(server="lab", device=device, paused=True, reason="lunch"))
            await held.until(device, lambda state: (state.state, state.reason) == ("paused", "lunch"))
            assert "paused:lunch" in (await switch.cli("queue show mixed")).replace(" (", "")
            await switch.cli(f"queue unpause member {interface}")
            await held.until(device, lambda state: state.state == "ready")
        await held.ask("pause", AgentPause(server="lab", device=ROAMING, paused=True, reason="break"))
        paused = await held.until(ROAMING, lambda state: state.state == "paused")
        await _until_written(held)
        await asyncio.sleep(1.1)  # Asterisk tells in whole seconds since when
    async with floor(tmp_path, switch, engine, people) as held:
        again = await held.until(ROAMING, lambda state: state.state == "paused")
        assert abs(again.since - paused.since) < 0.001, "the phone behind the hint is known from the start"
        await switch.cli("devstate change Custom:sip2001 UNAVAILABLE")
        await held.until(held.of(OLD), lambda state: state.gone)
        await register(switch, 0)
        unplugged = await held.until(ROAMING, lambda state: state.gone)
        assert unplugged.state == "offline"
    async with engine.connect() as conn:
        spells = await agent_states.history(conn, since=datetime.now(UTC) - timedelta(hours=1), until=datetime.now(UTC))
    assert not [spell for spell in spells if spell.interface.startswith("hint:")]


async def test_who_signs_in_to_another_phone_is_the_agent_there(site: Place, tmp_path: Path) -> None:
    switch, phones, engine, people = site
    async with floor(tmp_path, switch, engine, people) as held:
        async with engine.begin() as conn:
            await sign_ins.sign_in(conn, people["maryam"], "lab", OMID, now=datetime.now(UTC))
        await held.ask("reload", None)
        await held.ask("log_in", AgentLogIn(server="lab", device=OMID, queue="support", name="Maryam"))
        seated = await held.until(OMID, lambda state: "support" in state.queues and state.user_id == people["maryam"])
        assert (seated.name, seated.state) == ("Maryam", "ready")
        for number in ("1001", "1002", "1003"):
            await held.ask("log_out", AgentLogOut(server="lab", device=f"PJSIP/{number}", queue="support"))
        call = phones.outside.call("02191000500", from_number="09121230040")
        await (await phones.first_ringing("1004")).answer()
        await held.until(OMID, lambda state: (state.state, state.caller) == ("on_call", "09121230040"))
        await call.hang_up()
        async with engine.begin() as conn:
            await sign_ins.sign_out(conn, people["maryam"], now=datetime.now(UTC))
        await held.ask("log_out", AgentLogOut(server="lab", device=OMID, queue="support"))
        await held.ask("reload", None)
        await held.until(OMID, lambda state: "support" not in state.queues and state.user_id != people["maryam"])
        for number in ("1001", "1002", "1003"):
            await held.ask("log_in", AgentLogIn(server="lab", device=f"PJSIP/{number}", queue="support"))
            await held.until(f"PJSIP/{number}", lambda state: "support" in state.queues)
        await held.ask("pause", AgentPause(server="lab", device=OMID, paused=False))
    await no_calls(switch)


async def register(switch: Switch, seconds: int) -> None:
    """Phone 1010 registers for so long, 0: no more."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.setblocking(False)
        where = f"127.0.0.1:{phone.getsockname()[1]}"
        server = "{}:{}".format(*switch.sip_address)
        lines = (
            f"REGISTER sip:{server} SIP/2.0",
            f"Via: SIP/2.0/UDP {where};branch=z9hG4bK{seconds}{where[-5:]}",
            f"From: <sip:1010@{server}>;tag=r{seconds}",
            f"To: <sip:1010@{server}>",
            f"Call-ID: r{where}",
            "CSeq: 1 REGISTER",
            f"Contact: <sip:1010@{where}>" if seconds else "Contact: *",
            f"Expires: {seconds}",
            "Max-Forwards: 70",
            "Content-Length: 0",
        )
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(20):
            await loop.sock_sendto(phone, "\r\n".join((*lines, "", "")).encode(), switch.sip_address)
            assert b" 200 " in (await loop.sock_recv(phone, 2_000)).split(b"\r\n")[0]
