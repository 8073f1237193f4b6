"""What `[cxcall-reason]` of the dialplan asks over HTTP: may this caller be heard, what did they say, which key was it.

Plain lines as in `cxcall.web.dialplan`: what does not begin with `OK|` counts as "cxcall is not there".
"""

from __future__ import annotations

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.reasons import ANSWER, BEGIN, RESULT
from cxcall.web.access import public
from cxcall.web.dialplan import LIMIT, LONGEST, PREFIX
from cxcall.web.keys import COMMANDS

_STEPS = {"begin": BEGIN, "result": RESULT, "answer": ANSWER}
_FIELDS = {
    "listen": ("token",), "menu": ("token", "reason"), "sure": ("intent", "sure"), "ask": ("intent", "sure", "prompt"),
    "none": (), "more": (),
}  # fmt: skip

routes = web.RouteTableDef()


@routes.get(PREFIX + "reason")
@public
async def reason(request: web.Request) -> web.Response:
    """`?step=begin|result|answer` and what `cxcall.bus.reasons` names.

    `OK|listen|TOKEN`, `OK|menu|TOKEN|reason`;
    `OK|sure|INTENT|0-100`, `OK|ask|INTENT|0-100|PROMPT`, `OK|none`, `OK|more`.
    """
    said = {name: value[:LONGEST] for name, value in request.query.items()}
    command = _STEPS.get(said.pop("step", ""))
    if command is None:
        return _line("NO|step", 400)
    try:
        answer = await request.app[COMMANDS].ask(command, said, timeout=LIMIT)
    except (NoAnswer, CommandRefused) as error:
        return _line(f"NO|{error}", 503)
    return _line("|".join(("OK", answer["answer"], *(answer[name] for name in _FIELDS[answer["answer"]]))))


def _line(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
