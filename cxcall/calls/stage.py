"""Who is on the line in a call right now: what live listening asks, without making the whole record.

Cheap, as it is asked after every change of a call that is listened to: a look at the channels that are up.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from cxcall.calls.directions import endpoint
from cxcall.calls.graph import Channel
from cxcall.calls.outcomes import offered_to
from cxcall.calls.record import CallId
from cxcall.calls.story import Attempt, Story, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A phone or trunk that is up. `customer`: who waited in a queue or is outside, where there is neither the caller.

    `agent`: the queue member's interface, else the device; `agent_name`: the member's name, else the phone's; both
    empty for the customer. `talks`: somebody hears it now; `held`: one side of its talks is on hold. `call_id`: its own
    call, another one than the stage's for those it meets in a conference.
    """

    uid: str
    channel: str
    call_id: CallId
    customer: bool
    number: str = ""
    agent: str = ""
    agent_name: str = ""
    talks: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A call in progress now.

    `caller`: unique id of its first party, "" when there is none. `queue`: the newest it came to, "" for none.
    `offered`: a queue has rung somebody for it. `inside`: nobody in it is or was outside.
    """

    call_id: CallId
    caller: str
    queue: str
    offered: bool
    parties: tuple[Party, ...]
    inside: bool = False

    @property
    def talks(self) -> bool:
        """Whether anybody hears anybody."""
        return any(party.talks for party in self.parties)

    @property
    def customer(self) -> Party | None:
        """The customer of this very call."""
        return next((party for party in self.parties if party.customer and party.call_id == self.call_id), None)


def stage(story: Story, up: Container[str]) -> Stage:
    """The stage of a call; `up` tells whether a channel, by its unique id, is still there."""
    here = [channel for channel in story.channels if channel.kind == "party" and channel.uid in up]
    guests = {other: None for channel in here for other in channel.talking if other.story is not story}
    agents = _offers(story)
    customers = {visit.who for visit in story.visits} | {channel for channel in here if channel.outside}
    caller = next((channel for channel in story.channels if channel.kind == "party"), None)
    if caller is not None and not any(channel.kind == "party" for channel in customers):
        customers = {caller}
    newest = story.visits[-1] if story.visits else None
    return Stage(
        call_id=story.id,
        caller="" if caller is None else caller.uid,
        queue="" if newest is None else newest.queue,
        offered=any(visit.attempts or visit.connected for visit in story.visits),
        parties=(
            *(_party(channel, story, agents, customer=channel in customers) for channel in here),
            *(_party(guest, guest.story or story, {}, customer=_is_customer(guest)) for guest in guests),
        ),
        inside=not any(channel.outside for channel in story.channels if channel.kind == "party"),
    )


def near(channel: Channel) -> str:
    """The name of the channel by which a party is with the others: its own, or of the Local half that stands for it
    there. Transfers act on the latter: the queue knows nobody else."""
    home = channel.bridge
    if home is None or any(other.kind == "party" and other is not channel for other in home.members.values()):
        return channel.name
    seen, stack = {home.uid}, [home]
    while stack:
        for half in stack.pop().members.values():
            beyond = half.half
            if half.kind != "local" or beyond is None or beyond.bridge is None or beyond.bridge.uid in seen:
                continue
            if any(other.kind == "party" for other in beyond.bridge.members.values()):
                return beyond.name
            seen.add(beyond.bridge.uid)
            stack.append(beyond.bridge)
    return channel.name


def _party(channel: Channel, story: Story, agents: dict[str, Attempt | Visit], *, customer: bool) -> Party:
    agent, name = "", ""
    if not customer:
        offer = agents.get(offered_to(channel, set(agents)) or "")
        agent = (offer.interface if offer is not None else None) or endpoint(channel.name)
        name = (offer.member if offer is not None else None) or channel.caller_name or ""
    dialled = channel.dial_number if channel.outside and channel.dialled_at is not None else None
    return Party(
        uid=channel.uid,
        channel=channel.name,
        call_id=story.id,
        customer=customer,
        number=dialled or channel.number or "",
        agent=agent,
        agent_name=name,
        talks=bool(channel.talking),
        held=channel.hold is not None or (bool(channel.talking) and all(other.hold for other in channel.talking)),
    )


def _is_customer(channel: Channel) -> bool:
    return channel.outside or (channel.story is not None and any(v.who is channel for v in channel.story.visits))


def _offers(story: Story) -> dict[str, Attempt | Visit]:
    """By the channel that was rung: the queue's offer, or the visit of a member nobody saw being rung."""
    found: dict[str, Attempt | Visit] = {}
    for visit in story.visits:
        if visit.agent_uid:
            found[visit.agent_uid] = visit
        for attempt in visit.attempts:
            if attempt.dest_uid:
                found[attempt.dest_uid] = attempt
    return found
