"""What a call adds, whatever is in its record: a call that can't be counted is kept all the same.

A record nobody thought of must not keep the calls beside it from being counted: it adds nothing, today and in every
rebuild, and the log names it.
"""

from __future__ import annotations

import msgspec
import structlog

from cxcall.calls.record import CallRecord
from cxcall.reports.facts import Contributions, Counting, contributions
from cxcall.store.call_rows import record_from

log = structlog.get_logger(__name__)

_MOST = 1e11
"""Seconds or things: as microseconds still a number of eight bytes, added up a thousand times over."""
_TROUBLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def counted_text(call_id: str, text: str, counting: Counting) -> Contributions:
    """The same of a record as it is stored; nothing where it can't be read, as one that another version wrote."""
    try:
        record = record_from(text, None)
    except msgspec.DecodeError:
        log.exception("a call can't be read for reports", call=call_id)
        return Contributions()
    return counted(record, counting)


def counted(record: CallRecord, counting: Counting) -> Contributions:
    """`facts.contributions`, nothing where that fails."""
    try:
        found = contributions(record, counting)
        _refuse_what_no_column_takes(found)
    except _TROUBLE:
        log.exception("a call can't be counted in reports", call=record.id)
        return Contributions()
    return found


def _refuse_what_no_column_takes(found: Contributions) -> None:
    """Raises ArithmeticError for sums that are no numbers or beyond all measure."""
    for rows in (found.queues, found.waits, found.agents, found.calls, found.transfers):
        for sums in rows.values():
            for amount in sums.values():
                if not -_MOST < amount < _MOST:
                    msg = f"a sum is beyond {_MOST:.0f}"
                    raise ArithmeticError(msg)
