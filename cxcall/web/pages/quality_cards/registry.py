"""The pages of this folder."""

from cxcall.web.pages.quality_cards import pages

PAGES = (pages,)
