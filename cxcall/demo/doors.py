"""How the demo's outside numbers lead to its queues: past the rules, and the callers of one queue say why they call.

Numbers that queues were given on the pages are looked up as `cxcall-numbers` does, so that a changed one leads there.
"""

from __future__ import annotations

import structlog

from cxcall import service
from cxcall.demo import surveys
from cxcall.demo.floor import Words
from cxcall.demo.rules import ANNOUNCED
from cxcall.demo.staff import BILLING, GOLD, NIGHT, SERVER, Queue
from cxcall.demo.switch import Switch
from cxcall.settings import Settings
from cxcall.store import prompt_files, prompts

log = structlog.get_logger(__name__)

ASKED = BILLING
"""The queue whose callers say why they call."""
INSIDE = {GOLD.name: "504", BILLING.name: "503"}
"""What agents dial to reach queues that have no extension of their own in asterisk-conf/demo."""

SAID: dict[str, tuple[Words, Words]] = {
    "CXCALL_REASON_PROMPT": (
        {"en": "Why do you call?", "fa": "برای چه تماس گرفته‌اید؟"},
        {
            "en": "Please say in a few words why you are calling.",
            "fa": "لطفاً در چند کلمه بگویید برای چه تماس گرفته‌اید.",
        },
    ),
    "CXCALL_CALLBACK_OFFER": (
        {"en": "Shall we call you back?", "fa": "با شما تماس بگیریم؟"},
        {
            "en": "If you would rather be called back, press 1. You keep your place.",
            "fa": "اگر می‌خواهید با شما تماس بگیریم عدد یک را فشار دهید. نوبت شما محفوظ است.",
        },
    ),
}
"""By the dialplan's name for it: what a prompt is called, and what it says."""


def dialplan() -> str:
    """What the demo adds to extensions.conf."""
    lines = ["[internal](+)"]
    lines += [f"exten => {number},1,Goto(cxcall-queue,{name},1)" for name, number in INSIDE.items()]
    lines.append("[from-trunk](+)")
    for queue in (BILLING, GOLD, NIGHT):
        lines += _number(queue)
    return "\n".join(lines) + "\n"


def _number(queue: Queue) -> list[str]:
    why = [" same => n,Gosub(cxcall-reason,s,1(${CX_TO}))"] if queue is ASKED else []
    return [
        f"exten => {queue.number},1,Set(CX_TO=${{DB(cxcall/${{DB(cxcall/generation)}}/number/${{EXTEN}})}})",
        ' same => n,GotoIf($["${CX_TO}" = ""]?gone)',
        *why,
        " same => n,Gosub(cxcall-route,s,1(${CX_TO}))",
        " same => n,Goto(cxcall-queue,${CX_QUEUE},1)",
        " same => n(gone),Hangup(1)",
    ]


async def give_voice(settings: Settings, switch: Switch) -> None:
    """Have said what asks callers and what rules announce, and tell Asterisk of the questions; until then, or where
    nothing can be said, they are a beep."""
    async with service.database(settings) as engine:
        wanted = [*(name for name, _ in SAID.values()), *(name for name, _ in ANNOUNCED)]
        await surveys.speak(engine, settings, only=[word for name in wanted for word in name.values()])
        async with engine.connect() as conn:
            found = {prompt.name: prompt for prompt in await prompts.everything(conn)}
    for variable, (name, _) in SAID.items():
        prompt = next((found[one] for one in name.values() if one in found), None)
        variant = prompt.variants.get("en") if prompt is not None else None
        if variant is None or variant.sound is None:
            log.info("the demo asks its callers with a beep", of=variable)
            continue
        await switch.cli(
            f"dialplan set global {variable} {prompt_files.address(settings, SERVER, variant.sound.sha)}"
        )  # fmt: skip
