"""Where an Asterisk's files lie and how its programs are run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


class SwitchUnavailable(Exception):
    """There is no Asterisk to run here, or it does not start; the text is a sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """An Asterisk on disk: `asterisk` and `sipp` are the beginnings of command lines (`sipp` empty: there is none).

    `espeak` is the program that says prompts, empty where it is left to the PATH.
    """

    asterisk: tuple[str, ...]
    sipp: tuple[str, ...]
    modules: Path
    documentation: Path
    espeak: str = ""

    def has_module(self, name: str) -> bool:
        """Say whether this build has the module `name`, such as `app_queue.so`."""
        return (self.modules / name).exists()


def tree_of_system() -> Tree:
    """Return the Asterisk that is installed on this machine.

    Raises SwitchUnavailable when there is none on the PATH or its modules are not where packages put them.
    """
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise SwitchUnavailable(
            "No asterisk is installed here; leave CXCALL_DEMO__ASTERISK unset to have one unpacked."
        )
    modules = _first(
        [*Path("/usr/lib").glob("*/asterisk/modules"), *(Path(p) / "asterisk/modules" for p in _LIBRARIES)],
        holding="app_queue.so",
    )
    documentation = _first(
        [Path("/usr/share/asterisk/documentation"), Path("/var/lib/asterisk/documentation")],
        holding="core-en_US.xml",
    )
    if modules is None or documentation is None:
        raise SwitchUnavailable(
            f"{program} is installed, but its modules or documentation are not in the usual folders; "
            "leave CXCALL_DEMO__ASTERISK unset to have another one unpacked."
        )
    sipp = shutil.which("sipp")
    return Tree(asterisk=(program,), sipp=(sipp,) if sipp else (), modules=modules, documentation=documentation)


_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")


def _first(folders: list[Path], *, holding: str) -> Path | None:
    return next((folder for folder in folders if (folder / holding).exists()), None)
