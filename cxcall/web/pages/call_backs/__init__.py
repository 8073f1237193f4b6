"""Call-backs that keep their place: who waits for one and what came of each; how each queue calls back."""

from cxcall.web.pages.call_backs import listing, plans

PAGES = (listing, plans)

__all__ = ["PAGES"]
