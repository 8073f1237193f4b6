"""The pages of this folder."""

from cxcall.web.pages.quality_cards import editor, listing, versions

PAGES = (listing, editor, versions)
