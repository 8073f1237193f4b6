"""The phone beside the builder, and the call to one's own: the draft as a caller hears it, before any caller does."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.store.surveys import Survey
from cxcall.surveys.dialogue import Facts
from cxcall.surveys.script import Script
from cxcall.web.access import Role, needs
from cxcall.web.digits import typed
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.survey_labels import RESULTS
from cxcall.web.pages.survey_loading import Heard, heard, opened, survey_of
from cxcall.web.pages.survey_phone_view import KEYS, PhoneView, idle, phone
from cxcall.web.pages.survey_words import PATH, title_of
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ONE = PATH + "/{id:[0-9a-f]+}"
STATES = {
    "ringing": N_("Your phone rings. Take the call and answer as a caller would."),
    "running": N_("The survey is being asked on your phone."),
    "done": N_("The call is over. Nothing of it was stored."),
    "failed": N_("The call did not work."),
}
NO_PHONES = N_("Test calls do not run here just now. Listen with the phone beside the cards.")
WRONG_PHONE = N_("Write the phone to be called, for example 1001 or PJSIP/1001.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call to one's own phone: how far it is, what was answered till now."""

    survey: Survey
    extension: str = ""
    token: str = ""
    state: str = ""
    text: str = ""
    error: str = ""
    part: str = ""
    given: tuple[tuple[str, str], ...] = ()

    @property
    def going_on(self) -> bool:
        return self.state in ("ringing", "running")


@routes.get(ONE + "/phone")
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    """The phone alone."""
    async with request.app[ENGINE].connect() as conn:
        survey, prompts = await opened(conn, request), await heard(conn)
    return fragment(request, "survey_phone.html", of_request(request, survey.id, survey.draft, prompts))


@routes.post(ONE + "/call")
@needs(Role.ADMIN)
async def call(request: web.Request) -> web.StreamResponse:
    """Ring a phone and ask the draft on it."""
    survey, form = await survey_of(request), await request.post()
    extension = typed(field(form, "extension"))
    view = CallView(survey=survey, extension=extension)
    if not extension or len(extension) > 80 or not extension.isprintable():
        return _call(request, view, _(WRONG_PHONE), 422)
    asked = {
        "server": "", "extension": extension, "script": survey.draft, "language": field(form, "language"), "queue": "",
        "tier": "",
    }  # fmt: skip
    try:
        told = await request.app[COMMANDS].ask("survey:test", asked, timeout=5.0)
    except CommandRefused as error:
        return _call(request, view, said(str(error)), 409)
    except NoAnswer:
        return _call(request, view, _(NO_PHONES), 503)
    raise web.HTTPSeeOther(f"{PATH}/{survey.id}/call?token={told['token']}")


@routes.get(ONE + "/call")
@needs(Role.ADMIN)
async def show_call(request: web.Request) -> web.Response:
    """How far a test call is; asked for again while it goes on."""
    survey, token = await survey_of(request), request.query.get("token", "")
    try:
        told = await request.app[COMMANDS].ask("survey:test-state", {"token": token}, timeout=2.0)
    except (CommandRefused, NoAnswer) as error:
        why = str(error) if isinstance(error, CommandRefused) else NO_PHONES
        return _call(request, CallView(survey=survey), said(why), 404)
    given = tuple(_answer(survey.draft, one) for one in told["given"])
    now = survey.draft.part(told["part"])
    state = str(told["state"])
    why = str(told["error"]) or STATES[state]
    view = CallView(
        survey=survey, token=token, state=state, text=said(why), part=title_of(now) if now else "", given=given
    )
    return _call(request, view, "", 200)


def of_request(request: web.Request, survey_id: str, script: Script, prompts: Heard) -> PhoneView:
    """The phone as the address describes it: `said` so far and the `key` pressed now."""
    query = request.query
    languages = script.languages or ("en",)
    language = query.get("language", "")
    language = language if language in languages else languages[0]
    if "said" not in query or query.get("key") == "off":
        return idle(survey_id, script, language)
    key = query.get("key", "")
    key = typed(key) if typed(key) in (*KEYS, "t", "r", "h") else ""
    facts = Facts(language=language, queue=query.get("queue", "")[:80], tier=query.get("tier", "")[:20])
    return phone(survey_id, script, prompts, facts, query["said"] + key)


def _call(request: web.Request, view: CallView, error: str, status: int) -> web.Response:
    shown = CallView(**{name: getattr(view, name) for name in view.__slots__} | {"error": error})
    part = request.headers.get("X-Fragment")
    render = fragment if part else page
    return render(request, "survey_call.html" if part else "survey_call_page.html", shown, status=status)


def _answer(script: Script, given: dict[str, object]) -> tuple[str, str]:
    part = script.part(str(given["part"]))
    answered = given["result"] == "answered" and given["keys"]
    return (title_of(part) if part else "", str(given["keys"]) if answered else _(RESULTS[str(given["result"])]))
