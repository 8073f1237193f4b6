"""Drafts into Asterisk: one place that asks for it, writes down who did, and puts the outcome into words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.queues import AcceptQueues, Applied, ApplyQueues, RenewQueues, RollBackQueues
from cxcall.queues import differences
from cxcall.queues.differences import Diff, SectionDiff, Sign
from cxcall.store.queues import KeptQueue
from cxcall.web.access import user_of
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.queues import words
from cxcall.web.pages.queues.loading import Around, note_act
from cxcall.web.words import gettext as _

WAIT_S = 14.0
"""How long a page waits for the queues to be written. Large sites take longer; writing goes on to its end by itself,
and the history tells how it ended."""

Act = AcceptQueues | ApplyQueues | RenewQueues | RollBackQueues


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`done`: a word of words.DONE, "" when it was not done; then `problem` says why, `diff` what stands in the way.

    `applied` None: Asterisk was not asked (`refused`), or nobody answered. `plain`: the problem in English.
    """

    done: str = ""
    problem: str = ""
    diff: Sequence[Diff] = ()
    applied: Applied | None = None
    refused: bool = False
    plain: str = ""


async def apply(request: web.Request, here: Around, wanted: Sequence[KeptQueue]) -> Outcome:
    """Write the drafts of `wanted`, all of one server; those to be removed go."""
    if here.mode != "managed":
        return Outcome(problem=_(words.NOT_MANAGED), refused=True, plain=words.NOT_MANAGED)
    server = wanted[0].server
    act = ApplyQueues(
        server=server,
        by=user_of(request).name,
        definitions=tuple(one.draft for one in wanted if one.draft is not None),
        remove=tuple(one.name for one in wanted if one.draft is None),
        base=here.version,
    )
    return await _ask(request, "queues:apply", act, server, [one.name for one in wanted], "applied")


async def roll_back(request: web.Request, server: str, version: int) -> Outcome:
    """Give Asterisk the lines of an earlier version again."""
    act = RollBackQueues(server=server, by=user_of(request).name, version=version)
    return await _ask(request, "queues:rollback", act, server, [f"version {version}"], "rolled-back")


async def accept(request: web.Request, server: str) -> Outcome:
    """Take what somebody else wrote into the file over, as a version of ours."""
    act = AcceptQueues(server=server, by=user_of(request).name)
    return await _ask(request, "queues:accept", act, server, (), "accepted")


async def renew(request: web.Request, server: str) -> Outcome:
    """Write again what follows from people and calendars."""
    act = RenewQueues(server=server, by=user_of(request).name)
    return await _ask(request, "queues:renew", act, server, (), "renewed")


async def _ask(request: web.Request, command: str, act: Act, server: str, what: Sequence[str], done: str) -> Outcome:
    began = time.monotonic()
    try:
        applied: Applied = await request.app[COMMANDS].ask(command, act, timeout=WAIT_S)
    except CommandRefused as error:
        return Outcome(problem=said(str(error)), refused=True, plain=str(error))
    except NoAnswer:
        if time.monotonic() - began < WAIT_S - 1:  # nobody is there to write
            return Outcome(problem=_(words.NO_ASTERISK), plain=words.NO_ASTERISK)
        async with request.app[ENGINE].begin() as conn:
            await note_act(
                request, conn, command.replace(":", "."), f"server:{server}", outcome="writing", queues=list(what)[:200]
            )
        return Outcome(done="writing", plain=words.DONE["writing"])
    async with request.app[ENGINE].begin() as conn:
        await note_act(
            request, conn, command.replace(":", "."), f"server:{server}", outcome=applied.outcome,
            version=applied.version, queues=list(what)[:200],
        )  # fmt: skip
    if applied.outcome in ("applied", "unchanged"):
        return Outcome(done=done if applied.outcome == "applied" else "same", applied=applied)
    return Outcome(problem=said(applied.problem), diff=flat(applied.diff), applied=applied)


def flat(sections: Sequence[SectionDiff]) -> list[Diff]:
    """Sections that differ, one below the other."""
    lines: list[Diff] = []
    for one in sections:
        if one.state == "same":
            continue
        sign: Sign = "+" if one.state == "new" else "-" if one.state == "gone" else " "
        shown = differences.short(one.lines, 2) if one.state == "changed" else one.lines
        lines += [Diff(sign=sign, text=f"[{one.name}]"), *shown]
    return lines
