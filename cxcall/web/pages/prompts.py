"""/admin/prompts: all that callers hear, and what is missing before it is heard as silence."""

from __future__ import annotations

from aiohttp import web

from cxcall.letters import search_key, tidy
from cxcall.prompts.speak import available
from cxcall.store import prompt_files, prompts
from cxcall.store.prompts import Prompt
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.prompts_view import NAME_TAKEN, NAME_WRONG, PATH, NewView, PromptsView, lost_of, row
from cxcall.web.prompting import note
from cxcall.web.render import Done, page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import gettext as _

LONGEST_NAME = 100

routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def show_all(request: web.Request) -> web.Response:
    settings, text = request.app[SETTINGS], typed(request.query.get("q", ""))[:100]
    only_problems = bool(request.query.get("problems"))
    async with request.app[ENGINE].connect() as conn:
        everything = await prompts.everything(conn)
    lost = await lost_of(settings, everything)
    rows = [row(prompt, settings.site.language, lost) for prompt in everything if _fits(prompt, text)]
    may_change = user_of(request).role is Role.ADMIN
    view = PromptsView(
        rows=[one for one in rows if one.has_problem or not only_problems],
        total=len(everything),
        silent=sum(bool(prompt.missing()) for prompt in everything),
        text=text,
        only_problems=only_problems,
        no_engine=may_change and not available(prompt_files.engines(settings)),
        may_change=may_change,
    )
    return page(request, "prompts.html", view, done=_deleted(request))


@routes.get(PATH + "/new")
@needs(Role.ADMIN)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "prompt_new.html", NewView())


@routes.post(PATH)
@needs(Role.ADMIN)
async def create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    name, fa, en = name_of(form), text_of(form, "fa"), text_of(form, "en")
    if not 1 <= len(name) <= LONGEST_NAME:
        return page(request, "prompt_new.html", NewView(name=name, fa=fa, en=en, error=_(NAME_WRONG)), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            prompt = await prompts.create(conn, name=name, texts={"fa": fa, "en": en})
            await note(request, conn, "prompt.create", prompt)
    except prompts.PromptNameTaken:
        return page(request, "prompt_new.html", NewView(name=name, fa=fa, en=en, error=_(NAME_TAKEN)), status=409)
    raise web.HTTPSeeOther(f"{PATH}/{prompt.id}?done=created")


async def search(request: web.Request, text: str) -> Group | None:
    """Prompts by name or by what they say, for those who may open them."""
    if not user_of(request).oversees or not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        found = [prompt for prompt in await prompts.everything(conn) if _fits(prompt, text)][:5]
    hits = [Hit(path=f"{PATH}/{prompt.id}", icon="mic", title=prompt.name, note=_said(prompt)) for prompt in found]
    return Group(title=_("Prompts"), hits=hits)


def name_of(form: Form) -> str:
    """The name as typed, on one line."""
    return tidy(_plain(field(form, "name")))


def text_of(form: Form, name: str) -> str:
    """A text as typed, at most as long as can be stored with sense."""
    return _plain(field(form, name)).strip()[:10_000]


def _plain(text: str) -> str:
    """Without the letters no database or engine takes."""
    return "".join(letter for letter in text.replace("\t", " ") if letter.isprintable() or letter in "\n\u200c")


def _fits(prompt: Prompt, text: str) -> bool:
    return search_key(text) in search_key(" ".join((prompt.name, *prompt.texts.values())))


def _said(prompt: Prompt) -> str:
    return next(iter(prompt.texts.values()), "")[:80]


def _deleted(request: web.Request) -> Done | None:
    """The sentence after a deletion; who it was is in the address only by its id, so the way back carries it."""
    gone = request.query.get("who", "")
    if request.query.get("done") != "deleted" or not gone.isalnum():
        return None
    return Done(text=_("The prompt was deleted."), undo=f"{PATH}/{gone}/restore")
