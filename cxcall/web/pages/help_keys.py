"""/help/keys: every keyboard shortcut there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.web import navigation, render
from cxcall.web.access import needs, user_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` are pressed in this order; "+" inside one means together."""

    keys: tuple[str, ...]
    does: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    shortcuts: Sequence[Shortcut]


EVERYWHERE = (
    Shortcut(("Ctrl+K",), N_("Search and commands")),
    Shortcut(("/",), N_("Search and commands")),
    Shortcut(("?",), N_("This list")),
    Shortcut(("Esc",), N_("Close, clear")),
)
LISTS = (
    Shortcut(("J",), N_("Next row")),
    Shortcut(("K",), N_("Row before")),
    Shortcut(("Enter",), N_("Open the row")),
    Shortcut(("X",), N_("Select the row, in the list of calls")),
)
CALLS = (
    Shortcut(("F8",), N_("Mute")),
    Shortcut(("F9", "F9"), N_("End the call (twice within 2 seconds)")),
    Shortcut(("Ctrl+Enter",), N_("Finish the wrap-up")),
)
RECORDING = (
    Shortcut(("Space",), N_("Play, pause")),
    Shortcut(("←",), N_("5 seconds back")),
    Shortcut(("→",), N_("5 seconds forward")),
    Shortcut(("[",), N_("Turn before")),
    Shortcut(("]",), N_("Next turn")),
    Shortcut(("/",), N_("Find in transcript")),
    Shortcut(("C",), N_("Copy a link to this second")),
)
FLOOR = (
    Shortcut(("L",), N_("Listen")),
    Shortcut(("W",), N_("Whisper")),
    Shortcut(("B",), N_("Join")),
)
BOARD = (
    Shortcut(("F",), N_("Full screen, or back")),
    Shortcut(("Enter",), N_("On an agent: what you may do about them")),
)
HEAT = (
    Shortcut(("↑",), N_("The day before")),
    Shortcut(("↓",), N_("The next day")),
    Shortcut(("←",), N_("The hour at the left")),
    Shortcut(("→",), N_("The hour at the right")),
    Shortcut(("Enter",), N_("Open the calls of the hour")),
)
BUILDER = (
    Shortcut(("Alt+↑",), N_("Move the card up")),
    Shortcut(("Alt+↓",), N_("Move the card down")),
    Shortcut(("Ctrl+Z",), N_("Take the last change back")),
)
QUEUES = (
    Shortcut(("Ctrl+S",), N_("Apply to Asterisk")),
    Shortcut(("Alt+↑",), N_("Move the member up")),
    Shortcut(("Alt+↓",), N_("Move the member down")),
    Shortcut(("Ctrl+Z",), N_("Take the last change back")),
)
SCORING = (
    Shortcut(("Y",), N_("Yes, in the item that has the focus")),
    Shortcut(("N",), N_("No")),
    Shortcut(("X",), N_("Does not apply")),
    Shortcut(("1–9",), N_("A step of the scale; 0 is the tenth")),
    Shortcut(("Tab",), N_("The next item")),
)


@routes.get("/help/keys")
@needs()
async def keys(request: web.Request) -> web.Response:
    user = user_of(request)
    going = [
        Shortcut(("G", item.code.removeprefix("Key")), item.label_for(user.role))
        for item in navigation.menu_of(user.role)
        if item.code
    ]
    groups = [Group(_("Everywhere"), EVERYWHERE), Group(_("Go to"), going), Group(_("Lists"), LISTS)]
    groups.append(Group(_("Recording of a call"), RECORDING))
    groups.append(Group(_("Wallboard"), BOARD))
    if user.role == "agent":
        groups.insert(0, Group(_("On a call"), CALLS))
    if user.oversees:
        groups.insert(0, Group(_("In a live call, or on its row"), FLOOR))
    if user.oversees:
        groups.append(Group(_("Hours of the week, in reports"), HEAT))
        groups.append(Group(_("Scoring a call"), SCORING))
    if user.role == "admin":
        groups.append(Group(_("Survey builder"), BUILDER))
        groups.append(Group(_("Queue editor"), QUEUES))
    return render.page(request, "help_keys.html", groups)
