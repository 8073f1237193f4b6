"""What handlers get from the application: `request.app[ENGINE]` and so on, typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.settings import Settings
from cxcall.web.assets import Assets

Clock = Callable[[], datetime]

SETTINGS = web.AppKey("settings", Settings)
ENGINE = web.AppKey("engine", AsyncEngine)
BUS = web.AppKey("bus", Bus)
COMMANDS = web.AppKey("commands", Commands)
CLOCK = web.AppKey("clock", Clock)  # the time now, aware UTC; tests give their own
ASSETS = web.AppKey("assets", Assets)
STATUS = web.AppKey("status", Callable[[], Mapping[str, Any]])  # server name → its listener's health, read for /admin/asterisk and /readyz
