"""How the reader of this request wants words, digits and dates: read anywhere while a request is answered."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["en", "fa"]
Digits = Literal["latin", "persian"]
Calendar = Literal["gregorian", "jalali"]


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """`now` is the time of the request, so that "today" is the same all over one page; `country` (ISO 3166)
    is whose numbers are shown without their country code, `queues` what people read for a queue's name."""

    language: Language = "en"
    digits: Digits = "latin"
    calendar: Calendar = "gregorian"
    zone: ZoneInfo = _UTC
    country: str = "IR"
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    queues: Mapping[str, str] = field(default_factory=dict)

    @property
    def rtl(self) -> bool:
        return self.language == "fa"

    @property
    def persian_digits(self) -> bool:
        return self.digits == "persian"

    def local(self, moment: datetime) -> datetime:
        """`moment` (aware) on the site's clock."""
        return moment.astimezone(self.zone)


_OUTSIDE = Presentation()
_current: ContextVar[Presentation] = ContextVar("presentation", default=_OUTSIDE)


def current() -> Presentation:
    """The presentation of the request being answered; English, Latin digits, UTC outside of one."""
    return _current.get()


def use(presentation: Presentation) -> None:
    """Make `presentation` the one of this request; each request runs in a context of its own."""
    _current.set(presentation)
