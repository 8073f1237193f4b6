"""Reports that are lists: who gave up waiting, who called again, from where to where callers were passed on."""

from cxcall.web.pages.report_lists import abandoned, follow_up, repeat, transfers

PAGES = (follow_up, abandoned, repeat, transfers)

__all__ = ["PAGES"]
