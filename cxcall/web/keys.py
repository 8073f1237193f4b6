"""What handlers get from the application: `request.app[ENGINE]` and so on, typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.settings import Settings
from cxcall.web.assets import Assets
from cxcall.web.hub import Hub
from cxcall.web.searches import Search

Clock = Callable[[], datetime]

SETTINGS = web.AppKey("settings", Settings)
ENGINE = web.AppKey("engine", AsyncEngine)
BUS = web.AppKey("bus", Bus)
COMMANDS = web.AppKey("commands", Commands)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")  # the time now, aware UTC; tests give their own
ASSETS = web.AppKey("assets", Assets)
LIVE = web.AppKey("live", Hub)
SEARCHES: web.AppKey[tuple[Search, ...]] = web.AppKey("searches")  # filled from the page modules that have `search`
