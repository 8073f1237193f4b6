"""The people who answer: what they do now, their skills and teams, and the reasons they may pause for."""

from __future__ import annotations

from cxcall.web.pages.agents import pauses, people, person, skill_list, teams

PAGES = (people, person, teams, skill_list, pauses)
