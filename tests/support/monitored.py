"""What listens in, without an Asterisk: answers the commands of cxcall.bus.monitoring as the switch's edge would."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field

from cxcall.bus import Bus, CommandRefused, Commands
from cxcall.bus.monitoring import Monitor, MonitorAsk, monitor_channel


@dataclass(slots=True)
class Monitored:
    """`asked` are all wishes; with `refuse` they are refused in these words; a stop takes `slow` seconds."""

    bus: Bus
    agent: str = "PJSIP/1001"
    agent_name: str = "Sara Karimi"
    asked: list[MonitorAsk] = field(default_factory=list)
    open: dict[str, Monitor] = field(default_factory=dict)
    refuse: str = ""
    slow: float = 0.0
    why: dict[str, tuple[str, str]] = field(default_factory=dict)

    def serve(self, commands: Commands) -> None:
        commands.serve("monitor:start", self._start)
        commands.serve("monitor:stop", self._stop)
        commands.serve("monitor:of", self._of)
        commands.serve("monitor:on", self._on)
        commands.serve("monitor:at", self._at)
        commands.serve("monitor:why", self._why)

    def answered(self, user: str) -> None:
        """The phone of `user` is picked up."""
        self.open[user] = dataclasses.replace(self.open[user], state="on")
        self._tell(user)

    async def _start(self, ask: MonitorAsk) -> Monitor:
        self.asked.append(ask)
        if self.refuse:
            raise CommandRefused(self.refuse)
        before = self.open.get(ask.user)
        self.open[ask.user] = Monitor(
            user=ask.user, by=ask.by, call_id=ask.call_id, mode=ask.mode, phone=ask.phone,
            state=before.state if before else "ringing", since=1_795_300_000.0, agent=self.agent,
            agent_name=self.agent_name, channel_id="cxsup-1", told=ask.announce != "no",
        )  # fmt: skip
        self._tell(ask.user)
        return self.open[ask.user]

    async def _stop(self, user: str) -> None:
        self.open.pop(user, None)
        self._tell(user)
        await asyncio.sleep(self.slow)

    async def _of(self, user: str) -> Monitor | None:
        return self.open.get(user)

    async def _on(self, call_id: str) -> tuple[Monitor, ...]:
        return tuple(each for each in self.open.values() if each.call_id == call_id)

    async def _at(self, phone: str) -> tuple[Monitor, ...]:
        return tuple(each for each in self.open.values() if each.agent == phone and each.told and each.state == "on")

    async def _why(self, user: str) -> tuple[str, str] | None:
        return self.why.get(user)

    def _tell(self, user: str) -> None:
        self.bus.publish(monitor_channel(user), {})
