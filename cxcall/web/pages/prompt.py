"""/admin/prompts/ID: one prompt in each language: its text, what callers hear, and every way to make that."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.prompts.made import LARGEST, BadSound
from cxcall.prompts.speak import CannotSpeak, available
from cxcall.store import prompt_files, prompts, surveys
from cxcall.store.prompts import NoSuchPrompt, Prompt
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import COMMANDS, ENGINE, SETTINGS
from cxcall.web.pages import prompts_view as words
from cxcall.web.pages.forms import field
from cxcall.web.pages.prompts import LONGEST_NAME, name_of, text_of
from cxcall.web.pages.prompts_view import (
    LANGUAGE_NAMES,
    PATH,
    LanguageView,
    PhoneView,
    PromptView,
    language_view,
    ordered,
)
from cxcall.web.prompting import note, say, take_in
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ONE = PATH + "/{id:[0-9a-f]{26}}"
LANGUAGE = ONE + "/{language:fa|en}"
MICROPHONE = {"Permissions-Policy": "microphone=(self)"}
"""This page alone may ask for the microphone."""

PHONE_STATES = {
    "ringing": N_("Your phone rings. Take the call and speak after the tone."),
    "running": N_("Speak after the tone; the # key ends it."),
    "done": N_("Recorded. Listen to it below."),
    "failed": N_("Nothing was recorded."),
}
_ACTS = {
    "keep": prompts.keep_draft,
    "drop": prompts.drop_draft,
    "remove": prompts.remove_variant,
    "undo": prompts.undo,
}

routes = web.RouteTableDef()


@routes.get(ONE)
@needs(*OVERSEERS)
async def show_one(request: web.Request) -> web.Response:
    prompt = await _prompt(request)
    return await _show(request, prompt, done=_done(request, prompt), phone=await _phone(request))


@routes.get(LANGUAGE)
@needs(*OVERSEERS)
async def show_language(request: web.Request) -> web.Response:
    """One language's part, fetched anew while a phone records for it."""
    view = await _view(request, await _prompt(request), phone=await _phone(request))
    part = next(part for part in view.languages if part.code == request.match_info["language"])
    return fragment(request, "prompt_language.html", (view, part))


@routes.post(ONE)
@needs(Role.ADMIN)
async def rename(request: web.Request) -> web.StreamResponse:
    prompt, form = await _prompt(request), await request.post()
    name, version = name_of(form), field(form, "version")
    if not 1 <= len(name) <= LONGEST_NAME:
        return await _show(request, prompt, name=name, error=words.NAME_WRONG, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            based_on = int(version) if version.isdecimal() and len(version) < 10 else None
            prompt = await prompts.rename(conn, prompt.id, name, version=based_on)
            await note(request, conn, "prompt.rename", prompt)
    except prompts.PromptNameTaken:
        return await _show(request, prompt, name=name, error=words.NAME_TAKEN, status=409)
    except prompts.Conflict:
        return await _show(request, await _prompt(request), name=name, error=words.RENAMED_MEANWHILE, status=409)
    raise web.HTTPSeeOther(f"{PATH}/{prompt.id}?done=renamed")


@routes.post(ONE + "/delete")
@needs(Role.ADMIN)
async def delete(request: web.Request) -> web.StreamResponse:
    prompt = await _prompt(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            await prompts.remove(conn, prompt.id, used_by=await surveys.used_by(conn, prompt.id))
            await note(request, conn, "prompt.delete", prompt)
    except prompts.PromptInUse as error:
        return await _show(request, prompt, error=str(error), status=409)
    raise web.HTTPSeeOther(f"{PATH}?done=deleted&who={prompt.id}")


@routes.post(ONE + "/restore")
@needs(Role.ADMIN)
async def restore(request: web.Request) -> web.StreamResponse:
    try:
        async with request.app[ENGINE].begin() as conn:
            prompt = await prompts.restore(conn, request.match_info["id"])
            await note(request, conn, "prompt.restore", prompt)
    except NoSuchPrompt:
        raise web.HTTPNotFound from None
    except prompts.PromptNameTaken:
        raise web.HTTPSeeOther(PATH) from None  # the one of the same name is on the list
    raise web.HTTPSeeOther(f"{PATH}/{prompt.id}?done=restored")


@routes.post(LANGUAGE + "/text")
@needs(Role.ADMIN)
async def write_text(request: web.Request) -> web.StreamResponse:
    """Save the text; with `do=speak` have it said as well."""
    prompt, form, language = await _prompt(request), await request.post(), request.match_info["language"]
    text = text_of(form, "text")
    stored = prompt.texts.get(language, "")
    if stored not in (text_of(form, "before"), text):
        return await _show(request, prompt, text=text, error=words.CONFLICT, status=409)
    if text != stored:
        async with request.app[ENGINE].begin() as conn:
            prompt = await prompts.set_text(conn, prompt.id, language, text)
            await note(request, conn, "prompt.text", prompt, language=language)
    if field(form, "do") != "speak":
        raise _back(prompt, "text", language)
    try:
        await say(request, prompt.id, language, text)
    except (CannotSpeak, BadSound) as error:
        return await _show(request, prompt, text=text, error=str(error), status=422)
    raise _back(prompt, "made", language)


@routes.post(LANGUAGE + "/sound")
@needs(Role.ADMIN)
async def upload(request: web.Request) -> web.StreamResponse:
    """A file, or what the browser recorded; the recorder reads a refusal as plain text."""
    prompt, form = await _prompt(request), await request.post()
    sent = form.get("file")
    if not isinstance(sent, web.FileField) or not sent.filename:
        return await _refused(request, prompt, words.NO_FILE, 422)
    data = await asyncio.to_thread(sent.file.read, LARGEST + 1)
    if len(data) > LARGEST:
        return await _refused(request, prompt, words.TOO_LARGE, 413)
    recorded = field(form, "source") == "browser"
    try:
        language = request.match_info["language"]
        await take_in(request, prompt.id, language, data, source="browser" if recorded else "upload")
    except BadSound as error:
        return await _refused(request, prompt, str(error), 422)
    raise _back(prompt, "made", request.match_info["language"])


@routes.post(LANGUAGE + "/{act:keep|drop|remove|undo}")
@needs(Role.ADMIN)
async def act_on(request: web.Request) -> web.StreamResponse:
    prompt, language, act = await _prompt(request), request.match_info["language"], request.match_info["act"]
    try:
        async with request.app[ENGINE].begin() as conn:
            prompt = await _ACTS[act](conn, prompt.id, language)
            await note(request, conn, f"prompt.{act}", prompt, language=language)
    except NoSuchPrompt:
        raise web.HTTPNotFound from None
    raise _back(prompt, act, language)


@routes.post(LANGUAGE + "/phone")
@needs(Role.ADMIN)
async def call_phone(request: web.Request) -> web.StreamResponse:
    """Ring a phone; what is said into it becomes the new sound."""
    prompt, form, language = await _prompt(request), await request.post(), request.match_info["language"]
    extension = typed(field(form, "phone"))
    if not extension or len(extension) > 80 or not extension.isprintable():
        return await _show(request, prompt, error=words.WRONG_PHONE, status=422)
    asked = {
        "server": "", "extension": extension, "prompt_id": prompt.id, "language": language,
        "by": user_of(request).name,
    }  # fmt: skip
    try:
        answer = await request.app[COMMANDS].ask("prompt:record", asked, timeout=5.0)
    except CommandRefused as error:
        return await _show(request, prompt, error=str(error), status=409)
    except NoAnswer:
        return await _show(request, prompt, error=words.NO_PHONES, status=503)
    raise web.HTTPSeeOther(f"{PATH}/{prompt.id}?who={language}&phone={answer['token']}#{language}")


async def _phone(request: web.Request) -> PhoneView | None:
    """How far the recording by phone of the address is."""
    token = request.query.get("phone", "")
    if not token:
        return None
    try:
        told = await request.app[COMMANDS].ask("prompt:record-state", {"token": token}, timeout=2.0)
    except (CommandRefused, NoAnswer):
        return None
    state, problem = str(told["state"]), str(told["error"])
    return PhoneView(token=token, state=state, text=_(problem or PHONE_STATES[state]))


async def _refused(request: web.Request, prompt: Prompt, why: str, status: int) -> web.StreamResponse:
    if request.headers.get("X-Fragment"):
        return web.Response(text=_(why), status=status)
    return await _show(request, prompt, error=why, status=status)


async def _show(
    request: web.Request,
    prompt: Prompt,
    *,
    status: int = 200,
    done: Done | None = None,
    **shown: Any,
) -> web.Response:
    response = page(request, "prompt.html", await _view(request, prompt, **shown), status=status, done=done)
    response.headers.update(MICROPHONE)
    return response


async def _view(
    request: web.Request,
    prompt: Prompt,
    *,
    name: str | None = None,
    text: str | None = None,
    error: str = "",
    phone: PhoneView | None = None,
) -> PromptView:
    """`text` and `error` belong to the language of the address, if it has one, else `error` to the whole."""
    settings = request.app[SETTINGS]
    lost = await words.lost_of(settings, [prompt])
    here = request.match_info.get("language", request.query.get("who", "") if phone else "")

    def part(language: str) -> LanguageView:
        mine: dict[str, Any] = {"typed": text, "error": _(error) if error else "", "phone": phone}
        return language_view(prompt, language, settings.site.language, lost, **(mine if language == here else {}))

    async with request.app[ENGINE].connect() as conn:
        uses = await surveys.uses_of_prompt(conn, prompt.id)
    return PromptView(
        prompt=prompt,
        languages=[part(language) for language in ordered(settings.site.language)],
        surveys=uses,
        name=prompt.name if name is None else name,
        error=_(error) if error and here not in LANGUAGE_NAMES else "",
        may_change=user_of(request).role is Role.ADMIN,
        no_engine=not available(prompt_files.engines(settings)),
        phone=next(iter(user_of(request).extensions), ""),
    )


async def _prompt(request: web.Request) -> Prompt:
    async with request.app[ENGINE].connect() as conn:
        return await _existing(conn, request.match_info["id"])


async def _existing(conn: AsyncConnection, prompt_id: str) -> Prompt:
    prompt = await prompts.get(conn, prompt_id)
    if prompt is None:
        raise web.HTTPNotFound
    return prompt


def _back(prompt: Prompt, done: str, language: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"{PATH}/{prompt.id}?done={done}&who={language}#{language}")


def _done(request: web.Request, prompt: Prompt) -> Done | None:
    """The sentence for what was just done, with its undo."""
    done, language = request.query.get("done", ""), request.query.get("who", "")
    if done not in words.DONE:
        return None
    undo = f"{PATH}/{prompt.id}/{language}/undo" if done in ("keep", "remove") and language in LANGUAGE_NAMES else ""
    return Done(text=_(words.DONE[done]) % {"name": prompt.name}, undo=undo)
