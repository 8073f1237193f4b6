"""/admin/queues: queues set up in the browser, their drafts applied to Asterisk, and those that others define."""

from cxcall.web.pages.queues import editor, history, listing, observed, sheets, trial

PAGES = (listing, history, sheets, trial, observed, editor)
"""In this order: an address of one word comes before the names of servers."""

__all__ = ["PAGES"]
