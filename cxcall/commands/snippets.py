"""What a site's Asterisk is given: asterisk-conf/ filled in for this site, and a sheet: what goes where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cxcall
from cxcall.commands.failure import Failure

Kind = Literal["plain", "freepbx", "issabel"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_PLAIN = (
    ("manager_cxcall.conf", "manager.conf", "at its end"),
    ("extensions_cxcall.conf", "extensions.conf", "at its end"),
    ("globals_cxcall.conf", "extensions.conf", "in its [globals] section"),
    ("queues_cxcall.conf", "queues.conf", "at its end"),
    ("queuerules_cxcall.conf", "queuerules.conf", "at its end"),
    ("logger_cxcall.conf", "logger.conf", "in its [general] section"),
    ("cel_cxcall.conf", "cel.conf", "in its [general] section"),
    ("cel_custom_cxcall.conf", "cel_custom.conf", "in its [mappings] section"),
    ("res_http_media_cache_cxcall.conf", "res_http_media_cache.conf", "in its [general] section (then restart)"),
)
_FREEPBX = (
    ("manager_cxcall.conf", "manager_custom.conf", ""),
    ("extensions_cxcall.conf", "extensions_custom.conf", ""),
    ("globals_cxcall.conf", "globals_custom.conf", ""),
    ("queues_cxcall.conf", "queues_custom.conf", ""),
    ("queuerules_cxcall.conf", "queuerules.conf", "at its end"),
    ("logger_cxcall.conf", "logger_general_custom.conf", ""),
    ("cel_cxcall.conf", "cel_general_custom.conf", ""),
    ("res_http_media_cache_cxcall.conf", "res_http_media_cache.conf", "in its [general] section (then restart)"),
)
_LINES: dict[Kind, tuple[tuple[str, str, str], ...]] = {"plain": _PLAIN, "freepbx": _FREEPBX, "issabel": _FREEPBX}
"""Our file, the file that includes it, and where in that one."""

_GLOBALS: dict[Kind, dict[str, str]] = {
    "plain": {},
    "freepbx": {"CXCALL_INSIDE": "from-internal", "CXCALL_OUTSIDE_PREFIX": ""},
    "issabel": {"CXCALL_INSIDE": "from-internal", "CXCALL_OUTSIDE_PREFIX": "", "CXCALL_DIAL": "SIP/"},
}
_CUSTOM_MANAGER_STEP = """\
Above that line in manager_custom.conf, write:
     [general](+)
     timestampevents = yes
   The *_custom.conf files are yours: the telephone system's web page leaves them alone."""
_RELOAD = "manager reload ; dialplan reload ; queue reload all ; module reload logger ; module reload cel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippets:
    """`seen_as`: the address by which Asterisk's machine reaches this one."""

    kind: Kind
    username: str
    secret: str
    seen_as: str = "127.0.0.1"
    web_port: int = 8080
    agi_port: int = 4573
    audio_port: int = 9092


def sources() -> Path:
    """The folder asterisk-conf/ of the wheel or of the repository; raises Failure when it is missing."""
    package = Path(cxcall.__file__).parent
    for folder in (package / "asterisk-conf", package.parent / "asterisk-conf"):
        if folder.is_dir():
            return folder
    raise Failure("The folder asterisk-conf/ of this installation is missing. Install cxcall again.")


def write(folder: Path, site: Snippets) -> list[Path]:
    """Write the files and INSTALL.txt into `folder`, readable by us only (one holds the secret); what was written."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written: list[Path] = []
    for name, _, _ in _LINES[site.kind]:
        text = (sources() / name).read_text(encoding="utf-8")
        written.append(_private(folder / name, _filled(name, text, site)))
    written.append(_private(folder / "INSTALL.txt", sheet(site)))
    return written


def sheet(site: Snippets) -> str:
    """What to do with the files, step by step, for this kind of site."""
    includes = "\n".join(
        f"     {theirs:<28}#include {ours}{f'   ({where})' if where else ''}"
        for ours, theirs, where in _LINES[site.kind]
    )
    return _SHEET.format(includes=includes, manager=_MANAGER_STEP[site.kind], reload=_RELOAD)


_SHEET = """\
What to do on the machine where Asterisk runs

1. Copy the .conf files of this folder to /etc/asterisk/ and let only Asterisk read them:
     chown asterisk:asterisk /etc/asterisk/*_cxcall.conf
     chmod 640 /etc/asterisk/*_cxcall.conf

2. Add one line to each of these files of /etc/asterisk/ (make the file when it is not there):
{includes}

3. {manager}

4. Reload, in Asterisk's console (asterisk -r):
     {reload}

5. Back on cxcall's machine, see whether all is well:
     cxcall doctor

manager_cxcall.conf holds the secret that cxcall logs in with: keep it to yourself.
When cxcall is down, calls go on as before; what asks cxcall goes on to its default within 2 seconds.
"""
_MANAGER_STEP: dict[Kind, str] = {
    "plain": "In [general] of manager.conf, see that it says:\n     enabled = yes\n     timestampevents = yes",
    "freepbx": _CUSTOM_MANAGER_STEP,
    "issabel": _CUSTOM_MANAGER_STEP,
}


def _filled(name: str, text: str, site: Snippets) -> str:
    if name == "manager_cxcall.conf":
        text = text.replace("@SECRET@", site.secret).replace("[cxcall]", f"[{site.username}]")
        if site.seen_as != "127.0.0.1":
            text = text.replace("permit = 127.0.0.1/255.255.255.255", f"permit = {site.seen_as}/32")
    if name == "globals_cxcall.conf":
        values = {
            "CXCALL_URL": f"http://{site.seen_as}:{site.web_port}",
            "CXCALL_AGI": f"agi://{site.seen_as}:{site.agi_port}",
            "CXCALL_AUDIO": f"{site.seen_as}:{site.audio_port}",
            **_GLOBALS[site.kind],
        }
        for key, value in values.items():
            text = re.sub(rf"^{key} =.*$", f"{key} = {value}".rstrip(), text, flags=re.MULTILINE)
    return text


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
    return path
