"""When queues are open: calendars with their weeks and holidays, and the switch for "closed now"."""

from __future__ import annotations

from cxcall.web.pages.hours import editor, listing, switch

PAGES = (listing, switch, editor)
