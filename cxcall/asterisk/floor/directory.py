"""What the floor knows from the database: whose phone it is, what reasons mean, how long wrap-up lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.presence import Reason, is_same_phone
from cxcall.store import pause_reasons, queues, sign_ins, users


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    name: str


NOBODY = Person(id="", name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """As last read. `owners`: user id by phone, of each server; by (server, queue): `wraps` seconds of wrap-up,
    `missed` calls in a row nobody answered, after which an agent is paused."""

    owners: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    wraps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    missed: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def who(self, server: str, device: str, interface: str) -> tuple[Person, str]:
        """Who sits at a member's phone, and that phone as their profile writes it; NOBODY and `device` when unknown."""
        owners = self.owners.get(server, {})
        for named in (device, interface):
            if named in owners:
                return self._person(owners[named]), named
        for phone, user in owners.items():
            if is_same_phone(phone, device) or is_same_phone(phone, interface):
                return self._person(user), phone
        return NOBODY, device

    def wrap(self, server: str, queue: str) -> int:
        """Seconds of wrap-up after a call of `queue`; 0 none."""
        return self.wraps.get((server, queue), 0)

    def _person(self, user: str) -> Person:
        return Person(id=user, name=self.names.get(user, "")) if user in self.names else NOBODY


async def load(conn: AsyncConnection, servers: Iterable[str]) -> Directory:
    """The directory as the database has it now."""
    everyone = await users.everyone(conn)
    reasons = await pause_reasons.everything(conn)
    looks = await queues.looks(conn)
    return Directory(
        owners={server: await sign_ins.owners(conn, server) for server in servers},
        names={user.id: user.display_name for user in everyone if not user.disabled},
        reasons=tuple(
            Reason(id=reason.id, names=tuple(reason.name.values()), limit=reason.limit_s) for reason in reasons
        ),
        wraps={key: look.wrap_up for key, look in looks.items() if look.wrap_up > 0},
        missed={key: look.missed for key, look in looks.items() if look.missed > 0},
    )
