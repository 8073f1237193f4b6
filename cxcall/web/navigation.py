"""The menu: which pages there are, for whom, and the key that goes there after G. Only pages that exist are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.web.access import Role
from cxcall.web.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page of the menu. `code` is the KeyboardEvent.code pressed after G, the same on every layout."""

    path: str
    icon: str
    label: str
    group: str
    roles: frozenset[Role]
    code: str = ""
    agents_label: str = ""
    also: tuple[str, ...] = ()
    """Other pages that belong to this one."""

    def label_for(self, role: Role) -> str:
        return self.agents_label if role is Role.AGENT and self.agents_label else self.label


A, S, T = Role.AGENT, Role.SUPERVISOR, Role.ADMIN
NOW, UNDERSTAND, SET_UP, FOOT = N_("Now"), N_("Understand"), N_("Set up"), ""

MENU: tuple[Item, ...] = (
    Item(path="/desk", icon="headset", label=N_("Desktop"), group=NOW, roles=frozenset({A}), code="KeyD"),
    Item(path="/wallboard", icon="board", label=N_("Wallboard"), group=NOW, roles=frozenset({A, S, T}), code="KeyW"),
    Item(path="/live", icon="headset", label=N_("Live calls"), group=NOW, roles=frozenset({S, T}), code="KeyL"),
    Item(path="/alerts", icon="bell", label=N_("Alerts"), group=NOW, roles=frozenset({S, T}), code="KeyB"),
    Item(path="/routing/call-backs", icon="phone-out", label=N_("Call-backs"), group=NOW, roles=frozenset({S, T}),
         code="KeyJ"),
    Item(path="/followups", icon="flag", label=N_("Follow-ups"), group=NOW, roles=frozenset({A, S, T}), code="KeyF"),
    Item(path="/calls", icon="phone", label=N_("Calls"), agents_label=N_("My calls"), group=UNDERSTAND,
         roles=frozenset({A, S, T}), code="KeyC"),
    Item(path="/customers", icon="user", label=N_("Customers"), group=UNDERSTAND, roles=frozenset({A, S, T}),
         code="KeyU"),
    Item(path="/reports", icon="chart", label=N_("Reports"), group=UNDERSTAND, roles=frozenset({S, T}), code="KeyD"),
    Item(path="/surveys", icon="star", label=N_("Surveys"), group=UNDERSTAND, roles=frozenset({S, T}), code="KeyV"),
    Item(path="/quality", icon="check", label=N_("Quality"), group=UNDERSTAND, roles=frozenset({S, T})),
    Item(path="/speech", icon="ear", label=N_("Speech analytics"), group=UNDERSTAND, roles=frozenset({S, T}),
         code="KeyT"),
    Item(path="/admin/routing/experiments", icon="chart", label=N_("Experiments"), group=UNDERSTAND,
         roles=frozenset({S}), code="KeyZ"),
    Item(path="/knowledge", icon="book", label=N_("Knowledge base"), group=UNDERSTAND, roles=frozenset({A, S, T}),
         code="KeyK"),
    Item(path="/speech/search", icon="chat", label=N_("What was said"), group=UNDERSTAND, roles=frozenset({A, S, T}),
         code="KeyN"),
    Item(path="/desk/results", icon="star", label=N_("My results"), group=UNDERSTAND, roles=frozenset({A}),
         code="KeyV"),
    Item(path="/admin/queues", icon="queue", label=N_("Queues"), group=SET_UP, roles=frozenset({T}), code="KeyQ"),
    Item(path="/admin/routing", icon="route", label=N_("Routing"), group=SET_UP, roles=frozenset({T}), code="KeyG"),
    Item(path="/admin/agents", icon="headset", label=N_("Agents"), group=SET_UP, roles=frozenset({S, T}), code="KeyO",
         also=("/admin/teams", "/admin/skills", "/admin/pauses")),
    Item(path="/admin/hours", icon="cal", label=N_("Hours"), group=SET_UP, roles=frozenset({S, T}), code="KeyY"),
    Item(path="/admin/surveys", icon="form", label=N_("Survey builder"), group=SET_UP, roles=frozenset({T}),
         code="KeyE"),
    Item(path="/admin/prompts", icon="mic", label=N_("Prompts"), group=SET_UP, roles=frozenset({S, T}), code="KeyM"),
    Item(path="/admin/users", icon="users", label=N_("Users"), group=SET_UP, roles=frozenset({T}), code="KeyP"),
    Item(path="/admin/roles", icon="shield", label=N_("Roles"), group=SET_UP, roles=frozenset({T}), code="KeyR"),
    Item(path="/admin/asterisk", icon="plug", label=N_("Asterisk"), group=SET_UP, roles=frozenset({S, T}), code="KeyA"),
    Item(path="/admin/speech", icon="ear", label=N_("Speech"), group=SET_UP, roles=frozenset({S, T}), code="KeyI"),
    Item(path="/admin/webhooks", icon="link", label=N_("Webhooks"), group=SET_UP, roles=frozenset({T}), code="KeyH"),
    Item(path="/admin/screens", icon="board", label=N_("Big screens"), group=SET_UP, roles=frozenset({S, T}),
         code="KeyX"),
    Item(path="/settings", icon="gear", label=N_("Settings"), group=FOOT, roles=frozenset({A, S, T}), code="KeyS"),
)  # fmt: skip

HOME: dict[Role, str] = {A: "/desk", S: "/wallboard", T: "/admin/asterisk"}


def menu_of(role: Role) -> Sequence[Item]:
    return [item for item in MENU if role in item.roles]


def current_of(path: str, items: Sequence[Item] = MENU) -> str:
    """Path of the page of `items` (a role's menu) that `path` belongs to, or ""."""
    inside = [
        (begin, item.path)
        for item in items
        for begin in (item.path, *item.also)
        if path == begin or path.startswith(begin + "/")
    ]
    return max(inside, key=lambda found: len(found[0]), default=("", ""))[1]
