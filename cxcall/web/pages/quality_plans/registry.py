"""The pages of this folder."""

from cxcall.web.pages.quality_plans import editor, listing

PAGES = (listing, editor)
