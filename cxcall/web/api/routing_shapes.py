"""Shapes of `/routing`: rules, versions, problems, a call that is only tried and what would become of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from cxcall.routing.decision import Decision
from cxcall.routing.rule import Condition, Then, Trial
from cxcall.web.api.paging import After, Limit
from cxcall.web.api.wire import Time

Version = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)] | msgspec.UnsetType
Short = Annotated[str, msgspec.Meta(max_length=300)]
Of = Literal["draft", "published"]


class RulesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules, and the page."""

    of: Of = "published"
    limit: Limit = 200
    after: After | None = None


class ShownRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule at its `place` from 1. `etag` changes when the rule does."""

    place: int
    id: str
    name: str
    when: tuple[Condition, ...]
    then: Then
    stop: bool
    enabled: bool
    owner: str
    expires: str | None
    note: str
    trial: Trial | None


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """Rules in the order they are read. `version`: of the draft, to change it; `published`: number of the version that
    holds, 0 before the first; `age_every` and `age_most`: how priority grows with waiting."""

    items: list[ShownRule]
    next: str | None
    version: int
    published: int
    age_every: int
    age_most: int


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule for the draft; `place` from 1, else the end. `version` of the draft it is based on, else the newest."""

    name: Short
    when: tuple[Condition, ...] = ()
    then: Then = Then()
    stop: bool = False
    enabled: bool = True
    owner: Short = ""
    expires: str | None = None
    note: Short = ""
    trial: Trial | None = None
    place: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None


class DraftRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of a whole draft; one without an id gets one."""

    name: Short
    id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_.-]{0,80}$")] = ""
    when: tuple[Condition, ...] = ()
    then: Then = Then()
    stop: bool = False
    enabled: bool = True
    owner: Short = ""
    expires: str | None = None
    note: Short = ""
    trial: Trial | None = None


class WholeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft as a whole, in the order its rules are read, over `version`."""

    rules: tuple[DraftRule, ...]
    age_every: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 60
    age_most: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 30
    version: Version = msgspec.UNSET


class PublishBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`base`: the published version it is decided over; without, whichever holds."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    base: Version = msgspec.UNSET


class RuleProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a rule's field ("" of all rules); with an error rules can't be published."""

    rule: str
    field: str
    code: str
    severity: Literal["error", "warning"]
    sentence: str


class ProblemList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[RuleProblem]
    next: None = None


class ShownRuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Rules as they were published; `restores`: the version they brought back."""

    n: int
    made_at: Time
    by: str
    note: str
    rules: int
    restores: int | None


class RuleVersionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    after: After | None = None


class RuleVersionList(msgspec.Struct, frozen=True, kw_only=True):
    """Versions, newest first."""

    items: list[ShownRuleVersion]
    next: str | None


class CallToTry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call that nobody makes. `queue`: where the dialplan would send it; `at`: another time than now, queues and
    agents are those of now all the same; `rules`: the draft or what is published."""

    number: Short = ""
    called: Short = ""
    queue: Short = ""
    server: Short = ""
    language: Short = ""
    at: Time | None = None
    said: Short = ""
    keys: Short = ""
    rules: Of = "published"


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule did, in English sentences: why it held, and what it gave. `rule` "" is the default."""

    rule: str
    rule_name: str
    because: tuple[str, ...]
    does: tuple[str, ...]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The decision with its reasons. `floor` false: nobody knows queues and agents now, rules that ask for them did
    not hold. `customer_id`: whose the number is. `story`: the reasons in words, rule by rule."""

    decision: Decision
    story: list[Because]
    customer_id: str | None
    floor: bool
