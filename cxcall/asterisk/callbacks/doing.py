"""What a call-back wants done on its Asterisk. Every act has a deadline; what is not done is told, and tried again."""

from __future__ import annotations

import re

from cxcall.asterisk.callbacks.picture import QueuePicture
from cxcall.asterisk.surveys.ringing import dialled
from cxcall.bus.acts import Hangup, Originate
from cxcall.routing.call_back import CallBack
from cxcall.routing.call_back_events import AskAfterwards, HangUp, PutInLine, RingCustomer
from cxcall.routing.call_back_plan import CallBackPlan

KEEPER, DIAL, JOIN, AFTER = "cxcall-callback", "cxcall-callback-dial", "cxcall-callback-join", "cxcall-callback-after"
"""Contexts of asterisk-conf/extensions_cxcall.conf: what waits, who rings the customer, where the customer joins, and
where they go on when the agent has hung up."""

STAYS_S = 86_400.0
"""Longer than anybody waits: what waits in the queue is ended by us."""

_UNSAID = re.compile(r'["<>;,^|&\r\n\\]')


def put_in_line(one: CallBack, act: PutInLine, plan: CallBackPlan, country: str) -> Originate:
    """Something that stands in the queue for the customer, and rings them when an agent takes it."""
    return Originate(
        channel=f"Local/{one.queue}@{KEEPER}",
        context=DIAL,
        exten=dialled(one.number, country),
        caller_id=_shown(one, country),
        variables=_variables(one, plan) | {"__CXCALL_POSITION": str(act.position)},
        timeout=STAYS_S,
        channel_id=act.line,
        other_channel_id=f"{act.line}-q",
    )


def ring_customer(one: CallBack, act: RingCustomer, plan: CallBackPlan, country: str) -> Originate:
    """The customer's telephone, and from there into the queue at its head."""
    return Originate(
        channel=f"Local/{dialled(one.number, country)}@{DIAL}",
        context=JOIN,
        exten=one.queue,
        caller_id=_shown(one, country),
        variables=_variables(one, plan) | {"__CXCALL_POSITION": "1", "CX_CUSTOMER": dialled(one.number, country)},
        timeout=float(plan.ring_seconds),
        channel_id=act.line,
        other_channel_id=f"{act.line}-d",
    )


def called_off(act: HangUp) -> dict[str, str]:
    """A setting of the try's channel: an agent who takes it at this very moment has nobody called any more."""
    return {"Channel": act.line, "Variable": "CX_CALLED_OFF", "Value": "yes"}


def hang_up(act: HangUp) -> Hangup:
    return Hangup(channel=act.line)


def asking_afterwards(one: CallBack, act: AskAfterwards) -> list[dict[str, str]]:
    """Settings of the customer's channel, which has no dialplan of its own: where it goes on after the talk."""
    wanted = {
        "CX_MEMBER": act.agent,
        "CX_LANGUAGE": one.language,
        "CHANNEL(after_bridge_goto)": f"{AFTER},{one.queue},1",
    }
    return [{"Channel": act.channel, "Variable": name, "Value": value} for name, value in wanted.items() if value]


def withdrawal(one: CallBack, act: HangUp, picture: QueuePicture) -> dict[str, str] | None:
    """How it leaves the queue without counting as somebody who gave up; None where it does not wait there, or an agent
    may be rung for it: app_queue lets it go only after the ringing, and the agent might answer."""
    if picture.rings:
        return None
    waiting = next((each for each in picture.waiting if each.uid == f"{act.line}-q"), None)
    if waiting is None:
        return None
    return {"Queue": one.queue, "Caller": waiting.channel, "WithdrawInfo": "callback"}


def _variables(one: CallBack, plan: CallBackPlan) -> dict[str, str]:
    """Two underscores: both halves of the Local channel and all they dial have them."""
    known = {
        "__CX_CALL_BACK": one.id,
        "__CX_CALLER_ID": _plain(plan.caller_id),
        "__CX_LANGUAGE": one.language,
        "__QUEUE_PRIO": str(one.priority) if one.priority else "",
    }
    return {name: value for name, value in known.items() if value}


def _shown(one: CallBack, country: str) -> str:
    """What the agent's telephone shows, and the call's record: a bare "CB" would be a person of that name there."""
    number = dialled(one.number, country)
    return f'"CB {_plain(one.name) or number}" <{number}>'


def _plain(text: str) -> str:
    return _UNSAID.sub(" ", text)[:60].strip()
