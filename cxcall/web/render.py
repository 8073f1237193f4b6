"""Pages from templates. A handler makes a view model (a frozen dataclass) and returns

    return page(request, "calls.html", view)          # a whole page in the shell
    return fragment(request, "_calls_rows.html", view)  # a part of one, for <cx-refresh> and htmx

In the template: `view` is the model, `shell` the frame (user, menu, language, csrf), plus the filters of filters.py,
`_()`, `ngettext()`, `icon("phone")`, `asset("app.css")`, and `csrf_field()` for every form that posts.
Page templates say `{% extends "base.html" %}` and fill `title` and `main`, and may fill `topstart` and `topend`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
import msgspec
from aiohttp import web
from jinja2.runtime import Context
from markupsafe import Markup

from cxcall.web import csrf, navigation, words
from cxcall.web.access import Role, SignedIn, maybe_user_of
from cxcall.web.assets import Assets
from cxcall.web.filters import FILTERS
from cxcall.web.keys import CLOCK
from cxcall.web.preferences import Preferences
from cxcall.web.presentation import Presentation, current
from cxcall.web.session import preferences_of
from cxcall.web.ui_words import UI_WORDS

TEMPLATES = Path(__file__).with_name("templates")
ROLE_NAMES = {
    Role.AGENT: words.N_("Agent"),
    Role.SUPERVISOR: words.N_("Supervisor"),
    Role.ADMIN: words.N_("Administrator"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuLink:
    path: str
    icon: str
    label: str
    code: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the person's last act did, said once as a toast; `undo` is where a form posts to take it back."""

    text: str
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame around a page; `here` is the address with its query, to come back to."""

    user: SignedIn | None
    role_name: str
    groups: Sequence[tuple[str, Sequence[MenuLink]]]
    foot: Sequence[MenuLink]
    preferences: Preferences
    presentation: Presentation
    path: str
    here: str
    csrf: str
    clock: float

    @property
    def compact(self) -> bool:
        """Agents get the room: their menu is icons with names for the pointer and for screen readers."""
        return self.user is not None and self.user.role is Role.AGENT

    @property
    def initials(self) -> str:
        """Two letters, of Persian names one: two would join."""
        parts = self.user.shown_name.split() if self.user else []
        if not parts:
            return ""
        joins = unicodedata.bidirectional(parts[0][0]) == "AL"
        return parts[0][0] if joins or len(parts) == 1 else (parts[0][0] + parts[-1][0]).upper()

    @property
    def ui_words(self) -> Markup:
        """The browser's own words in the reader's language, as JSON that is safe inside <script>."""
        table = {word: words.gettext(word) for word in UI_WORDS} if self.presentation.rtl else {}
        return Markup(msgspec.json.encode(table).decode().replace("<", "\\u003c"))  # noqa: S704 - JSON, "<" escaped


def _for_each_reader(write: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is asked at every rendering.

    Unless a filter wants the context, Jinja works `{{ 0|number }}` out once: in the digits of who sees the page first.
    """

    @jinja2.pass_context
    def written(_: Context, *values: Any, **options: Any) -> Any:
        return write(*values, **options)

    return written


def setup(app: web.Application, assets: Assets) -> None:
    """Prepare the template environment of `app`."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        filters={name: _for_each_reader(write) for name, write in FILTERS.items()},
        default_helpers=False,
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext
    )
    environment.globals.update(icon=assets.icon, asset=assets.url, csrf_field=csrf.field, csrf_token=csrf.token)


def page(
    request: web.Request, template: str, view: Any = None, *, status: int = 200, done: Done | None = None
) -> web.Response:
    """A whole page; never kept by caches."""
    return _response(request, template, {"view": view, "shell": shell_of(request), "done": done}, status)


def fragment(request: web.Request, template: str, view: Any = None, *, status: int = 200) -> web.Response:
    """A part of a page, without the frame; the same view model as the page's include uses."""
    return _response(request, template, {"view": view, "shell": shell_of(request)}, status)


def shell_of(request: web.Request) -> Shell:
    user = maybe_user_of(request)
    items = navigation.menu_of(user.role) if user else []
    here = navigation.current_of(request.path, items)
    links = [
        (
            item.group,
            MenuLink(
                path=item.path,
                icon=item.icon,
                label=words.gettext(item.label_for(user.role)) if user else "",
                code=item.code,
                current=item.path == here,
            ),
        )
        for item in items
    ]
    names = dict.fromkeys(group for group, _ in links if group)
    return Shell(
        user=user,
        role_name=words.gettext(ROLE_NAMES[user.role]) if user else "",
        groups=[(words.gettext(name), [link for group, link in links if group == name]) for name in names],
        foot=[link for group, link in links if not group],
        preferences=preferences_of(request),
        presentation=current(),
        path=request.path,
        here=str(request.rel_url) if request.method == "GET" else here or "/",
        csrf=csrf.token(),
        clock=request.app[CLOCK]().timestamp(),  # now and not at the start: closest to the first byte
    )


def _response(request: web.Request, template: str, context: dict[str, Any], status: int) -> web.Response:
    text = aiohttp_jinja2.render_string(template, request, context)
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)
