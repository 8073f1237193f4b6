"""A sentence that was not understood becomes an example of the intent it meant."""

from __future__ import annotations

import msgspec
from aiohttp import web

from cxcall.bus.reasons import CHANGED
from cxcall.letters import tidy
from cxcall.speech.intent_checks import LONGEST_TEXT, MOST_TEXTS
from cxcall.speech.intents import body_of, intent_of
from cxcall.store import audit, intents
from cxcall.store.errors import Conflict
from cxcall.store.intents import NoSuchIntent
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import field
from cxcall.web.pages.intents.words import PATH

routes = web.RouteTableDef()


@routes.post(PATH + "/learn")
@needs(Role.ADMIN)
async def learn(request: web.Request) -> web.StreamResponse:
    """Add `text` to the examples of the intent `id`, in the language of its letters; what it has already stays."""
    form = await request.post()
    text = tidy(field(form, "text"))[:LONGEST_TEXT]
    async with request.app[ENGINE].begin() as conn:
        kept = await intents.get(conn, field(form, "id"))
        if kept is None or not text:
            raise web.HTTPSeeOther(f"{PATH}?done=not_learnt")
        known = intent_of(kept.name, kept.body)
        language = "fa" if any("\u0600" <= letter <= "\u06ff" for letter in text) else "en"
        before = tuple(known.examples.get(language, ()))
        if text not in before and len(before) < MOST_TEXTS:
            better = msgspec.structs.replace(known, examples={**known.examples, language: (*before, text)})
            try:
                await intents.save(
                    conn, kept.id, name=kept.name, body=body_of(better), enabled=kept.enabled, version=kept.version,
                    by=user_of(request).name, now=request.app[CLOCK](),
                )  # fmt: skip
            except (Conflict, NoSuchIntent):
                raise web.HTTPSeeOther(f"{PATH}?done=not_learnt") from None
            await audit.add(
                conn, actor=user_of(request).name, act="intent.change", subject=f"intent:{kept.id}",
                details={"name": kept.name, "example": language}, address=address_of(request),
                at=request.app[CLOCK](),
            )  # fmt: skip
    request.app[BUS].publish(CHANGED, {"id": kept.id})
    raise web.HTTPSeeOther(f"{PATH}?done=learnt")
