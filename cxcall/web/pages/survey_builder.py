"""/admin/surveys/ID: the builder. Each act is a form that changes the draft by a pure function (surveys/editing.py).

With scripts the same forms are sent while one types and the answer is put in place (survey-builder.ts). A draft that
somebody else changed is never overwritten unseen: the form says which version it is based on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from cxcall.prompts.made import BadSound
from cxcall.prompts.speak import CannotSpeak
from cxcall.store import lists, prompts, survey_askings, surveys
from cxcall.store.errors import Conflict
from cxcall.store.surveys import Survey, SurveyNameTaken
from cxcall.surveys.editing import CannotEdit
from cxcall.surveys.script import Script
from cxcall.web import prompting
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import BUS, ENGINE
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.survey_acts import Edited, edit
from cxcall.web.pages.survey_form import LANGUAGES, Reading, Written
from cxcall.web.pages.survey_loading import done_of, heard, note_act, number_in, survey_of
from cxcall.web.pages.survey_phone import of_request
from cxcall.web.pages.survey_view import BuilderView, builder
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{id:[0-9a-f]+}"
REMEMBERED = 500

routes = web.RouteTableDef()


class Former:
    """Drafts before the last changes, by survey and the version each change made: the way back, while we run."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Script] = OrderedDict()

    def put(self, survey_id: str, version: int, draft: Script) -> None:
        self._kept[survey_id, version] = draft
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def of(self, survey: Survey) -> Script | None:
        return self._kept.get((survey.id, survey.version))

    def taken_back(self, before: Survey, after: Survey) -> None:
        """`before`'s change was undone: what came before it can be undone next."""
        older = self._kept.get((before.id, before.version - 1))
        if older is not None:
            self.put(after.id, after.version, older)


FORMER: web.AppKey[Former] = web.AppKey("survey_former", Former)


@routes.get(ONE)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    survey, query = await survey_of(request), request.query
    undo = f"{words.PATH}/{survey.id}/undo" if query.get("done") == "removed" else ""
    view = await _view(request, survey, focus=query.get("part", ""))
    return page(request, "survey.html", view, done=done_of(request, undo))


@routes.post(ONE + "/draft")
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Whatever a card's form is sent for: `do` says what. The card's fields are saved with every act."""
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    survey = await survey_of(request)
    try:
        edited = edit(survey.draft, written)
    except CannotEdit as error:
        return await _again(request, survey, Edited(draft=survey.draft), message=str(error), status=409)
    if edited.errors:
        return await _again(request, survey, edited, message=words.NOT_SAVED, status=422)
    version = number_in(field(form, "version"))
    if version != survey.version:
        return await _again(request, survey, edited, message=words.CONFLICT, status=409)
    if edited.speak:
        return await _speak(request, survey, edited, form)
    return await _saved(request, survey, edited, version)


@routes.post(ONE + "/survey")
@needs(Role.ADMIN)
async def change_survey(request: web.Request) -> web.StreamResponse:
    """The survey's own fields: name, goal, languages, the key for those who decline."""
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    survey = await survey_of(request)
    edited = edit(survey.draft, {**written, "part": "", "do": field(form, "do") or "save"})
    reading = Reading(written)
    name, goal = reading.text("name"), reading.number("goal_nps")
    errors = {}
    if not 1 <= len(name) <= 100:
        errors["name"] = words.NAME_WRONG
    if reading.errors or (goal is not None and not -100 <= goal <= 100):
        errors["goal_nps"] = words.GOAL_WRONG
    if errors:
        wrong = Edited(draft=survey.draft, typed={"": written}, errors=errors)
        return await _again(request, survey, wrong, message=words.NOT_SAVED, status=422)
    version = number_in(field(form, "version"))
    if version != survey.version:
        return await _again(request, survey, Edited(draft=survey.draft, typed={"": written}),
                            message=words.CONFLICT, status=409)  # fmt: skip
    if edited.speak:
        return await _speak(request, survey, edited, form)
    return await _saved(request, survey, edited, version, name=name, goal_nps=goal)


@routes.post(ONE + "/undo")
@needs(Role.ADMIN)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last change of the draft back; again: the one before it."""
    survey, former = await survey_of(request), request.app[FORMER]
    before = former.of(survey)
    if before is None:
        return await _again(request, survey, Edited(draft=survey.draft), message=words.NOTHING_TO_UNDO, status=409)
    try:
        async with request.app[ENGINE].begin() as conn:
            after = await surveys.save_draft(
                conn, survey.id, before, version=survey.version, by=user_of(request).name, now=current().now
            )
    except Conflict:
        return await _again(request, survey, Edited(draft=survey.draft), message=words.CONFLICT_ACT, status=409)
    former.taken_back(survey, after)
    tell(request, survey.id)
    return await _answer(request, after, Edited(draft=before, done="undone"))


def tell(request: web.Request, survey_id: str) -> None:
    """Pages that show this survey fetch it anew."""
    request.app[BUS].publish("surveys", {"survey": survey_id, "state": "changed"})


async def _saved(request: web.Request, survey: Survey, edited: Edited, version: int, **also: Any) -> web.StreamResponse:
    if edited.draft == survey.draft and all(getattr(survey, name) == value for name, value in also.items()):
        return await _answer(request, survey, edited)
    try:
        async with request.app[ENGINE].begin() as conn:
            after = await surveys.change(
                conn, survey.id, version=version, by=user_of(request).name, now=current().now, draft=edited.draft,
                **also,
            )  # fmt: skip
            if not request.headers.get("X-Autosave"):
                await note_act(request, conn, "survey.change", f"survey:{survey.id}", name=after.name)
    except Conflict:
        return await _again(request, await survey_of(request), edited, message=words.CONFLICT, status=409)
    except SurveyNameTaken:
        wrong = Edited(draft=survey.draft, typed=edited.typed, errors={"name": words.NAME_TAKEN})
        return await _again(request, survey, wrong, message=words.NOT_SAVED, status=409)
    if edited.draft != survey.draft:
        request.app[FORMER].put(survey.id, after.version, survey.draft)
    tell(request, survey.id)
    return await _answer(request, after, edited)


async def _speak(request: web.Request, survey: Survey, edited: Edited, form: Form) -> web.StreamResponse:
    """Make a prompt of what was written in the card, in each language, and let the card play it."""
    reading = Reading({name: value for name, value in form.items() if isinstance(value, str)})
    texts = {code: said for code in LANGUAGES if (said := field(form, f"make.{code}").strip()[:2000])}
    if not texts:
        return await _again(request, survey, edited, message=words.NO_TEXT, status=422)
    async with request.app[ENGINE].begin() as conn:
        base = f"{survey.name}: {edited.title or reading.text('part')}"[:90].rstrip(": ")
        prompt = await prompts.create(conn, name=await _free_name(conn, base), texts=texts)
        await prompting.note(request, conn, "prompt.create", prompt)
    message = ""
    for code, text in texts.items():
        try:
            await prompting.say(request, prompt.id, code, text, draft=False)
        except (CannotSpeak, BadSound) as error:
            message = str(error)
    edited = edited.with_prompt(prompt.id)
    if message:
        async with request.app[ENGINE].begin() as conn:
            survey = await surveys.save_draft(
                conn, survey.id, edited.draft, version=survey.version, by=user_of(request).name, now=current().now
            )
        return await _again(
            request, survey, Edited(draft=edited.draft, focus=edited.focus), message=message, status=422
        )
    return await _saved(request, survey, edited, survey.version)


async def _free_name(conn: Any, base: str) -> str:
    n, name = 1, base
    while await prompts.by_name(conn, name) is not None:
        n += 1
        name = f"{base} {n}"
    return name


async def _answer(request: web.Request, survey: Survey, edited: Edited) -> web.StreamResponse:
    if request.headers.get("X-Fragment"):
        done = _(words.DONE[edited.done]) if edited.done else ""
        return fragment(request, "survey_flow.html", await _view(request, survey, focus=edited.focus, done=done))
    place = f"?done={edited.done or 'saved'}" + (f"&part={edited.focus}#part-{edited.focus}" if edited.focus else "")
    raise web.HTTPSeeOther(f"{words.PATH}/{survey.id}{place}")


async def _again(
    request: web.Request, survey: Survey, edited: Edited, *, message: str, status: int
) -> web.StreamResponse:
    """The page with what was typed and what is wrong with it."""
    form = await request.post()
    view = await _view(
        request, survey, focus=edited.focus, message=_(message), typed=edited.typed,
        errors={name: _(text) for name, text in edited.errors.items()},
        make={code: field(form, f"make.{code}") for code in LANGUAGES},
    )  # fmt: skip
    if request.headers.get("X-Fragment"):  # the flow says by itself that it was not done
        return fragment(request, "survey_flow.html", view)
    return page(request, "survey.html", view, status=status)


async def _view(
    request: web.Request,
    survey: Survey,
    *,
    focus: str = "",
    message: str = "",
    done: str = "",
    typed: Mapping[str, Written] | None = None,
    errors: Mapping[str, str] | None = None,
    make: Mapping[str, str] | None = None,
) -> BuilderView:
    async with request.app[ENGINE].connect() as conn:
        known = await heard(conn)
        published = await surveys.script_of(conn, survey.id, survey.published) if survey.published else None
        askings = [asking.queue for asking in await survey_askings.everything(conn)]
        queues = sorted({*askings, *await lists.queues(conn)})
    return builder(
        survey, known, published, of_request(request, survey.id, survey.draft, known),
        undo=request.app[FORMER].of(survey) is not None, extension=next(iter(user_of(request).extensions), ""),
        queues=queues, focus=focus, message=message, done=done, typed=typed, errors=errors, make=make,
    )  # fmt: skip


def setup(app: web.Application) -> None:
    app[FORMER] = Former()
