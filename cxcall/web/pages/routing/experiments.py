"""/admin/routing/experiments: rules tried on some customers: does it help? One page each, with its picture; stop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.phrases import MEASURES
from cxcall.routing.rule import Rule, Trial
from cxcall.routing.trials import MEASURES as ALL
from cxcall.routing.trials import Measure
from cxcall.store import rule_publishing, trial_outcomes
from cxcall.store.errors import Conflict
from cxcall.store.rule_publishing import NoSuchTrial
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.routing import experiment_csv, loading, outcomes, words
from cxcall.web.pages.routing.loading import Around, around, done_of, note_act, today
from cxcall.web.pages.routing.outcomes import Results, Shown
from cxcall.web.pages.routing.telling import ToldRule, rule_told
from cxcall.web.pages.routing.view import Fields
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = words.PATH + "/experiments"
ONE = PATH + "/{name:.{1,120}}"
STATES = {
    "running": (N_("Running"), "acc", "play"),
    "ended": (N_("Ended"), "", "check"),
    "off": (N_("Not running: its rule is off"), "warn", "pause"),
    "draft": (N_("In the draft only"), "warn", "note"),
    "gone": (N_("Over: its rule was removed"), "", "x"),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An experiment of the list; `shown` None where it was never published."""

    rule: Rule
    trial: Trial
    state: str
    sizes: Mapping[str, int]
    shown: Shown | None

    @property
    def label(self) -> tuple[str, str, str]:
        return STATES[self.state]

    @property
    def measure(self) -> str:
        return _(MEASURES[self.trial.measure])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView(Fields):
    rows: Sequence[Row]
    admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentView(Fields):
    """One experiment, by the measure that is looked at."""

    row: Row
    told: ToldRule
    results: Results
    admin: bool
    message: str = ""

    @property
    def csv(self) -> str:
        return f"{PATH}.csv?{urlencode({'name': self.row.trial.name})}"


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        rows = [await _row(conn, here, rule) for rule in (await _rules(conn, here)).values()]
    view = ListView(written={}, rows=rows, admin=user_of(request).role is Role.ADMIN)
    return page(request, "routing/experiments.html", view, done=done_of(request))


@routes.get(PATH + ".csv")
@needs(*OVERSEERS)
async def export(request: web.Request) -> web.Response:
    """All figures of one experiment (`name`) as CSV: a line for each measure, groups, intervals and verdict."""
    async with request.app[ENGINE].connect() as conn:
        rule = (await _rules(conn, await around(conn))).get(request.query.get("name", ""))
        if rule is None or rule.trial is None:
            raise web.HTTPNotFound
        shown = current()
        found = await outcomes.results(conn, rule.trial, rule.trial.measure, now=shown.now, zone=shown.zone)
    name = f"experiment-{shown.local(shown.now):%Y-%m-%d}.csv"
    return web.Response(
        text=experiment_csv.text_of(rule.trial, found), content_type="text/csv", charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@routes.get(ONE)
@needs(*OVERSEERS)
async def show_one(request: web.Request) -> web.Response:
    return page(request, "routing/experiment.html", await _view(request), done=done_of(request))


@routes.post(ONE)
@needs(Role.ADMIN)
async def stop(request: web.Request) -> web.StreamResponse:
    """The experiment ends: its rule is not read any more, from the next call on."""
    name = request.match_info["name"]
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await rule_publishing.end_trial(
                conn, name, by=user_of(request).name, now=current().now, day=today(),
                note=_("The experiment “%(name)s” was ended.") % {"name": name},
            )  # fmt: skip
            await note_act(request, conn, "routing.experiment_end", trial=name, version=made.n)
    except NoSuchTrial:
        raise web.HTTPNotFound from None
    except Conflict:
        return page(request, "routing/experiment.html", await _view(request, _(words.OUTDATED)), status=409)
    loading.tell(request, made.n)
    raise web.HTTPSeeOther(request.path + "?done=stopped")


async def _view(request: web.Request, message: str = "") -> ExperimentView:
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        rule = (await _rules(conn, here)).get(request.match_info["name"])
        if rule is None or rule.trial is None:
            raise web.HTTPNotFound
        said = request.query.get("measure", "")
        measure: Measure = next((one for one in ALL if one == said), rule.trial.measure)
        shown = current()
        found = await outcomes.results(conn, rule.trial, measure, now=shown.now, zone=shown.zone)
        row = await _row(conn, here, rule, found.chosen)
    return ExperimentView(
        written={}, row=row, told=rule_told(rule, here.reader), results=found,
        admin=user_of(request).role is Role.ADMIN, message=message,
    )  # fmt: skip


async def _rules(conn: AsyncConnection, here: Around) -> dict[str, Rule]:
    """Experiments by name: those that are published, what only the draft has, and those whose rule is gone."""
    known = {**rule_publishing.trials(here.draft.rules), **rule_publishing.trials(here.published)}
    return known | await rule_publishing.former_trials(conn, known)


async def _row(conn: AsyncConnection, here: Around, rule: Rule, shown: Shown | None = None) -> Row:
    trial = rule.trial or Trial(name=rule.name, share=0)
    ended = trial.ended is not None and trial.ended <= today()
    published = rule_publishing.trials(here.published).get(trial.name)
    gone = published is None and trial.name not in rule_publishing.trials(here.draft.rules)
    if shown is None and (published or gone):
        found = await trial_outcomes.of_trial(conn, trial.name, trial.measure, now=current().now)
        shown = Shown(found=await asyncio.to_thread(rule_publishing.compared, trial.measure, found))
    return Row(
        rule=rule,
        trial=trial,
        state=_state(rule, ended=ended, published=published is not None, gone=gone),
        sizes={str(arm): n for arm, n in (await trial_outcomes.sizes(conn, trial.name)).items()},
        shown=shown,
    )


def _state(rule: Rule, *, ended: bool, published: bool, gone: bool) -> str:
    """A name of STATES."""
    if ended:
        return "ended"
    if not published:
        return "gone" if gone else "draft"
    expired = rule.expires is not None and rule.expires < today()
    return "off" if expired or not rule.enabled else "running"
