"""The pages of reports, in the order their addresses are looked up."""

from cxcall.web.pages.reports import behind, overview, report

PAGES = (overview, behind, report)
