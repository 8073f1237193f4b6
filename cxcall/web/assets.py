"""The built browser files: hashed names from the manifest, the icon sprite, and how they are served."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from markupsafe import Markup

from cxcall.web.access import public

DIST = Path(__file__).with_name("static") / "dist"
PREFIX = "/static/"
_SYMBOL = re.compile(r'<symbol id="i-([\w-]+)" viewBox="0 0 24 24"( class="dir")?>')


class AssetsMissing(Exception):
    """The browser files were not built; the text says how to build them."""


@dataclass(frozen=True, slots=True)
class Assets:
    """`names`: source name → hashed name; `icons`: name → whether it mirrors in RTL."""

    folder: Path
    names: Mapping[str, str]
    icons: Mapping[str, bool]

    def url(self, name: str) -> str:
        """Address of `app.css`, `app.js`, `icons.svg` …; KeyError for a name the build doesn't make."""
        return PREFIX + self.names[name]

    def icon(self, name: str, classes: str = "") -> Markup:
        """The icon as decoration: whoever uses it alone adds words for screen readers. KeyError: unknown icon."""
        extra = (" dir" if self.icons[name] else "") + (f" {classes}" if classes else "")
        use = f"{self.url('icons.svg')}#i-{name}"
        return Markup('<svg class="i{}" aria-hidden="true"><use href="{}"/></svg>').format(extra, use)


def load(folder: Path = DIST) -> Assets:
    """Read the manifest of the last build. Raises AssetsMissing."""
    try:
        names = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        sprite = (folder / names["icons.svg"]).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise AssetsMissing(
            "The web pages' files are not built. Run `pip install -e .` in the source folder."
        ) from error
    icons = {name: bool(mirrors) for name, mirrors in _SYMBOL.findall(sprite)}
    return Assets(folder=folder, names=names, icons=icons)


def route(assets: Assets) -> web.RouteDef:
    """Serves exactly the files of the build; their names change with their content, so they may be kept for ever."""
    files = {path.name: path for path in assets.folder.iterdir() if path.suffix not in (".gz", ".br", ".json", "")}

    @public
    async def static(request: web.Request) -> web.StreamResponse:
        path = files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})

    return web.get(PREFIX + "{name}", static, name="static")
