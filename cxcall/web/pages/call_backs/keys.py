"""Whether a queue lets its callers out by the key: what Asterisk has, and what applying its draft would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.queues.differences import Diff
from cxcall.store.call_back_plans import QueuePlan
from cxcall.store.queues import KeptQueue
from cxcall.web.pages.queues import applying, lines, words
from cxcall.web.pages.queues.applying import Outcome
from cxcall.web.pages.queues.loading import around, live

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """Where a queue's keys lead. `ours`: cxcall writes the queue; `context` in Asterisk now, None: nobody can tell;
    `diff`: the lines that applying its draft would change, and what else was drafted; `faults` keep it from that."""

    ours: bool = False
    context: str | None = None
    diff: Sequence[Diff] = ()
    faults: int = 0


NOT_KNOWN = WayOut()


async def ways_out(
    request: web.Request, plans: Iterable[QueuePlan], kept: Mapping[Place, KeptQueue]
) -> Mapping[Place, WayOut]:
    """Those of queues with a plan, as far as they are known. Asterisk is asked only for queues of somebody else."""
    found: dict[Place, WayOut] = {}
    places = [(one.server, one.queue) for one in plans]
    for server in dict.fromkeys(server for server, _queue in places):
        names = [queue for at, queue in places if at == server]
        here = await around(request, server)
        ours = [
            one for name in names if (one := kept.get((server, name))) is not None
            and one.draft is not None and here.mode == "managed"
        ]  # fmt: skip
        for queue in ours:
            found[server, queue.name] = WayOut(
                ours=True,
                context=queue.applied.exit_context if queue.applied is not None else None,
                diff=lines.change(here, queue, queue.draft).lines if queue.changed else (),
                faults=len(here.faults(queue)),
            )
        if len(ours) < len(names):
            theirs = await live(request, server)
            for seen in theirs.queues if theirs is not None else ():
                if (server, seen.name) not in found:
                    context = next((line.value for line in seen.lines if line.var == "context"), "")
                    found[server, seen.name] = WayOut(context=context)
    return found


async def write(request: web.Request, queue: KeptQueue) -> Outcome:
    """Have Asterisk given the draft of this queue, as the editor of queues does."""
    here = await around(request, queue.server, fresh=True)
    if here.faults(queue):
        return Outcome(problem=words.NOT_APPLIED, refused=True, plain=words.NOT_APPLIED)
    return await applying.apply(request, here, [queue])
