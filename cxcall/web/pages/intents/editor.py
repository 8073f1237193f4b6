"""One intent as a form: what callers say in each language, where it leads, the key and the question for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.reasons import CHANGED
from cxcall.letters import ascii_digits, tidy
from cxcall.speech.category import worded
from cxcall.speech.intent_checks import LANGUAGES, faults
from cxcall.speech.intents import Intent, body_of, intent_of
from cxcall.store import audit, intents, prompts
from cxcall.store import queues as kept_queues
from cxcall.store.errors import Conflict
from cxcall.store.intents import IntentNameTaken, NoSuchIntent
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.intents import asking, known_queues
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.intents.listing import LONGEST, Tried, all_known, tried
from cxcall.web.pages.intents.words import CONFLICT, DONE, ONE, PATH, TAKEN, USED, told
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.speech.category_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.words import gettext as _

KEYS = tuple("1234567890*#")
MOST_LINES = 400

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form with what was typed; `id` "" for a new one. `errors` by the name of the field; `trying`: only a sentence
    was tried, by its button or by Enter while there is one; nothing is saved then."""

    id: str
    version: int
    intent: Intent
    enabled: bool
    writes: bool
    queues: Sequence[str]
    own_number: str
    prompts: Sequence[tuple[str, str]]
    text: str = ""
    trying: bool = False
    spoken: str = ""
    tried: Tried | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    keys = KEYS

    @property
    def title(self) -> str:
        return worded(self.intent.title, current().language) or self.intent.name

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """Code, name and direction of each."""
        return [(code, _(LANGUAGE_NAMES[code]), "rtl" if code == "fa" else "ltr") for code in LANGUAGES]

    def lines(self, name: str, language: str) -> str:
        """The phrases or examples of a language, one a line."""
        texts: Mapping[str, Sequence[str]] = getattr(self.intent, name)
        return "\n".join(texts.get(language, ()))


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "intents/form.html", await _view(request, Intent(name="")))


@routes.post(PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    view = await _typed(request, form, None)
    if view.errors or view.trying:
        return page(request, "intents/form.html", view, status=422 if view.errors else 200)
    by, now = user_of(request).name, request.app[CLOCK]()
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await intents.create(
                conn, view.intent.name, body_of(view.intent), enabled=view.enabled, by=by, now=now
            )
            await _note(request, conn, "intent.create", made)
    except IntentNameTaken:
        return page(request, "intents/form.html", replace(view, errors={"name": _(TAKEN)}), status=422)
    request.app[BUS].publish(CHANGED, {"id": made.id})
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=created")


@routes.get(ONE)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    kept = await _opened(request)
    view = await _view(request, intent_of(kept.name, kept.body), kept)
    done = DONE.get(request.query.get("done", ""))
    return page(request, "intents/form.html", view, done=Done(text=_(done)) if done else None)


@routes.post(ONE)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    """Save, or only try a sentence against what is typed; 409 when somebody else changed it meanwhile."""
    kept, form = await _opened(request), await request.post()
    view = await _typed(request, form, kept)
    if view.errors or view.trying:
        return page(request, "intents/form.html", view, status=422 if view.errors else 200)
    try:
        async with request.app[ENGINE].begin() as conn:
            saved = await intents.save(
                conn, kept.id, name=view.intent.name, body=body_of(view.intent), enabled=view.enabled,
                version=view.version, by=user_of(request).name, now=request.app[CLOCK](),
            )  # fmt: skip
            await _note(request, conn, "intent.change", saved)
    except IntentNameTaken:
        return page(request, "intents/form.html", replace(view, errors={"name": _(TAKEN)}), status=422)
    except (Conflict, NoSuchIntent):
        return page(request, "intents/form.html", replace(view, message=_(CONFLICT)), status=409)
    request.app[BUS].publish(CHANGED, {"id": saved.id})
    raise web.HTTPSeeOther(f"{PATH}/{saved.id}?done=saved")


@routes.post(ONE + "/remove")
@needs(Role.ADMIN)
async def remove(request: web.Request) -> web.StreamResponse:
    """Deleted, unless a rule asks for it."""
    kept = await _opened(request)
    version = number_in(sent(await request.post(), "version"))
    async with request.app[ENGINE].connect() as conn:
        rules = await asking(conn, kept.name)
    message = _(USED) % {"rules": ", ".join(rules)} if rules else ""
    if not message:
        try:
            async with request.app[ENGINE].begin() as conn:
                await intents.remove(conn, kept.id, version=version)
                await _note(request, conn, "intent.remove", kept)
        except (Conflict, NoSuchIntent):
            message = _(CONFLICT)
    if message:
        view = await _view(request, intent_of(kept.name, kept.body), kept)
        return page(request, "intents/form.html", replace(view, message=message), status=409)
    request.app[BUS].publish(CHANGED, {"id": kept.id})
    raise web.HTTPSeeOther(f"{PATH}?done=removed")


async def _opened(request: web.Request) -> intents.Intent:
    async with request.app[ENGINE].connect() as conn:
        kept = await intents.get(conn, request.match_info["id"])
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def _view(request: web.Request, intent: Intent, kept: intents.Intent | None = None) -> FormView:
    async with request.app[ENGINE].connect() as conn:
        queues = await known_queues(conn)
        numbers = kept_queues.first_numbers(await kept_queues.everything(conn))
        spoken = [(one.id, one.name) for one in await prompts.everything(conn)]
    return FormView(
        id=kept.id if kept else "", version=kept.version if kept else 0, intent=intent,
        enabled=kept.enabled if kept else True, writes=user_of(request).role is Role.ADMIN,
        queues=sorted(queues), own_number=numbers.get(intent.queue, ""), prompts=spoken, spoken=current().language,
    )  # fmt: skip


async def _typed(request: web.Request, form: Form, kept: intents.Intent | None) -> FormView:
    """The form as it was sent, with what is wrong in it, and what a sentence would mean by it."""
    intent = Intent(
        name=sent(form, "name").strip()[:100],
        title={code: text for code in LANGUAGES if (text := tidy(sent(form, f"title.{code}")))},
        phrases=_texts(form, "phrases"),
        examples=_texts(form, "examples"),
        queue=tidy(sent(form, "queue"))[:128],
        number=ascii_digits(sent(form, "number")).strip()[:60],
        key=sent(form, "key")[:2],
        prompt=sent(form, "prompt")[:60],
        offered=bool(sent(form, "offered")),
    )
    view = await _view(request, intent, kept)
    async with request.app[ENGINE].connect() as conn:
        others = await all_known(conn)
        rules = await asking(conn, kept.name) if kept is not None and kept.name != intent.name else []
    if kept is not None:
        others.pop(kept.name, None)
    queues = set(view.queues)
    if queues and kept is not None:  # what stood there before may stay
        queues.add(intent_of(kept.name, kept.body).queue)
    found = faults(intent, others.values(), queues)
    errors = {f"{fault.field}.{fault.language}".rstrip("."): told(fault) for fault in found}
    if rules:
        errors["name"] = _(USED) % {"rules": ", ".join(rules)}
    text, do = tidy(sent(form, "text"))[:LONGEST], sent(form, "do")
    trying = do == "try" or (do == "enter" and bool(text))
    spoken = sent(form, "spoken") if sent(form, "spoken") in LANGUAGES else current().language
    return replace(
        view, version=number_in(sent(form, "version")), enabled=bool(sent(form, "enabled")),
        errors=errors, text=text, spoken=spoken,
        tried=tried(text, spoken, [*others.values(), intent]) if trying else None, trying=trying,
    )  # fmt: skip


def _texts(form: Form, name: str) -> dict[str, tuple[str, ...]]:
    """What was typed one a line, by language; empty lines and what stands there twice are left out."""
    found = {}
    for code in LANGUAGES:
        lines = (tidy(line) for line in sent(form, f"{name}.{code}").splitlines()[:MOST_LINES])
        if texts := tuple(dict.fromkeys(line for line in lines if line)):
            found[code] = texts
    return found


async def _note(request: web.Request, conn: AsyncConnection, act: str, about: intents.Intent) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"intent:{about.id}", details={"name": about.name},
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip
