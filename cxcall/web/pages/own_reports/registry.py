"""The pages of what people keep for themselves, in the order their addresses are looked up."""

from cxcall.web.pages.own_reports import call_views, exports

PAGES = (call_views, exports)
