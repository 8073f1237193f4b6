"""A browser's name from what it says of itself, for lists of sessions. Wrong guesses do no harm."""

from __future__ import annotations

import re

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "CrOS", "Linux")


def browser(agent: str) -> str:
    """`Chrome 156, Linux`; the first word of a program that is no browser; "?" for nothing."""
    name = next((f"{name}{_version(agent, sign)}" for sign, name in _BROWSERS if sign in agent), "")
    system = next((system for system in _SYSTEMS if system in agent), "")
    if name:
        return ", ".join(part for part in (name, system) if part)
    return agent.split(" ")[0].split("/")[0][:40] or "?"


def _version(agent: str, sign: str) -> str:
    found = re.search(re.escape(sign) + r"(\d+)", agent)
    return f" {found[1]}" if found else ""
