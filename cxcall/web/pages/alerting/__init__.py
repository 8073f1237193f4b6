"""Alerts of the floor: their words, the rules that raise them, and what is told aloud."""

from __future__ import annotations

from cxcall.web.pages.alerting import news, rules

PAGES = (rules, news)
"""After the page of alerts, which has the same beginning of its paths."""
