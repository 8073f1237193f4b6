"""Staffing: agents needed against the roster, the roster itself, and whether it was kept to."""

from __future__ import annotations

from cxcall.web.pages.staffing import adherence, overview, rosters, upload

PAGES = (overview, adherence, upload, rosters)
