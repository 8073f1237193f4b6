"""A week of calls for lists of reports: customers who call again, callers passed on, what they chose in the menu."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import Transfer
from cxcall.customers.profile import Profile
from cxcall.reports.facts import Counting
from cxcall.store import calls, customers, intents, reasons
from cxcall.store.calls import CallWrite
from cxcall.store.reasons import Reason
from tests.store.report_day import visitor
from tests.support.report_stage import ZONE

NAMES = ("Maryam Ahmadi", "رضا کاظمی", "Neda Rostami", "علی مرادی", "Kaveh Sadr")
TARGETS = ("support", "1007", "1007", "billing", "1009", "Omid Rad", "support", "support")
AGENTS = ("Sara", "Sara Karimi", "Omid Rad")
WISHES = ("refund", "delivery", "", "refund", "new-order")


async def busy_week(engine: AsyncEngine, now: datetime) -> int:
    """Twelve callers share the calls of seven days before today; how many calls were written."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    records, said, n = [], [], 0
    for day in range(7, 0, -1):
        for hour in range(9, 16):
            for place in range((day * hour) % 4 + 1):
                at = midnight - timedelta(days=day) + timedelta(hours=hour, minutes=10 * place)
                lost = n % 5 == 0
                record = visitor(
                    n, at=at, queue=("billing", "support", "sales")[n % 3], wait=20.0 + n % 50,
                    result="abandoned" if lost else "answered", talk=0.0 if lost else 90.0,
                )  # fmt: skip
                number = f"0912345{n % 17:04}"
                record = replace(record, caller=replace(record.caller, number=number, name=NAMES[n % 17 % 5]))
                if not lost and n % 2:
                    by = next(leg.channel for leg in record.legs if leg.agent and leg.answered_at)
                    kind = ("blind", "attended")[n % 4 // 2]
                    to = TARGETS[(7 * n + n // 8) % 8]
                    passed = Transfer(kind=kind, at=at + timedelta(seconds=60), by=by, to=to)  # type: ignore[arg-type]  # one of the two
                    record = replace(record, transfers=(passed,))
                records.append(record)
                if n % 4:
                    intent = WISHES[n % 5]
                    reason = Reason(
                        id=f"r{n}", at=at + timedelta(seconds=5), call_id=record.id, intent=intent,
                        how="sure" if intent else "none",
                    )  # fmt: skip
                    said.append(reason)
                n += 1
    async with engine.begin() as conn:
        for place in range(17):
            await customers.create(
                conn, Profile(name=f"{NAMES[place % 5]}", numbers=(f"+98912345{place:04}",)), origin="import"
            )
        writes = [CallWrite(record=record, revision=1) for record in records]
        await calls.apply(conn, writes, region="IR", counting=Counting(zone=ZONE))
        for one in said:
            await reasons.put(conn, one)
        titles = {"refund": ("Refund", "بازپرداخت"), "delivery": ("Delivery", "ارسال سفارش")}
        for name, (english, persian) in titles.items():
            title = {"en": english, "fa": persian}
            await intents.create(conn, name, {"title": title}, by="leila", now=now)
    return n
