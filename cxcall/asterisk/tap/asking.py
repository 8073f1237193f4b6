"""What pages ask the tap: hear this call, leave it, how does it stand (datatypes: cxcall.bus.speech)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from cxcall.asterisk.audio.counters import End
from cxcall.asterisk.audio.server import AudioServer
from cxcall.asterisk.tap.calls import Calls
from cxcall.asterisk.tap.tapped import Tapped
from cxcall.bus import CommandRefused, Commands
from cxcall.bus.speech import TapAsk, TapState, TapStatus
from cxcall.calls.stage import Stage
from cxcall.speech.listening import Decision, Why

_WHY_NOT: dict[Why, str] = {
    "no_consent": "The caller did not agree to be listened to.",
    "no_model": "There is no speech model for this queue's language.",
    "overload": "Too many calls are being transcribed now. Try again in a moment.",
}


class Asking:
    """Answers for `servers`, the calls of each."""

    def __init__(self, servers: Mapping[str, Calls], audio: AudioServer) -> None:
        self._servers = servers
        self._audio = audio

    @contextlib.contextmanager
    def serve(self, commands: Commands) -> Iterator[None]:
        """Serve tap:start, tap:stop, tap:state and tap:status."""
        with contextlib.ExitStack() as served:
            served.callback(commands.serve("tap:start", self._begin))
            served.callback(commands.serve("tap:stop", self._end))
            served.callback(commands.serve("tap:state", self._tell))
            served.callback(commands.serve("tap:status", self._status))
            yield

    async def _begin(self, ask: TapAsk) -> TapState:
        server, stage = self._found(ask)
        if server.line.way is None:
            raise CommandRefused(server.line.problem)
        if not stage.talks and not stage.offered:
            raise CommandRefused("Nobody talks in this call yet.")
        call = server.ask(stage.call_id)
        if not call.heard:
            before = call.asked_for
            call.asked_for, call.stopped = True, False
            decision = await server.decide(call)
            if decision is None or not decision.heard:
                call.asked_for = before
                raise CommandRefused(_WHY_NOT.get(decision.why, "") if decision is not None else _OVER)
        call.problem = ""
        call.tries.clear()
        server.consider(stage.call_id)
        return _state(server, call)

    async def _end(self, ask: TapAsk) -> TapState:
        server, stage = self._found(ask)
        call = server.ask(stage.call_id)
        call.stopped, call.asked_for, call.decision = True, False, Decision(heard=False, why="off")
        server.silence(call)
        return _state(server, call)

    async def _tell(self, ask: TapAsk) -> TapState:
        try:
            server, stage = self._found(ask)
        except CommandRefused as error:
            return TapState(call_id=ask.call_id, heard=False, why="off", detail=str(error))
        call = server.calls.get(stage.call_id)
        if call is None:
            return TapState(call_id=stage.call_id, heard=False, why="off", detail=server.line.problem)
        return _state(server, call)

    async def _status(self, _: object) -> TapStatus:
        audio = self._audio.status()
        servers = {
            name: each.line.way.name if each.line.way else each.line.problem for name, each in self._servers.items()
        }
        problems = [each.line.problem for each in self._servers.values() if each.line.problem]
        return TapStatus(
            calls=sum(call.heard for each in self._servers.values() for call in each.calls.values()),
            streams=sum(ear.open for each in self._servers.values() for ear in each.ears.values()),
            asked=sum(not ear.open for each in self._servers.values() for ear in each.ears.values()),
            refused=sum(each.refused for each in self._servers.values()),
            broken=sum(audio.ends[end] for end in (End.BROKEN, End.FLOOD, End.FAILED, End.LOST, End.IDLE)),
            strangers=audio.strangers,
            address=audio.address,
            problem=problems[0] if problems else "",
            servers=servers,
        )

    def _found(self, ask: TapAsk) -> tuple[Calls, Stage]:
        """The call as it is now. Raises CommandRefused when it is over or nobody knows it."""
        for name, server in self._servers.items():
            if ask.server in ("", name) and (stage := server.line.stage(ask.call_id)) is not None:
                return server, stage
        raise CommandRefused(_OVER)


_OVER = "This call is over."


def _state(server: Calls, call: Tapped) -> TapState:
    open_ears = [ear for ear in call.ears.values() if ear.open]
    why: Why = "off" if call.decision is None else call.decision.why
    problem = call.problem or server.line.problem
    heard = call.heard and (bool(open_ears) or not problem)
    return TapState(
        call_id=call.call_id,
        heard=heard,
        why="refused" if call.heard and not heard else why,
        speakers=tuple(dict.fromkeys(ear.stream.speaker for ear in open_ears)),
        detail=problem,
    )
