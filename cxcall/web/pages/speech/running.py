"""/admin/speech: how speech is doing: what is heard now, how far behind it is, models, jobs; and files to try it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from markupsafe import Markup, escape
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.speech import JOBS, EngineStatus, SpeechStatus, TapStatus
from cxcall.settings import Settings
from cxcall.store import speech_jobs
from cxcall.store.speech_jobs import Job
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import BUS, COMMANDS, ENGINE, SETTINGS
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.prompt import MICROPHONE
from cxcall.web.pages.speech import running_words as words
from cxcall.web.pages.speech.listening_page import LANGUAGES
from cxcall.web.pages.survey_loading import note_act
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/speech"
DEADLINE_S = 2.0
FAILED_SHOWN = 20

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model. `language` and `problem` in words, `state` its colour, word and icon."""

    model: EngineStatus
    language: str
    state: tuple[str, str, str]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What is wrong, and the steps that mend it."""

    problem: str
    steps: Sequence[str] = ()
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job that did not end well; `problem` in words."""

    job: Job
    kind: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningView:
    """The page. `status` is None where this process has no speech."""

    status: SpeechStatus | None
    level: tuple[str, str, str]
    tap: TapStatus | None
    tap_faults: Sequence[tuple[str, str]]
    fixes: Sequence[Fix]
    models: Sequence[ModelRow]
    folder: str
    counts: Mapping[str, int]
    failed: Sequence[JobRow]
    changes: bool
    spoken: Sequence[tuple[str, str]]
    engines: Sequence[str]
    error: str = ""

    @property
    def memory_mb(self) -> float:
        return self.status.memory / 1e6 if self.status else 0.0


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    return await shown(request, done=_done(request))


@routes.get(PATH + "/now")
@needs(*OVERSEERS)
async def now(request: web.Request) -> web.Response:
    """What changes, alone: fetched anew when something happens and every few seconds."""
    return fragment(request, "speech/running_now.html", await view_of(request))


@routes.post(PATH + "/jobs/{id:[0-9a-f]{26}}/retry")
@needs(Role.ADMIN)
async def retry(request: web.Request) -> web.StreamResponse:
    """Try a job that was given up again."""
    id_ = request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        again = await speech_jobs.retry(conn, id_, now=current().now)
        if again:
            await note_act(request, conn, "speech.retry", f"speech-job:{id_}")
    if again:
        request.app[BUS].publish(JOBS, {"id": id_})
    raise web.HTTPSeeOther(f"{PATH}?done={'retried' if again else 'gone'}#jobs")


async def shown(request: web.Request, *, error: str = "", status: int = 200, done: Done | None = None) -> web.Response:
    """The whole page, with what was wrong with a file that was sent."""
    response = page(request, "speech/running.html", await view_of(request, error), status=status, done=done)
    response.headers.update(MICROPHONE)
    return response


async def view_of(request: web.Request, error: str = "") -> RunningView:
    status: SpeechStatus | None = await _asked(request, "speech:status")
    tap: TapStatus | None = await _asked(request, "tap:status")
    async with request.app[ENGINE].connect() as conn:
        counts, failed = await _jobs(conn)
    settings = request.app[SETTINGS]
    models = [_model(one) for one in status.engines] if status else []
    return RunningView(
        status=status,
        level=words.LEVELS[status.level] if status else words.LEVELS["all"],
        tap=tap,
        tap_faults=tap_faults(tap),
        fixes=fixes(status, settings),
        models=models,
        folder=_folder(settings),
        counts=counts,
        failed=failed,
        changes=user_of(request).role is Role.ADMIN,
        spoken=[(code, _(name)) for code, name in LANGUAGES.items()],
        engines=sorted({one.engine for one in status.engines if one.health != "failed"}) if status else [],
        error=error,
    )


def fixes(status: SpeechStatus | None, settings: Settings) -> list[Fix]:
    """What keeps speech from being written down, and how that is mended, also where no network is."""
    if status is None:
        steps = [_("Start cxcall with it: “cxcall serve” without --role, or with --role media.")]
        return [Fix(problem=_("Speech does not run in this process, so nothing is written down here."), steps=steps)]
    if status.problem is None:
        return []
    name = _(LANGUAGES.get(status.language, "")) or status.language
    problem = _(words.PROBLEMS[status.problem]) % {"language": name}
    if status.problem == "failed":
        return [
            Fix(problem=problem, steps=[_("Why is said with each model below. Copy it anew, or give it more memory.")])
        ]
    folder = f"{_folder(settings)}/{status.language}"
    steps = [
        _("Where there is a network, fetch a Vosk model of the language and unpack it; a small one will do for calls."),
        escape(_("Carry the unpacked folder here, by memory stick if need be, and put it at %(folder)s."))
        % {"folder": Markup('<bdi dir="ltr">{}</bdi>').format(folder)},
        _("cxcall finds it by itself within a minute; nothing has to be restarted. Check it with the command below."),
    ]
    return [Fix(problem=problem, steps=steps, command=f"cxcall speech install {status.language} --from FOLDER")]


def tap_faults(tap: TapStatus | None) -> list[tuple[str, str]]:
    """What keeps calls from being heard, by server, and what to do about it."""
    if tap is None:
        return []
    more = _("“cxcall doctor” checks this server step by step and says what to change in Asterisk.")
    faults = {server: problem for server, problem in sorted(tap.servers.items()) if " " in problem}
    found: list[tuple[str, str]] = [
        (Markup("{}: {}").format(server, said(problem)), more) for server, problem in faults.items()
    ]
    if tap.problem and tap.problem not in faults.values():
        found.insert(
            0, (said(tap.problem), _("Free the port, or name another under [audio], then start cxcall again."))
        )
    return found


def _folder(settings: Settings) -> str:
    return str(Path(settings.speech_models).absolute())


async def _asked(request: web.Request, command: str) -> Any:
    """What a part of this process says of itself; None where it does not run."""
    try:
        return await request.app[COMMANDS].ask(command, None, timeout=DEADLINE_S)
    except (NoAnswer, CommandRefused):
        return None


async def _jobs(conn: AsyncConnection) -> tuple[Mapping[str, int], list[JobRow]]:
    found = await speech_jobs.page(conn, state="failed", limit=FAILED_SHOWN)
    rows = [
        JobRow(job=job, kind=_(words.KINDS.get(job.kind, job.kind)), problem=said(job.problem)) for job in found.rows
    ]
    return {str(state): n for state, n in (await speech_jobs.counts(conn)).items()}, rows


def _model(one: EngineStatus) -> ModelRow:
    name = LANGUAGES.get(one.language)
    language = _(name) if name else one.language
    if one.language in ("", "any"):
        language = _("Any language")
    return ModelRow(model=one, language=language, state=words.HEALTH[one.health], problem=said(one.problem))


DONE = {"retried": N_("It is tried again."), "gone": N_("It was tried again already.")}


def _done(request: web.Request) -> Done | None:
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text)) if text else None
