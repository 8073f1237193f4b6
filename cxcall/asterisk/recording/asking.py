"""What people ask of a recording: begin, end, leave out what comes now, go on, how does it stand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from cxcall.asterisk import consent
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.recording.calls import Calls
from cxcall.asterisk.recording.tape import Tape
from cxcall.bus import CommandRefused, Commands
from cxcall.bus.speech import RecordingAsk, RecordingState
from cxcall.calls.record import CallId
from cxcall.speech.listening import records


class Asking:
    """Answers for `servers`, the calls of each."""

    def __init__(self, servers: Mapping[str, Calls]) -> None:
        self._servers = servers

    @contextlib.contextmanager
    def serve(self, commands: Commands) -> Iterator[None]:
        """Serve `recording:start|stop|pause|resume|state`."""
        with contextlib.ExitStack() as served:
            served.callback(commands.serve("recording:start", self._begin))
            served.callback(commands.serve("recording:stop", self._end))
            served.callback(commands.serve("recording:pause", self._pause))
            served.callback(commands.serve("recording:resume", self._resume))
            served.callback(commands.serve("recording:state", self._tell))
            yield

    async def _begin(self, ask: RecordingAsk) -> RecordingState:
        for calls in self._servers.values():
            if (stage := calls.follower.stage_of(CallId(ask.call_id))) is not None:
                break
        else:
            raise CommandRefused("This call is over.")
        if (tape := calls.tapes.get(ask.call_id)) is not None:
            return _told(tape)
        if not (stage.talks or stage.offered):
            raise CommandRefused("Nobody talks in this call yet.")
        said = await consent.said(calls.client, stage)
        if records(calls.chosen(stage), said=said, chance=0.0, asked_for=True) == "no_consent":
            raise CommandRefused("The caller did not agree to be recorded.")
        return _told(await calls.begin(stage, said=said, by=ask.by, why="asked_for"))

    async def _end(self, ask: RecordingAsk) -> RecordingState:
        calls, tape = self._found(ask)
        calls.decided[tape.call_id] = "stopped"
        await calls.end(tape)
        return RecordingState(call_id=ask.call_id, recording=False, detail="stopped")

    async def _pause(self, ask: RecordingAsk) -> RecordingState:
        calls, tape = self._found(ask)
        try:
            await calls.pausing.pause(tape, ask.why or "agent")
        except AmiError as error:
            raise CommandRefused(f"Asterisk goes on recording: {error}") from error
        return _told(tape)

    async def _resume(self, ask: RecordingAsk) -> RecordingState:
        calls, tape = self._found(ask)
        try:
            await calls.pausing.resume(tape)
        except AmiError as error:
            raise CommandRefused(f"The recording is still paused: {error}") from error
        return _told(tape)

    async def _tell(self, ask: RecordingAsk) -> RecordingState:
        for calls in self._servers.values():
            if (tape := calls.tapes.get(ask.call_id)) is not None:
                return _told(tape)
            if (why := calls.decided.get(ask.call_id)) is not None:
                return RecordingState(call_id=ask.call_id, recording=False, detail=why)
        return RecordingState(call_id=ask.call_id, recording=False)

    def _found(self, ask: RecordingAsk) -> tuple[Calls, Tape]:
        for calls in self._servers.values():
            if (tape := calls.tapes.get(ask.call_id)) is not None:
                return calls, tape
        raise CommandRefused("This call is not recorded.")


def _told(tape: Tape) -> RecordingState:
    why = tape.pauses[-1].why if tape.paused else ""
    return RecordingState(call_id=tape.call_id, recording=True, paused=tape.paused, detail=why)
