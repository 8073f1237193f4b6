"""The private Asterisk's configuration: what a site installs (asterisk-conf/) and the demo's site, with free ports."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cxcall
from cxcall.demo.switch.ports import free_port, is_free
from cxcall.demo.switch.sounds import write_sounds
from cxcall.demo.switch.tree import Tree

PHONES = ("1001", "1002", "1003", "1004", "1005")
"""The phones that asterisk-conf/demo/queues.conf has in its queues."""

MORE_PHONES = ("1006", "1007", "1008")
"""Phones that only the demo itself uses: two agents more, and the supervisor's."""

_OURS = ("queues_cxcall.conf", "queuerules_cxcall.conf")
"""Files that cxcall writes through Asterisk: whatever it wrote stays when the rest is written again."""

_LONGEST_SOCKET_PATH = 100
"""Unix sockets take 107 bytes; Asterisk's own is RUN/asterisk.ctl."""

_RTP_PORTS = 1_000
_RTP_FIRST, _RTP_LAST = 10_000, 18_000

_EMPTY = (
    "acl", "ccss", "cli_aliases", "cli_permissions", "codecs", "dnsmgr", "extconfig", "pjproject", "res_curl",
    "sorcery", "stasis", "udptl",
)  # fmt: skip
"""Files whose absence Asterisk reports as an error and whose defaults suit us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Loopback ports of one private Asterisk and of the phones it knows."""

    sip: int = field(default_factory=free_port)
    ami: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    rtp: int = field(default_factory=lambda: _RTP_FIRST + 2 * secrets.randbelow((_RTP_LAST - _RTP_FIRST) // 2))
    trunk: int = field(default_factory=free_port)
    phones: Mapping[str, int] = field(default_factory=lambda: {phone: free_port() for phone in (*PHONES, *MORE_PHONES)})

    def are_free(self) -> bool:
        """Say whether nobody holds the ports that Asterisk itself needs."""
        return all(map(is_free, (self.sip, self.ami, self.http)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What may differ from one private Asterisk to another.

    `additions` are file names of etc/ with text added at their end, such as `{"queues.conf": "[short](common)\\n…"}`.
    `web`, `agi`, `audio` are host:port of the cxcall it asks; by default ports where nothing listens.
    `managed`: cxcall writes the queues, so files of demo/managed/ take the place of those of the same name.
    `renamed`: what stands in the files → what to write in its place, such as names in another language.
    """

    name: str = "demo"
    web: str = "127.0.0.1:1"
    agi: str = "127.0.0.1:1"
    audio: str = "127.0.0.1:1"
    parking_seconds: int = 45
    managed: bool = False
    additions: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


def sources() -> Path:
    """Return the folder asterisk-conf/, of the wheel or of the repository."""
    package = Path(cxcall.__file__).parent
    installed = package / "asterisk-conf"
    return installed if installed.is_dir() else package.parent / "asterisk-conf"


def write(folder: Path, tree: Tree, site: Site, ports: Ports, secret: str) -> Path:
    """Write all of one private Asterisk's files under `folder`; return its asterisk.conf."""
    for sub in ("etc", "lib", "cache", "spool", "log/cel-custom", "data"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    values = _values(folder, tree, site, ports, secret)
    etc = folder / "etc"
    for name in _EMPTY:
        (etc / f"{name}.conf").write_text("; nothing to say: the defaults suit us\n")
    kept = {name for name in _OURS if (etc / name).exists()}
    for file in _files(site):
        if file.name in kept:
            continue
        text = _filled(file.read_text(encoding="utf-8"), values)
        for name, other in site.renamed.items():
            text = text.replace(name, other)
        if file.name == "modules.conf":
            text = _only_present(text, tree)
        (etc / file.name).write_text(text, encoding="utf-8")
    for name, text in site.additions.items():
        with (etc / name).open("a") as out:
            out.write("\n" + text)
    _link(folder / "data/documentation", tree.documentation)
    write_sounds(folder / "data")
    return etc / "asterisk.conf"


def _files(site: Site) -> list[Path]:
    """What to install: of two files with one name the later one counts."""
    folders = (sources(), sources() / "demo", *([sources() / "demo/managed"] if site.managed else []))
    return [*{file.name: file for folder in folders for file in folder.glob("*.conf")}.values()]


def _values(folder: Path, tree: Tree, site: Site, ports: Ports, secret: str) -> dict[str, str]:
    return {
        "FOLDER": str(folder),
        "RUN": str(run_folder(folder)),
        "MODULES": str(tree.modules),
        "NAME": site.name,
        "SECRET": secret,
        "SIP_PORT": str(ports.sip),
        "AMI_PORT": str(ports.ami),
        "HTTP_PORT": str(ports.http),
        "RTP_FIRST": str(ports.rtp),
        "RTP_LAST": str(ports.rtp + _RTP_PORTS - 1),
        "TRUNK_PORT": str(ports.trunk),
        "PARKING_SECONDS": str(site.parking_seconds),
        "CXCALL_URL": f"http://{site.web}",
        "CXCALL_AGI": f"agi://{site.agi}",
        "CXCALL_AUDIO": site.audio,
        **{f"PORT_{phone}": str(port) for phone, port in ports.phones.items()},
    }


def run_folder(folder: Path) -> Path:
    """Return where Asterisk's control socket goes: `folder`/run, or a short path when that is too long for a socket."""
    own = folder / "run"
    if len(str(own / "asterisk.ctl").encode()) > _LONGEST_SOCKET_PATH:
        link = folder / "run.path"
        if not link.exists():
            link.write_text(tempfile.mkdtemp(prefix="cxcall-"))
        own = Path(link.read_text())
    own.mkdir(parents=True, exist_ok=True)
    return own


def forget_run_folder(folder: Path) -> None:
    """Remove what `run_folder` made elsewhere."""
    link = folder / "run.path"
    if link.exists():
        shutil.rmtree(link.read_text(), ignore_errors=True)
        link.unlink()


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _only_present(text: str, tree: Tree) -> str:
    def stays(line: str) -> bool:
        return not line.startswith("load =") or tree.has_module(line.partition("=")[2].strip())

    return "\n".join(filter(stays, text.splitlines())) + "\n"


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
