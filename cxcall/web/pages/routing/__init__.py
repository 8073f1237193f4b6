"""/admin/routing: rules for where callers go, tried out and published; what they would have done; experiments."""

from cxcall.web.pages.routing import editor, experiments, held, listing, replaying, text, trying, versions

PAGES = (listing, held, editor, text, versions, trying, replaying, experiments)

__all__ = ["PAGES"]
