"""`/route`: where should this call go? For dialplans that ask over FastAGI; asterisk-conf asks over HTTP instead.

Arguments: unique id, queue, server, language, intent, how sure (0–100), keys; what is missing of the first and of the
number is what Asterisk says of the channel. The same decision as over HTTP, told as the same variables, and as the same
line (CX_ANSWER) to `cxcall-route` where it can't ask over HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cxcall.asterisk.agi.session import Session
from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.routing import DECIDE
from cxcall.routing.answer import KEYS, line

LIMIT = 1.3
"""Seconds for a decision; the dialplan waits for us without an end of its own."""

VARIABLES = {
    "queue": "CX_QUEUE", "priority": "CX_PRIORITY", "agent": "CX_AGENT", "agent_wait": "CX_AGENT_WAIT",
    "language": "CX_LANGUAGE", "rule": "CX_RULE", "penalty": "CX_RULE_PENALTY", "announcement": "CX_ANNOUNCEMENT",
    "treat": "CX_TREAT", "call_back": "CX_OFFER", "survey": "CX_ASK",
}  # fmt: skip
"""What each value of the answer is called in the dialplan."""

_ARGUMENTS = ("call", "queue", "server", "language", "intent", "sure", "keys")


def script(commands: Commands) -> Callable[[Session], Awaitable[None]]:
    """The handler of `/route`."""

    async def handle(session: Session) -> None:
        """Set CX_STATUS to `default`, then what was decided, and CX_STATUS to `hint` when all of it is set.

        The line comes last but one: whoever takes it has all of it, or none.
        """
        await session.set_variable("CX_STATUS", "default")
        request = session.request
        said = {name: request.arg(n) for n, name in enumerate(_ARGUMENTS, 1)}
        said["call"] = said["call"] or request.unique_id
        said["language"] = said["language"] or request.language
        said |= {"number": request.caller_id, "called": request.called}
        try:
            told = await commands.ask(DECIDE, said, timeout=LIMIT)
        except (NoAnswer, CommandRefused):
            return
        if told.get("status") != "hint":
            return
        for name in KEYS:
            if name in VARIABLES and name in told:
                await session.set_variable(VARIABLES[name], told[name])
        await session.set_variable("CX_ANSWER", line(told))
        await session.set_variable("CX_STATUS", "hint")

    return handle
