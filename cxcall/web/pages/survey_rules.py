"""/admin/surveys/ID/rules: what an answer sets off, as sentences of a form: when … then …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from cxcall.store import lists, surveys, users
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.surveys import Survey
from cxcall.surveys.closing import Rule
from cxcall.surveys.script import Question
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages import survey_words as words
from cxcall.web.pages.forms import field as text_in
from cxcall.web.pages.survey_builder import tell
from cxcall.web.pages.survey_form import NOT_A_NUMBER, Written
from cxcall.web.pages.survey_labels import MEASURES
from cxcall.web.pages.survey_loading import done_of, note_act, number_in, opened, survey_of
from cxcall.web.pages.survey_rules_form import acted, numbers, read_rules, written_of
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ONE = words.PATH + "/{id:[0-9a-f]+}/rules"
MOST = 50
DOES = {
    "call_back": N_("Task: call back"),
    "follow_up": N_("Task: follow up"),
    "alert": N_("Alert to the supervisors"),
    "tag": N_("Tag on the customer"),
    "webhook": N_("Webhook"),
}
OTHERS = {
    "words": N_("Words in the comment"),
    "tier": N_("Tier of the customer"),
    "queue": N_("Queue"),
    "comment": N_("There is a comment"),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The page: the form's fields as text, and problems by field."""

    survey: Survey
    written: Written
    people: Sequence[tuple[str, str]]
    queues: Sequence[str]
    version: int
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def get(self, name: str) -> str:
        return self.written.get(name, "")

    def rows(self, name: str) -> list[int]:
        return numbers(self.written, name)

    @property
    def about(self) -> list[tuple[str, str]]:
        asked = [part for part in self.survey.draft.parts if isinstance(part, Question)]
        return [
            *((f"score:{measure}", _(name)) for measure, name in MEASURES.items()),
            *((f"answer:{part.id}", _("Answer: %(title)s") % {"title": words.title_of(part)}) for part in asked),
            *((of, _(name)) for of, name in OTHERS.items()),
        ]

    @property
    def does(self) -> list[tuple[str, str]]:
        return [(do, _(name)) for do, name in DOES.items()]


@routes.get(ONE)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    survey = await survey_of(request)
    return page(request, "survey_rules.html", await _view(request, survey, survey.rules), done=done_of(request))


@routes.post(ONE)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    """Every rule is saved with every act; a rule that lacks something is shown with what it lacks."""
    form = await request.post()
    written = {name: value for name, value in form.items() if isinstance(value, str)}
    do, version = text_in(form, "do") or "save", number_in(text_in(form, "version"))
    rules, errors = read_rules(written)
    survey = await survey_of(request)
    unread = NOT_A_NUMBER in errors.values()
    if do != "save" and not unread:  # one row more or less: shown, kept when it is saved
        rules = acted(rules, do, new_id())[:MOST]
        view = await _view(request, survey, rules, version=version)
        return page(request, "survey_rules.html", view)
    if errors:
        view = await _view(request, survey, rules, version=version, written=written, errors=errors,
                           message=words.NOT_SAVED)  # fmt: skip
        return page(request, "survey_rules.html", view, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            survey = await opened(conn, request)
            await surveys.save_rules(
                conn, survey.id, rules, version=version, by=user_of(request).name, now=current().now
            )
            await note_act(request, conn, "survey.rules", f"survey:{survey.id}", name=survey.name)
    except Conflict:
        view = await _view(request, await survey_of(request), rules, written=written, message=words.CONFLICT)
        return page(request, "survey_rules.html", view, status=409)
    tell(request, survey.id)
    raise web.HTTPSeeOther(f"{words.PATH}/{survey.id}/rules?done=rules")


async def _view(
    request: web.Request,
    survey: Survey,
    rules: Sequence[Rule],
    *,
    version: int | None = None,
    written: Written | None = None,
    errors: Mapping[str, str] | None = None,
    message: str = "",
) -> RulesView:
    async with request.app[ENGINE].connect() as conn:
        people = [(one.id, one.display_name or one.name) for one in await users.everyone(conn) if not one.disabled]
        queues = await lists.queues(conn)
    own = [("supervisor", _("Any supervisor")), ("agent", _("The agent of the call"))]
    return RulesView(
        survey=survey,
        written=written_of(rules) if written is None else written,
        people=[*own, *people],
        queues=queues,
        version=survey.version if version is None else version,
        errors={name: _(text) for name, text in (errors or {}).items()},
        message=_(message) if message else "",
    )
