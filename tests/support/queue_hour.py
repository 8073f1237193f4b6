"""A simulated stretch of queue calls as Asterisk's events: callers who are answered, give up, are sent on or refused.

What is one moment in Asterisk (a hang-up and all that it causes) takes some milliseconds here too, but never lies
across a whole minute, so that the final record can say what was the case at one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from heapq import merge

from cxcall.calls.events import read
from cxcall.calls.kinds import Event

QUEUES = ("sales", "support", "billing", "gold")
Timed = tuple[float, dict[str, str]]


def events(*, calls: int, start: float, seconds: float, seed: int = 5) -> Iterator[Event]:
    """`calls` queue calls that begin within `seconds` from `start` (epoch), in order of time; all come to an end."""
    chance = random.Random(seed)
    scripts = [_call(number, start + chance.random() * seconds, chance) for number in range(calls)]
    for at, message in merge(*scripts, key=lambda timed: timed[0]):
        event = read({**message, "Timestamp": f"{at:.6f}"})
        assert event is not None, message
        yield event


def _call(number: int, start: float, chance: random.Random) -> list[Timed]:
    """One call: into a queue, perhaps from there into another."""
    script = _Script(number, start, chance)
    queue = chance.choice(QUEUES)
    script.come(queue)
    end = chance.random()
    if end < 0.03:
        script.refused(queue, chance.choice(("FULL", "JOINEMPTY")))
    elif end < 0.20:
        script.gives_up(queue, chance.choice((chance.uniform(0.5, 4.9), chance.uniform(5.1, 240.0))))
    elif end < 0.30:
        script.sent_on(queue)
        script.answered(chance.choice(QUEUES))
    else:
        script.answered(queue)
    return script.told


class _Script:
    """The events of one call with their times."""

    def __init__(self, number: int, start: float, chance: random.Random) -> None:
        self.told: list[Timed] = []
        self._at = _off_minute(start)
        self._chance = chance
        self._number = number
        self._serial = 0
        self._base = int(start)
        self._caller = self._channel("trunk")
        self._linked = self._caller["Uniqueid"]

    def come(self, queue: str) -> None:
        self._tell("Newchannel", Context="from-trunk", Exten="870", CallerIDNum=f"0912{self._number:07}")
        self._tell("Newexten", Application="Queue", AppData=queue)

    def refused(self, queue: str, status: str) -> None:
        self._tell("VarSet", Variable="QUEUESTATUS", Value=status)
        self._hang_up()

    def gives_up(self, queue: str, patience: float) -> None:
        self._join(queue)
        self._wait(patience)
        self._tell("HangupRequest")
        self._tell("QueueCallerAbandon", Queue=queue, Position="1", OriginalPosition="1", HoldTime=f"{patience:.0f}")
        self._tell("QueueCallerLeave", Queue=queue, Position="1", Count="0")
        self._hang_up()

    def sent_on(self, queue: str) -> None:
        """Nobody comes within a minute; the dialplan goes on."""
        self._join(queue)
        self._wait(60.0)
        self._tell("QueueCallerAbandon", Queue=queue, Position="1", OriginalPosition="1", HoldTime="60")
        self._tell("QueueCallerLeave", Queue=queue, Position="1", Count="0")
        self._tell("VarSet", Variable="QUEUESTATUS", Value="TIMEOUT")

    def answered(self, queue: str) -> None:
        self._join(queue)
        if self._chance.random() < 0.2:
            self._wait(self._chance.uniform(0, 30))
            agent = self._offer(queue)
            self._wait(15.0)
            self._tell("AgentRingNoAnswer", **agent, Queue=queue, Interface="PJSIP/1001", MemberName="Sara")
            self._end(agent, "19")
        self._wait(self._chance.choice((self._chance.uniform(0, 20), self._chance.uniform(20, 200))))
        agent = self._offer(queue)
        self._wait(self._chance.uniform(1, 9))
        self._tell("DialEnd", **agent, DialStatus="ANSWER")
        self._tell("QueueCallerLeave", Queue=queue, Position="1", Count="0")
        member = {"Queue": queue, "Interface": "PJSIP/1001", "MemberName": "Sara"}
        self._tell("AgentConnect", **agent, **member, HoldTime="9", RingTime="3")
        self._talk(agent)
        self._tell("AgentComplete", **agent, **member, HoldTime="9", TalkTime="60", Reason="caller")
        self._end(agent, "16")
        self._hang_up()

    def _talk(self, agent: dict[str, str]) -> None:
        bridge = {"BridgeUniqueid": f"bridge-{self._number}-{self._serial}", "BridgeType": "basic"}
        phone = {key.removeprefix("Dest"): value for key, value in agent.items()}
        self._tell("BridgeEnter", **phone, **bridge)
        self._tell("BridgeEnter", **bridge)
        length = self._chance.choice((self._chance.uniform(20, 200), self._chance.uniform(800, 1100)))
        if self._chance.random() < 0.15:
            self._wait(length / 4)
            self._tell("Hold", **phone)
            self._wait(self._chance.choice((30.0, 170.0)))
            self._tell("Unhold", **phone)
            length /= 2
        self._wait(length)
        self._tell("HangupRequest")
        self._tell("BridgeLeave", **bridge)
        self._tell("BridgeLeave", **phone, **bridge)

    def _join(self, queue: str) -> None:
        self._tell("QueueCallerJoin", Queue=queue, Position="1", Count="1")

    def _offer(self, queue: str) -> dict[str, str]:
        phone = self._channel("1001")
        agent = {f"Dest{key}": value for key, value in phone.items()}
        self._tell("Newchannel", **phone, Context="phones", Exten="s")
        self._tell("AgentCalled", **agent, Queue=queue, Interface="PJSIP/1001", MemberName="Sara")
        self._tell("DialBegin", **agent, DialString="1001")
        return agent

    def _end(self, agent: dict[str, str], cause: str) -> None:
        self._tell("Hangup", **{key.removeprefix("Dest"): value for key, value in agent.items()}, Cause=cause)

    def _hang_up(self) -> None:
        self._tell("Hangup", Cause="16")

    def _wait(self, seconds: float) -> None:
        self._at = _off_minute(self._at + seconds)

    def _tell(self, event: str, **headers: str) -> None:
        self._at += 0.001
        whose = {} if "Uniqueid" in headers else self._caller
        self.told.append((self._at, {"Event": event, **whose, **headers, "Linkedid": self._linked}))

    def _channel(self, device: str) -> dict[str, str]:
        self._serial += 1
        name = f"PJSIP/{device}-{self._number * 10 + self._serial:08x}"
        return {"Channel": name, "Uniqueid": f"lab-{self._base}.{self._number * 10 + self._serial}"}


def _off_minute(at: float) -> float:
    """The moment, or a bit later when a minute would be full before all of it is told."""
    return at + 0.2 if at % 60 > 59.9 else at
