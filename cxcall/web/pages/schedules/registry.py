"""The pages of schedules."""

from cxcall.web.pages.schedules import pages

PAGES = (pages,)
