"""`/prompts/SHA.wav`: what callers hear, for an Asterisk elsewhere and for the pages' players.

Without a login: who knows the SHA-256 knows the sound, and Asterisk has no session. The type decides for Asterisk how
the file is played and the age whether it asks again: it never does, as a name's content never changes.
"""

from __future__ import annotations

from aiohttp import web

from cxcall.store import prompt_files
from cxcall.web.access import public
from cxcall.web.keys import SETTINGS

PREFIX = "/prompts/"
_HEADERS = {"Content-Type": "audio/wav", "Cache-Control": "public, max-age=31536000, immutable"}

routes = web.RouteTableDef()


@routes.get(PREFIX + "{sha:[0-9a-f]{64}}.wav")
@public
async def sound(request: web.Request) -> web.StreamResponse:
    """The 8 kHz file; 404 when there is none (any more)."""
    path = prompt_files.path_of(request.app[SETTINGS], request.match_info["sha"])
    return web.FileResponse(path, headers=_HEADERS)


def url_of(sha: str) -> str:
    """Where the pages play a sound from."""
    return f"{PREFIX}{sha}.wav"
