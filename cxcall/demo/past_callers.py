"""What was known of the demo's callers at any moment of the past: from the calls that had ended by then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from cxcall.calls.record import CallRecord
from cxcall.customers.segments import segment
from cxcall.demo.staff import AGENTS
from cxcall.demo.workday import as_dialled
from cxcall.routing.facts import Caller, Past

WITHHELD = "anonymous"
_CALLS, _WEEK = 60, timedelta(days=7)
"""As in `store.known_caller`."""


class PastCallers:
    """`known`: customers by E.164 number; `people`: user ids by login. Whoever is not known stays so: their profiles
    are made by their first call, and rules call nobody known whom no one has looked at."""

    def __init__(self, known: Mapping[str, Caller], people: Mapping[str, str], zone: ZoneInfo) -> None:
        self._zone = zone
        self._known = {as_dialled(number): (number, caller) for number, caller in known.items()}
        self._users = {worker.phone: people[worker.login] for worker in AGENTS}
        self._calls: dict[str, list[CallRecord]] = {}

    def who(self, dialled: str, at: datetime) -> tuple[str, Caller | None]:
        """Number (E.164, "" withheld) and customer behind what the trunk sent."""
        number, caller = self._known.get(dialled, ("" if dialled == WITHHELD else f"+98{dialled[1:]}", None))
        if caller is None:
            return number, None
        days = [self._day(one) for one in self._before(dialled, at)]
        kind = segment(days, first=days[0] if days else None, today=at.astimezone(self._zone).date())
        return number, msgspec.structs.replace(caller, segment=kind)

    def past(self, dialled: str, at: datetime) -> Past:
        """The caller's past at this moment, as `store.known_caller` makes it."""
        before = self._before(dialled, at)[-_CALLS:]
        made = [one for one in before if one.direction != "outbound"]
        if not made:
            return Past()
        day = at.astimezone(self._zone).date()
        today = [one for one in made if self._day(one) == day]
        last = made[-1]
        talks = [(user, one.answered_at) for one in reversed(before) if (user := self._user(one))]
        agents = tuple(dict.fromkeys(user for user, _ in talks))
        return Past(
            calls_today=len(today),
            abandoned_today=sum(one.outcome == "abandoned" for one in today),
            calls_week=sum(_began(one) >= at - _WEEK for one in made),
            last_call_at=_began(last).astimezone(self._zone),
            last_outcome=last.outcome,
            last_queue=last.queue_visits[-1].queue if last.queue_visits else None,
            last_agent=agents[0] if agents else None,
            last_agent_at=talks[0][1].astimezone(self._zone) if talks and talks[0][1] else None,
            known_agents=agents,
        )

    def ended(self, record: CallRecord) -> None:
        """Remember a call, of whoever is not ours in it."""
        number = record.called if record.direction == "outbound" else record.caller.number
        if number and number != WITHHELD and record.direction != "internal":
            self._calls.setdefault(self._key(number), []).append(record)

    def _before(self, dialled: str, at: datetime) -> list[CallRecord]:
        """Calls that had ended, oldest first; of a customer those from all of their numbers."""
        return [
            one for one in self._calls.get(self._key(dialled), ()) if one.ended_at is not None and one.ended_at < at
        ]

    def _key(self, dialled: str) -> str:
        _, caller = self._known.get(dialled, ("", None))
        return caller.id if caller is not None else dialled

    def _day(self, record: CallRecord) -> date:
        return _began(record).astimezone(self._zone).date()

    def _user(self, record: CallRecord) -> str:
        """Who of ours talked in it first."""
        phones = (leg.number or "" for leg in record.legs if leg.answered_at is not None)
        return next((self._users[phone] for phone in phones if phone in self._users), "")


def _began(record: CallRecord) -> datetime:
    assert record.started_at is not None  # noqa: S101 - every made-up call has a beginning
    return record.started_at
