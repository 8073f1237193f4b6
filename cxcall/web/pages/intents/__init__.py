"""/admin/routing/intents: what callers may want when they say why they call; tried out with a sentence, counted."""

from cxcall.web.pages.intents import editor, learning, listing

PAGES = (listing, learning, editor)

__all__ = ["PAGES"]
