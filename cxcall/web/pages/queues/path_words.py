"""What a caller goes through, in sentences: one step of `queues.journey` a heading and its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cxcall.problem import Problem
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.facts import Facts
from cxcall.queues.journey import Step, steps
from cxcall.web.dates import when_text
from cxcall.web.digits import clock_text, digits, number_text
from cxcall.web.pages.queues.words import PRESENCE, WAYS, by_skill
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _
from cxcall.web.words import ngettext

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A heading, lines below it, and the sentence of what is wrong with it: `kind` bad or warn, "" nothing."""

    title: str
    lines: Sequence[str]
    problem: str = ""
    kind: str = ""


def shown_steps(definition: QueueDefinition, facts: Facts, *, later: bool = False) -> list[ShownStep]:
    """The way of a caller who dials now, or (`later`) at another moment, which the facts name."""
    return [_shown(step, definition, later=later) for step in steps(definition, facts)]


def destination(values: Values) -> str:
    """Where callers go, as a part of a sentence."""
    kind, value = values.get("kind", ""), values.get("value", "")
    texts: dict[str, Callable[[], str]] = {
        "queue": lambda: _("queue %(name)s") % {"name": value},
        "number": lambda: _("number %(number)s") % {"number": digits(value)},
        "prompt": lambda: _("“%(name)s” is played, then the end") % {"name": value},
        "voicemail": lambda: _("voice mailbox"),
    }
    return texts.get(kind, lambda: _("the call ends"))()


def _shown(step: Step, definition: QueueDefinition, *, later: bool) -> ShownStep:
    title, lines = _SAID[step.kind](step.values)
    if later and step.kind == "closed":
        title = _("Closed then: %(where)s") % {"where": destination(step.values)}
    elif later and step.kind == "queue_closed":
        title = _("%(queue)s is closed then") % {"queue": step.values["queue"]}
    if step.kind == "rings" and by_skill(definition):
        title = _("Rings: %(how)s, %(n)s s each") % {"how": _(WAYS[0].name), "n": _n(step.values["ring"])}
    if step.kind == "waits":
        name = definition.title.get(current().language) or definition.name
        title = _("Waits in %(queue)s") % {"queue": name}
    shown = [line for line in lines if line]
    if step.problem is None:
        return ShownStep(title=title, lines=shown)
    kind = "bad" if step.problem.severity == "error" else "warn"
    return ShownStep(title=title, lines=shown, problem=sentence(step.problem), kind=kind)


_OF_PRIORITIES = frozenset({"never_asked", "nobody_by_steps", "step_crossed"})
"""Problems whose numbers are penalties: Asterisk's 0 is the page's first."""


def sentence(problem: Problem) -> str:
    """A problem in the reader's language, numbers in their digits."""
    later = problem.code in _OF_PRIORITIES
    values = {
        name: digits(int(value) + (later and name != "after")) if value.isdecimal() else value
        for name, value in problem.values.items()
    }
    return _(problem.sentence).format(**values)


def _dials(values: Values) -> tuple[str, list[str]]:
    if not values["numbers"]:
        return _("Comes in"), [_("From the phone menu or another queue; no number of its own.")]
    return _("Dials"), [digits(values["numbers"])]


def _closed(values: Values) -> tuple[str, list[str]]:
    why = {
        "hours": _("Outside the business hours."),
        "holiday": _("Holiday: %(title)s") % {"title": values["title"]} if values["title"] else _("Holiday."),
        "closure": _("Closed by hand."),
    }[values["why"]]
    opens = _("Opens %(when)s.") % {"when": _moment(values["opens"])} if values["opens"] else ""
    return _("Closed now: %(where)s") % {"where": destination(values)}, [why, opens]


def _hours(values: Values) -> tuple[str, list[str]]:
    until = _("Open until %(when)s.") % {"when": _moment(values["until"])} if values.get("until") else ""
    else_ = _("Outside the hours: %(where)s.") % {"where": destination(values)}
    return _("Business hours: %(name)s") % {"name": values["calendar"]}, [until, else_]


def _full(values: Values) -> tuple[str, list[str]]:
    return _("With %(n)s waiting it is full") % {"n": _n(values["most"])}, [_then(values)]


def _nobody(values: Values) -> tuple[str, list[str]]:
    known = {str(state): text for state, text in PRESENCE.items()}
    states = [_(known[one]) for one in values["states"].split(", ") if one in known]
    return _("When nobody is there, callers can’t join"), [*states, _then(values)]


def _waits(values: Values) -> tuple[str, list[str]]:
    return "", [_("Hears the music “%(name)s”") % {"name": values["music"]}]


def _told(values: Values) -> tuple[str, list[str]]:
    what = [
        _("place in line") if values["place"] != "no" else "",
        _("expected wait") if values["wait"] != "no" else "",
    ]
    said = _(" and ").join(one for one in what if one)
    return _("Is told: %(what)s") % {"what": said}, [_("every %(n)s s") % {"n": _n(values["every"])}]


def _periodic(values: Values) -> tuple[str, list[str]]:
    return _("Hears messages"), [values["prompts"], _("every %(n)s s") % {"n": _n(values["every"])}]


def _key(values: Values) -> tuple[str, list[str]]:
    return _("A key leads elsewhere"), [values["context"]]


def _rings(values: Values) -> tuple[str, list[str]]:
    first, members = int(values["first"]), int(values["members"])
    effect = values["effect"]
    title = _("Rings: %(how)s, %(n)s s each") % {"how": _(effect), "n": _n(values["ring"])}
    if not members:
        return title, [_("Nobody")]
    asked = ngettext("%(n)s agent", "%(n)s agents", members) % {"n": number_text(members)}
    return title, [asked, _("%(n)s of them first") % {"n": number_text(first)} if first < members else ""]


def _widens(values: Values) -> tuple[str, list[str]]:
    n = int(values["members"])
    after = _("After %(time)s more are asked") % {"time": clock_text(float(values["after"]))}
    return after, [ngettext("%(n)s agent", "%(n)s agents", n) % {"n": number_text(n)}]


def _agent_hears(values: Values) -> tuple[str, list[str]]:
    lines = [values["prompt"], _("how long the caller waited") if values["wait"] == "yes" else ""]
    return _("The agent hears first"), lines


def _stays(_values: Values) -> tuple[str, list[str]]:
    return _("Waits until somebody answers"), []


def _goes(values: Values) -> tuple[str, list[str]]:
    where = destination(values)
    if not values["after"]:
        return _("Then: %(where)s") % {"where": where}, []
    return _("After %(time)s: %(where)s") % {"time": clock_text(float(values["after"])), "where": where}, []


def _queue_open(values: Values) -> tuple[str, list[str]]:
    title = _("Waits in %(queue)s") % {"queue": values["queue"]}
    return title, [_goes(values)[0] if "kind" in values else _("until somebody answers")]


def _queue_closed(values: Values) -> tuple[str, list[str]]:
    opens = _("Opens %(when)s.") % {"when": _moment(values["opens"])} if values["opens"] else ""
    return _("%(queue)s is closed now") % {"queue": values["queue"]}, [_then(values), opens]


def _loops(values: Values) -> tuple[str, list[str]]:
    return _("Round and round"), [values["path"]]


def _then(values: Values) -> str:
    return _("Then: %(where)s") % {"where": destination(values)}


def _n(text: str) -> str:
    return number_text(float(text)) if text else ""


def _moment(text: str) -> str:
    return when_text(datetime.fromtimestamp(float(text), UTC))


_SAID: Mapping[str, Callable[[Values], tuple[str, list[str]]]] = {
    "dials": _dials, "closed": _closed, "hours": _hours, "full": _full, "nobody": _nobody, "waits": _waits,
    "told": _told, "periodic": _periodic, "key": _key, "rings": _rings, "widens": _widens,
    "agent_hears": _agent_hears, "stays": _stays, "then": _goes, "queue_open": _queue_open,
    "queue_closed": _queue_closed, "loops": _loops,
}  # fmt: skip
