"""Reports that are lists of calls: who gave up waiting, and whether they were reached again."""

from cxcall.web.pages.report_lists import abandoned

PAGES = (abandoned,)

__all__ = ["PAGES"]
