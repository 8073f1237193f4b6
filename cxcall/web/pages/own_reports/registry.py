"""The pages of what people keep for themselves, in the order their addresses are looked up."""

from cxcall.web.pages.own_reports import builder, call_views, exports, listing, shown

PAGES = (call_views, exports, listing, builder, shown)
