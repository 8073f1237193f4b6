"""The people who work in the demo's call centre and its queues, as asterisk-conf/demo knows phones and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

SERVER = "demo"
COUNTRY = "IR"
TIMEZONE = "Asia/Tehran"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Someone who signs in. `phone` is the extension, empty for those without one."""

    login: str
    name: str
    role: Literal["agent", "supervisor", "admin"]
    phone: str = ""

    @property
    def interface(self) -> str:
        return f"PJSIP/{self.phone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue, the outside number and the inside extension ("" none) that lead to it, and its members' phones."""

    name: str
    number: str
    extension: str
    members: tuple[str, ...]


STAFF = (
    Worker(login="sara", name="Sara Ahmadi", role="agent", phone="1001"),
    Worker(login="reza", name="Reza Karimi", role="agent", phone="1002"),
    Worker(login="maryam", name="Maryam Rostami", role="agent", phone="1003"),
    Worker(login="omid", name="Omid Sharifi", role="agent", phone="1004"),
    Worker(login="nasrin", name="Nasrin Tehrani", role="agent", phone="1005"),
    Worker(login="hamed", name="Hamed Moradi", role="agent", phone="1006"),
    Worker(login="shirin", name="Shirin Daneshvar", role="agent", phone="1007"),
    Worker(login="laleh", name="Laleh Parsa", role="supervisor", phone="1008"),
    Worker(login="admin", name="Kaveh Amini", role="admin"),
)
_PERSIAN = {
    "sara": "سارا احمدی", "reza": "رضا کریمی", "maryam": "مریم رستمی", "omid": "امید شریفی", "nasrin": "نسرین تهرانی",
    "hamed": "حامد مرادی", "shirin": "شیرین دانشور", "laleh": "لاله پارسا", "admin": "کاوه امینی",
}  # fmt: skip
AGENTS = tuple(worker for worker in STAFF if worker.role == "agent")
SHOWN = ("sara", "laleh", "admin")
"""The three logins that are printed."""

SUPPORT = Queue(name="support", number="02191000500", extension="500", members=("1001", "1002", "1003"))
SALES = Queue(name="sales", number="02191000501", extension="501", members=("1003", "1004", "1005"))
BILLING = Queue(name="billing", number="02191000503", extension="", members=("1004", "1006", "1007"))
GOLD = Queue(name="gold", number="02191000504", extension="", members=("1001", "1002", "1006"))
NIGHT = Queue(name="night", number="02191000505", extension="", members=("1005", "1007"))
QUEUES = (SUPPORT, SALES, BILLING, GOLD, NIGHT)
"""Those that cxcall writes; `floor` says how."""

RECEPTION = Queue(name="reception", number="02191000502", extension="502", members=("1001", "1002"))
"""The one that stands in the site's own queues.conf: cxcall watches it."""

DIRECT_NUMBER = "0219100{phone}"
"""How outside callers reach one phone: 02191001001 is 1001."""
OUTSIDE_PREFIX = "9"


def agent(phone: str, language: str = "en") -> Worker:
    """The agent with this extension."""
    return next(worker for worker in agents(language) if worker.phone == phone)


def staff(language: str) -> tuple[Worker, ...]:
    """Everybody, with their names as people write them who read this language."""
    return tuple(replace(worker, name=_PERSIAN[worker.login]) for worker in STAFF) if language == "fa" else STAFF


def agents(language: str) -> tuple[Worker, ...]:
    """The agents of `staff`."""
    return tuple(worker for worker in staff(language) if worker.role == "agent")


def listeners(language: str) -> tuple[Worker, ...]:
    """Whose phones answer by themselves: whoever listens in or joins is at once on the line."""
    return tuple(worker for worker in staff(language) if worker.role == "supervisor" and worker.phone)


def renamed(language: str) -> Mapping[str, str]:
    """Names as Asterisk's files of the demo have them → names of `staff`."""
    return {one.name: other.name for one, other in zip(STAFF, staff(language), strict=True)}


def login_at(interface: str | None) -> str:
    """Whose phone it is, "" nobody's."""
    return next((worker.login for worker in AGENTS if worker.interface == interface), "")
