"""How long Asterisk may take over an act."""

from __future__ import annotations

LIMIT = 3.0
"""Seconds Asterisk has to answer one action: less than a page waits for the act."""

SIGNS = 4.0
"""Seconds until an attended transfer must be seen to have begun."""
