"""/knowledge: articles agents read and are pointed to by hints; supervisors and administrators write them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from cxcall.letters import tidy
from cxcall.speech.phrases import compile_phrase
from cxcall.store import articles, lists, speech_names
from cxcall.store.articles import Article, NoSuchArticle
from cxcall.store.errors import Conflict
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.speech.article_text import Block, beginning, blocks
from cxcall.web.pages.speech.category_loading import note_act, number_in, tell
from cxcall.web.presentation import current
from cxcall.web.render import Done, page
from cxcall.web.searches import Group, Hit
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/knowledge"
ONE = PATH + "/{id:[0-9a-f]+}"
CHANNEL = "articles"
LONGEST_TITLE, LONGEST_BODY, MOST_PHRASES = 200, 50_000, 100
SHOWN = 200
REMEMBERED = 200
DONE = {
    "saved": N_("The article is saved."),
    "created": N_("The article is made."),
    "removed": N_("The article is deleted."),
    "undone": N_("That is taken back."),
}
TITLE_WRONG = N_("Write a title of at most 200 letters.")
BODY_WRONG = N_("Write what agents should know.")
PHRASES_WRONG = N_("A phrase has no words in it: %(phrase)s")
CONFLICT = N_("Somebody else changed this article meanwhile. Nothing was saved. Load the page again to see it.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An article of the list."""

    article: Article
    beginning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    rows: Sequence[Line]
    asked: str
    writes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    article: Article
    blocks: Sequence[Block]
    language: str
    writes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """The form with what was typed; `id` "" for a new one."""

    id: str
    version: int
    title: str
    body: str
    phrases: str
    language: str
    chosen: Sequence[str]
    enabled: bool
    languages: Sequence[tuple[str, str]]
    queues: Sequence[str]
    errors: dict[str, str]
    message: str = ""


class Removed:
    """Articles that were deleted, while we run: the way back."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Article] = OrderedDict()

    def put(self, article: Article) -> None:
        self._kept[article.id] = article
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def take(self, id_: str) -> Article | None:
        return self._kept.pop(id_, None)


REMOVED: web.AppKey[Removed] = web.AppKey("articles_removed", Removed)


def setup(app: web.Application) -> None:
    app[REMOVED] = Removed()


@routes.get(PATH)
@needs()
async def show_all(request: web.Request) -> web.Response:
    asked, writes = tidy(request.query.get("q", ""))[:200], user_of(request).oversees
    async with request.app[ENGINE].connect() as conn:
        found = await articles.search(conn, asked, enabled=None if writes else True, limit=SHOWN)
    rows = [Line(article=one, beginning=beginning(one.body)) for one in found]
    done, who = request.query.get("done", ""), request.query.get("who", "")
    undo = f"{PATH}/{who}/undo" if done == "removed" and who.isalnum() else ""
    view = ListView(rows=rows, asked=asked, writes=writes)
    return page(request, "speech/knowledge.html", view, done=_done(request, undo))


@routes.get(PATH + "/new")
@needs(*OVERSEERS)
async def show_new(request: web.Request) -> web.Response:
    return page(request, "speech/article_form.html", await _form(request, None))


@routes.post(PATH)
@needs(*OVERSEERS)
async def create(request: web.Request) -> web.StreamResponse:
    view = await _form(request, None)
    if view.errors:
        return page(request, "speech/article_form.html", view, status=422)
    async with request.app[ENGINE].begin() as conn:
        made = await articles.create(
            conn, title=view.title, body=view.body, by=user_of(request).name, now=current().now,
            phrases=_phrases(view), language=view.language, queues=view.chosen, enabled=view.enabled,
        )  # fmt: skip
        await note_act(request, conn, "article.create", f"article:{made.id}", title=made.title)
    tell(request, CHANNEL)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=created")


@routes.get(ONE)
@needs()
async def show(request: web.Request) -> web.Response:
    article, writes = await _opened(request), user_of(request).oversees
    if not article.enabled and not writes:
        raise web.HTTPNotFound
    language = _(LANGUAGE_NAMES[article.language]) if article.language in LANGUAGE_NAMES else ""
    view = ArticleView(article=article, blocks=blocks(article.body), language=language, writes=writes)
    return page(request, "speech/article.html", view, done=_done(request))


@routes.get(ONE + "/edit")
@needs(*OVERSEERS)
async def show_form(request: web.Request) -> web.Response:
    return page(request, "speech/article_form.html", await _form(request, await _opened(request)))


@routes.post(ONE)
@needs(*OVERSEERS)
async def change(request: web.Request) -> web.StreamResponse:
    """409 with what was typed when somebody else changed it meanwhile."""
    article = await _opened(request)
    view = await _form(request, article)
    if view.errors:
        return page(request, "speech/article_form.html", view, status=422)
    changed = replace(
        article, version=number_in(field(await request.post(), "version")), title=view.title, body=view.body,
        phrases=_phrases(view), language=view.language, queues=tuple(view.chosen), enabled=view.enabled,
    )  # fmt: skip
    try:
        async with request.app[ENGINE].begin() as conn:
            await articles.save(conn, changed, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "article.change", f"article:{article.id}", title=changed.title)
    except (Conflict, NoSuchArticle):
        return page(request, "speech/article_form.html", replace(view, message=_(CONFLICT)), status=409)
    tell(request, CHANNEL)
    raise web.HTTPSeeOther(f"{PATH}/{article.id}?done=saved")


@routes.post(ONE + "/remove")
@needs(*OVERSEERS)
async def remove(request: web.Request) -> web.StreamResponse:
    article = await _opened(request)
    version = number_in(field(await request.post(), "version"))
    try:
        async with request.app[ENGINE].begin() as conn:
            await articles.remove(conn, article.id, version=version)
            await note_act(request, conn, "article.remove", f"article:{article.id}", title=article.title)
    except (Conflict, NoSuchArticle):
        view = await _form(request, article)
        return page(request, "speech/article_form.html", replace(view, message=_(CONFLICT)), status=409)
    request.app[REMOVED].put(article)
    tell(request, CHANNEL)
    raise web.HTTPSeeOther(f"{PATH}?done=removed&who={article.id}")


@routes.post(ONE + "/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Bring a deleted article back, under the address it had."""
    article = request.app[REMOVED].take(request.match_info["id"])
    if article is None:
        raise web.HTTPNotFound
    async with request.app[ENGINE].begin() as conn:
        await articles.create(
            conn, article_id=article.id, title=article.title, body=article.body, by=user_of(request).name,
            now=current().now, phrases=article.phrases, language=article.language,
            queues=article.queues, enabled=article.enabled,
        )  # fmt: skip
        await note_act(request, conn, "article.create", f"article:{article.id}", undone=True)
    tell(request, CHANNEL)
    raise web.HTTPSeeOther(f"{PATH}/{article.id}?done=undone")


async def search(request: web.Request, text: str) -> Group | None:
    """Articles by their words."""
    if not text:
        return None
    async with request.app[ENGINE].connect() as conn:
        found = await articles.search(conn, text, enabled=None if user_of(request).oversees else True, limit=5)
    hits = [Hit(path=f"{PATH}/{one.id}", icon="book", title=one.title) for one in found]
    return Group(title=_("Knowledge base"), hits=hits)


async def _opened(request: web.Request) -> Article:
    async with request.app[ENGINE].connect() as conn:
        article = await articles.get(conn, request.match_info["id"])
    if article is None:
        raise web.HTTPNotFound
    return article


async def _form(request: web.Request, article: Article | None) -> FormView:
    """The form as it was sent, else as the article is."""
    async with request.app[ENGINE].connect() as conn:
        queues = {*await lists.queues(conn), *await speech_names.queues(conn)}
    languages = [(code, _(name)) for code, name in LANGUAGE_NAMES.items()]
    sent = await request.post() if request.method == "POST" and "title" in await request.post() else None
    if sent is None:
        known = article
        return FormView(
            id=known.id if known else "", version=known.version if known else 0, title=known.title if known else "",
            body=known.body if known else "", phrases="\n".join(known.phrases) if known else "",
            language=known.language if known else "", chosen=known.queues if known else (),
            enabled=known.enabled if known else True, languages=languages,
            queues=sorted({*queues, *(known.queues if known else ())} - {""}), errors={},
        )  # fmt: skip
    chosen = [text for one in sent.getall("queue", []) if isinstance(one, str) and (text := tidy(one)[:100])]
    language = field(sent, "language")
    view = FormView(
        id=article.id if article else "", version=number_in(field(sent, "version")),
        title=tidy(field(sent, "title")), body=field(sent, "body").strip().replace("\r\n", "\n").replace("\x00", ""),
        phrases=field(sent, "phrases"), language=language if language in LANGUAGE_NAMES else "", chosen=chosen,
        enabled=bool(field(sent, "enabled")), languages=languages, queues=sorted({*queues, *chosen} - {""}), errors={},
    )  # fmt: skip
    return replace(view, errors=_errors(view))


def _errors(view: FormView) -> dict[str, str]:
    errors = {}
    if not 1 <= len(view.title) <= LONGEST_TITLE:
        errors["title"] = _(TITLE_WRONG)
    if not 1 <= len(view.body) <= LONGEST_BODY:
        errors["body"] = _(BODY_WRONG)
    empty = [phrase for phrase in _phrases(view) if compile_phrase(phrase) is None]
    if empty:
        errors["phrases"] = _(PHRASES_WRONG) % {"phrase": empty[0]}
    return errors


def _phrases(view: FormView) -> tuple[str, ...]:
    written = (tidy(line)[:100] for line in view.phrases.splitlines())
    return tuple(dict.fromkeys(phrase for phrase in written if phrase))[:MOST_PHRASES]


def _done(request: web.Request, undo: str = "") -> Done | None:
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text), undo=undo) if text else None
