"""What the pages of routing rules read alike: the draft, what is published, and what rules may name."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.routing import CHANGED
from cxcall.routing.checking import Known
from cxcall.routing.checking import problems as problems_of
from cxcall.routing.problems import Problem
from cxcall.routing.rule import Rule, RuleSet
from cxcall.routing.widening import SkillMembers
from cxcall.store import audit, intents, lists, prompts, queues, rule_sets, skills, users
from cxcall.store.queues import KeptQueue
from cxcall.store.rule_sets import Draft, Version
from cxcall.store.users import User
from cxcall.web.access import user_of
from cxcall.web.keys import BUS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.routing import replays
from cxcall.web.pages.routing.words import DONE, Reader, titles_of
from cxcall.web.presentation import current
from cxcall.web.render import Done
from cxcall.web.words import gettext as _

REMEMBERED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What rules may name, as of one moment; `intents` with their titles; `users` are those who can sign in, `people`
    everybody's shown name."""

    queues: Sequence[str]
    skills: Sequence[str]
    prompts: Sequence[str]
    intents: Mapping[str, str]
    users: Sequence[User]
    people: Mapping[str, str]
    members: tuple[SkillMembers, ...]

    @property
    def logins(self) -> dict[str, str]:
        """Sign-in names by user id, for rules as text."""
        return {user.id: user.name for user in self.users}

    @property
    def reader(self) -> Reader:
        return Reader(self.people, self.intents)

    def shown(self, login: str) -> str:
        """Who did it, by login name."""
        return next((one.display_name or one.name for one in self.users if one.name == login), login)

    def known(self, today: date) -> Known:
        """For the checks; a site without any queue that is known yet is not told that it has none."""
        return Known(
            queues=frozenset(self.queues) or None,
            users=frozenset(user.id for user in self.users),
            skills=frozenset(self.skills),
            prompts=frozenset(self.prompts),
            intents=frozenset(self.intents),
            languages=frozenset(LANGUAGE_NAMES),
            members=self.members,
            today=today,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The draft with all it is looked at against."""

    draft: Draft
    standing: Version | None
    names: Names

    @property
    def published(self) -> RuleSet:
        return self.standing.rules if self.standing else RuleSet()

    @property
    def base(self) -> int:
        return self.standing.n if self.standing else 0

    @property
    def changed(self) -> bool:
        return self.draft.rules != self.published

    @property
    def reader(self) -> Reader:
        return self.names.reader

    def problems(self, rules: RuleSet | None = None) -> tuple[Problem, ...]:
        return problems_of(rules or self.draft.rules, self.names.known(today()))


class Former:
    """Drafts before the last changes, by the version each change made: the way back, while we run."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, RuleSet] = OrderedDict()

    def put(self, version: int, before: RuleSet) -> None:
        self._kept[version] = before
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def of(self, version: int) -> RuleSet | None:
        return self._kept.get(version)

    def taken_back(self, before: int, after: int) -> None:
        """The change that made `before` was undone: what came before it can be undone next."""
        older = self._kept.get(before - 1)
        if older is not None:
            self.put(after, older)


FORMER: web.AppKey[Former] = web.AppKey("routing_former", Former)


def setup(app: web.Application) -> None:
    app[FORMER] = Former()
    replays.setup(app)


def today() -> date:
    """The site's day of this request."""
    return current().local(current().now).date()


def new_rule_id() -> str:
    """An id that no rule had before: calls are counted by it."""
    return f"r{secrets.token_hex(4)}"


async def around(conn: AsyncConnection) -> Around:
    return Around(draft=await rule_sets.draft(conn), standing=await rule_sets.standing(conn), names=await names(conn))


async def around_of(request: web.Request) -> Around:
    async with request.app[ENGINE].connect() as conn:
        return await around(conn)


async def names(conn: AsyncConnection) -> Names:
    """What rules may name now."""
    everyone = await users.everyone(conn)
    able = await skills.everything(conn)
    kept = await queues.everything(conn)
    return Names(
        queues=sorted({one.name for one in kept} | set(await lists.queues(conn))),
        skills=[skill.name for skill in able],
        prompts=sorted(prompt.name for prompt in await prompts.everything(conn)),
        intents=titles_of(await intents.everything(conn, enabled_only=True)),
        users=[user for user in everyone if not user.disabled],
        people={user.id: user.display_name or user.name for user in everyone},
        members=tuple(_members(kept, {skill.id: skill.name for skill in able})),
    )


async def save(request: web.Request, before: Draft, rules: RuleSet, *, noted: bool = True) -> Draft:
    """The draft with these rules, over `before`. Raises Conflict."""
    if rules == before.rules:
        return before
    async with request.app[ENGINE].begin() as conn:
        after = await rule_sets.save_draft(
            conn, rules, version=before.version, by=user_of(request).name, now=current().now
        )
        if noted:
            await note_act(request, conn, "routing.change")
    request.app[FORMER].put(after.version, before.rules)
    return after


async def note_act(request: web.Request, conn: AsyncConnection, act: str, **details: Any) -> None:
    """Write down who did what, in the transaction that does it."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject="routing:rules", details=details or None,
        address=address_of(request), at=current().now,
    )  # fmt: skip


def tell(request: web.Request, version: int) -> None:
    """Whoever decides reads the rules anew."""
    request.app[BUS].publish(CHANGED, {"version": version})


def seal(rule: Rule) -> str:
    """A short name of what a rule is now: a form says by it which one it was made from."""
    return hashlib.sha256(msgspec.json.encode(rule)).hexdigest()[:16]


def rule_of(rules: RuleSet, rule_id: str) -> Rule | None:
    return next((rule for rule in rules.rules if rule.id == rule_id), None)


def done_of(request: web.Request, undo: str = "") -> Done | None:
    """The sentence for what was just done."""
    text = DONE.get(request.query.get("done", ""))
    return Done(text=_(text), undo=undo) if text else None


def _members(kept: Sequence[KeptQueue], able: Mapping[str, str]) -> Iterator[SkillMembers]:
    """Members by skill of each queue, as applied, before that as drafted."""
    for queue in kept:
        definition = queue.applied or queue.draft
        for choice in definition.members if definition else ():
            if choice.kind == "skill" and choice.value in able:
                yield SkillMembers(
                    queue=queue.name, skill=able[choice.value], base=choice.penalty, level=choice.level,
                    by_level=choice.by_level,
                )  # fmt: skip
