"""How long a customer had not been in contact: what tells how many customers there were, without looking at each.

Of a customer's contacts in a period the first one is the only one whose contact before it lies before the period, and
the second one the only one whose contact before it lies in the period and the one before that does not. So there are as
many customers as contacts whose last one was before the period; take them from the contacts whose last but one was, and
those with two contacts or more are left. Both are sums of days, kept by the day of the contact before
(`kept_tables.rollup_gaps`), for any period.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Narrowing, Row
from cxcall.reports.period import Span, slots, span_of
from cxcall.reports.tally import Tally
from cxcall.store.reporting.answers_rows import quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.contacts import is_contact
from cxcall.store.reporting.kept_reading import Parts
from cxcall.store.reporting.kept_tables import GAPS, rollup_gaps
from cxcall.store.reporting.ranges import Range, inside
from cxcall.store.reporting.slots import QUARTER, Clock, within
from cxcall.store.reporting.summing import Found
from cxcall.store.tables import calls

_ROWS: frozenset[Row] = frozenset(("day", "week", "month", "queue"))
_ALL = Narrowing()
_OLDEST = date(2000, 1, 1)
"""Before Asterisk there are no calls."""


def tells(ask: Ask) -> bool:
    """Whether days that are kept can tell this: of one kind of time, by queue or not, nothing left out."""
    return ask.narrowing == _ALL and _ROWS.issuperset(ask.by) and len(set(ask.by) - {"queue"}) <= 1


async def read(conn: AsyncConnection, ask: Ask, parts: Parts) -> Found:
    """Customers and those with two contacts or more, of days that are kept and of times that are not."""
    found: Found = {}
    if parts.kept:
        await _add(conn, ask, rollup_gaps, [within(rollup_gaps, parts.kept)], found)
    if parts.rest:
        several = (since(conn, parts.rest, ask.zone, n, same_queue="queue" in ask.by) for n in range(len(GAPS)))
        await _add(conn, ask, union_all(*several).subquery("rest"), [], found)
    return {keys: tally for keys, tally in found.items() if any(tally.sums.values())}


def since(
    conn: AsyncConnection, times: Sequence[Range], zone: tzinfo, n: int, *, same_queue: bool = False
) -> Select[tuple[Any, ...]]:
    """The contacts of some times with the day of the customer's last contact before each (`n` 0), or of the last but
    one (`n` 1), 0: none. `same_queue`: only contacts of that queue count, and `server` and `queue` say which."""
    its, earlier_calls = calls.c, calls.alias("earlier")
    earlier = earlier_calls.c
    mine = [
        earlier.customer_id == its.customer_id,
        is_contact(earlier_calls),
        earlier.started_at <= its.started_at,
        or_(earlier.started_at < its.started_at, and_(earlier.started_at == its.started_at, earlier.id < its.id)),
    ]
    if same_queue:
        mine += [earlier.server == its.server, func.coalesce(earlier.queue, "") == func.coalesce(its.queue, "")]
    before = (
        select(earlier.started_at)
        .where(*mine)
        .order_by(earlier.started_at.desc(), earlier.id.desc())
        .limit(1)
        .offset(n)
        .correlate(calls)
        .scalar_subquery()
    )
    found = select(
        quarter(conn, its.started_at).label("at"),
        (its.server if same_queue else literal("")).label("server"),
        (func.coalesce(its.queue, "") if same_queue else literal("")).label("queue"),
        quarter(conn, before).label("before_at"),
    ).where(is_contact(calls), inside(its.started_at, times))  # fmt: skip
    # Looked up once and kept: else the look-up stands in every branch of what tells its day, dozens of times.
    contacts = found.cte().prefix_with("MATERIALIZED")
    return select(
        _day(contacts.c.at, zone).label("slot"),
        contacts.c.server,
        contacts.c.queue,
        case((contacts.c.before_at.is_(None), 0), else_=_day(contacts.c.before_at, zone)).label("before"),
        *(literal(int(name == GAPS[n])).label(name) for name in GAPS),
    )


def _day(slot: ColumnElement[Any], zone: tzinfo) -> ColumnElement[Any]:
    table: Any = SimpleNamespace(c=SimpleNamespace(slot=slot))
    return Clock(table, QUARTER, _ever(zone, datetime.now(UTC).year), zone, "gregorian").part("day")


@lru_cache(maxsize=4)
def _ever(zone: tzinfo, year: int) -> Span:
    return span_of(_OLDEST, date(year + 1, 12, 31), zone)


async def _add(
    conn: AsyncConnection, ask: Ask, table: FromClause, where: Sequence[ColumnElement[bool]], found: Found
) -> None:
    """What rows of gaps say, by when each row of time begins."""
    its, by_queue = table.c, "queue" in ask.by
    time = next((row for row in ask.by if row != "queue"), None)
    grouped = slots(ask.span, time, ask.zone, ask.calendar) if time else ()
    titles = {slot.first.toordinal(): Key(row=time, value=slot.value) for slot in grouped} if time else {}
    begins = sorted(titles) or [ask.span.first.toordinal()]
    later = [(its.slot < after, literal(begin)) for begin, after in pairwise(begins)]
    begin = case(*later, else_=literal(begins[-1])) if later else literal(begins[-1])
    own = [its.server != ""] if by_queue else [its.server == ""]
    rows = select(begin.label("begin"), its.server, its.queue, its.before, *(its[name] for name in GAPS))
    row = rows.where(*own, *where).subquery("row").c
    new = row.before < row.begin
    query = select(
        row.begin, row.server, row.queue,
        func.sum(case((new, row.first), else_=0)).label("customers"),
        func.sum(case((new, row.second), else_=0)).label("seconds"),
    ).group_by(row.begin, row.server, row.queue)  # fmt: skip
    for one in (await conn.execute(query)).mappings():
        keys = tuple(
            Key(row="queue", value=one["queue"], title=one["queue"], server=one["server"])
            if each == "queue"
            else titles[one["begin"]]
            for each in ask.by
        )
        customers, seconds = float(one["customers"]), float(one["seconds"])
        found.setdefault(keys, Tally()).add(
            Tally(sums={"customers": customers, "repeat_customers": seconds - customers})
        )
