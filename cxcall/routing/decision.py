"""What became of a call's facts and the rules: the result, why, and by which rules; kept with the call."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from cxcall.routing.rule import SkillStep


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the dialplan gets. `queue` "": none known, the dialplan's own. `agent`: interface rung first for
    `agent_wait` seconds. `rule`: name of the queue rule that widens `skills` while the caller waits, "" none."""

    queue: str = ""
    priority: int = 0
    agent: str = ""
    agent_user: str = ""
    agent_wait: int = 0
    skills: tuple[SkillStep, ...] = ()
    rule: str = ""
    language: str = ""
    announcement: str = ""
    treat: Literal["accept", "challenge", "block"] = "accept"
    call_back: bool = False
    survey: bool | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why one field of the result is as it is. `sentence`: key of the word catalogues with {names} for `values`,
    so that everybody reads it in their language; `rule`: id and name of the rule, "" for the default."""

    field: str
    sentence: str
    values: dict[str, Any] = {}
    rule: str = ""
    rule_name: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`facts`: names and values that rules looked at, in the order they were asked. `matched`: ids of the rules that
    held. `groups`: experiment name → `treated` or `control`. `version`: of the published rules."""

    at: datetime
    result: Result
    reasons: tuple[Reason, ...] = ()
    matched: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()
    groups: dict[str, Literal["treated", "control"]] = {}
    version: int = 0
