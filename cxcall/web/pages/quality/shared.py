"""What the pages of quality share: names of people and scorecards, words for why a call was drawn, scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import users
from cxcall.store.quality import scorecards
from cxcall.store.users import User
from cxcall.web import render
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/quality"
ID = "{id:[0-9A-Za-z]{1,40}}"
CONFLICT = N_("Somebody else changed this meanwhile. Look at it and save again.")
WHY: Mapping[str, str] = {
    "random": N_("By chance"),
    "mood": N_("Bad mood"),
    "long": N_("Long call"),
    "csat": N_("Low CSAT"),
    "manual": N_("Chosen by hand"),
}
DONE: Mapping[str, str] = {
    "added": N_("The call waits to be scored."),
    "skipped": N_("It will not be scored."),
    "back": N_("It is back."),
    "kept": N_("The draft is kept."),
    "submitted": N_("The evaluation is submitted. The agent can see it now."),
    "corrected": N_("The evaluation is corrected; what it said before is kept below."),
    "disputed": N_("Your disagreement was sent. A supervisor will answer."),
    "withdrawn": N_("You took your disagreement back."),
    "answered": N_("The dispute is answered."),
    "coached": N_("The coaching task is given."),
    "changed": N_("Saved."),
    "done": N_("Done."),
    "reopened": N_("It is open again."),
    "removed": N_("The coaching task is taken back."),
}
FEW = 10
"""Evaluations under which a mean says little and is shown grey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names by id, for pages to show."""

    people: Mapping[str, str]
    cards: Mapping[str, str]

    def person(self, user_id: str | None) -> str:
        return self.people.get(user_id or "", "")

    def card(self, scorecard_id: str) -> str:
        return self.cards.get(scorecard_id, "")


async def known(conn: AsyncConnection) -> Known:
    """Everybody's names, and the scorecards' titles in the reader's language."""
    people = {user.id: shown(user) for user in await users.everyone(conn)}
    cards = {kept.id: in_language(kept.draft.title) for kept in await scorecards.everything(conn)}
    return Known(people=people, cards=cards)


async def published(conn: AsyncConnection) -> list[tuple[str, str]]:
    """Scorecards calls can be scored by, with their titles."""
    return [
        (kept.id, in_language(kept.draft.title))
        for kept in await scorecards.everything(conn)
        if kept.published is not None and kept.retired_at is None
    ]


def shown(user: User) -> str:
    return user.display_name or user.name


def in_language(texts: Mapping[str, str]) -> str:
    """The reader's words, else those there are."""
    return texts.get(current().language) or next((text for text in texts.values() if text), "")


def done(request: web.Request) -> render.Done | None:
    """What was just done; `who` names what a skip or removal can be taken back from."""
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    undo = {"skipped": f"{PATH}/reviews/{who}/unskip", "removed": f"{PATH}/coaching/{who}/restore"}.get(word, "")
    return render.Done(text=_(DONE[word]), undo=undo if who.isalnum() else "")
