"""Closing the loop: what an answer sets off, as rules a supervisor can read."""

from __future__ import annotations

from typing import Literal

import msgspec

from cxcall.surveys.script import Measure


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition on a response.

    `score`: the answer of `measure` lies within at_most/at_least; `answer`: that of question `part` does, or its keys
    are in `one_of`; `words`: one of them is in the transcribed comment; `tier`, `queue`: is one of them; `comment`:
    there is a spoken comment.
    """

    of: Literal["score", "answer", "words", "tier", "queue", "comment"]
    measure: Measure | None = None
    part: str = ""
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()


class MakeTask(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="task", forbid_unknown_fields=True):
    """A task for somebody: the agent of the call, whichever supervisor takes it, or one user by id."""

    kind: Literal["call_back", "follow_up"] = "call_back"
    owner: str = "supervisor"
    due_minutes: int = 60
    title: str = ""


class RaiseAlert(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="alert", forbid_unknown_fields=True):
    """An alert to the supervisors, merged with one of the same rule that is still open."""

    title: str = ""


class AddTag(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="tag", forbid_unknown_fields=True):
    """A tag on the customer's profile."""

    tag: str


class CallWebhook(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="webhook", forbid_unknown_fields=True):
    """The response is sent to the webhooks that take `survey.rule`, naming this rule."""


Action = MakeTask | RaiseAlert | AddTag | CallWebhook


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When all of `when` hold, all of `then` is done, once for a response."""

    id: str
    name: str = ""
    enabled: bool = True
    when: tuple[When, ...] = ()
    then: tuple[Action, ...] = ()
