"""Debian's packages of Asterisk, SIPp and espeak-ng, fetched with a private apt state.

apt resolves what they need against an empty list of installed packages; what no module of ours needs is left out by
name; the rest is downloaded and checked by apt's signatures. The machine's own apt state is not changed. The suite is
sid, the only one with a current Asterisk; the archive's address is the one this machine's apt already has for Debian.
"""

from __future__ import annotations

from pathlib import Path

from cxcall.demo.switch.tools import left, run
from cxcall.demo.switch.tree import SwitchUnavailable

SUITE = "sid"
PACKAGES = ("asterisk", "sip-tester", "espeak-ng")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# fmt: off
NOT_NEEDED = (
    "adduser", "asterisk-config", "asterisk-core-sounds*", "base-files", "base-passwd", "bash", "ca-certificates",
    "coreutils", "dash", "debconf", "diffutils", "dirmngr", "dpkg", "findutils", "freetds*", "gawk", "gnupg*",
    "gpg*", "grep", "init-system-helpers", "libavahi*", "libc-gconv-modules-extra", "libcodec2*",
    "libdb5*", "libfftw*", "libgcrypt*", "libglib2*", "libgmime*", "libgnutls*", "libical*", "libicu*", "libjack*",
    "libjpeg*", "libneon*", "libnspr4", "libnss3", "libpam*", "libperl*", "libportaudio*", "libpq5",
    "libpython3*", "libradcli*", "libsamplerate*", "libsnmp*", "libspandsp*", "libspeex*", "libsybdb*", "libtiff*",
    "libunbound*", "libwebp*", "login*", "mawk", "media-types", "mime-support", "mount", "netbase",
    "openssl*", "passwd", "perl*", "pinentry*", "python3*", "readline-common", "sed", "sensible-utils", "systemd*",
    "tar", "tzdata", "ucf", "util-linux",
)
# fmt: on
"""Packages of the closure that hold nothing our modules load, as an ldd closure over them shows; `*`: any ending."""

_PACKAGE_LISTS = "Created-By: Packages"


def download(state: Path, deadline: float) -> list[Path]:
    """Return the packages' files, fetched by `deadline` (monotonic) with apt's state in the empty folder `state`.

    Raises SwitchUnavailable when there is no Debian archive within reach.
    """
    apt = apt_with_lists(state, deadline)
    plan = run([*apt, "--simulate", "install", *PACKAGES], left(deadline))
    names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    wanted = [name for name in names if not _not_needed(name)]
    run([*apt, "download", *wanted], left(deadline), folder=state / "debs")
    files = sorted((state / "debs").glob("*.deb"))
    if len(files) != len(wanted):
        raise SwitchUnavailable(f"{len(wanted)} packages were wanted from Debian and {len(files)} came; try again.")
    return files


def apt_with_lists(state: Path, deadline: float) -> list[str]:
    """The apt command with a state of its own in the empty folder `state`, which knows what the suite has.

    Raises SwitchUnavailable when there is no Debian archive within reach. Downloads belong into `state / "debs"`.
    """
    for sub in ("lists/partial", "cache/archives/partial", "debs"):
        (state / sub).mkdir(parents=True)
    archive = _archive(state, deadline)
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {archive} {SUITE} main\n")
    apt = [*_apt(state), "-o", f"Dir::Etc::sourcelist={state}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null"]
    apt += ["-o", "Dir::State::status=/dev/null", "-o", "Dir::State::extended_states=/dev/null"]
    run([*apt, "update"], left(deadline))
    return apt


def _apt(state: Path) -> list[str]:
    return [
        "apt-get", "-qq",
        "-o", f"Dir::State::lists={state}/lists",
        "-o", f"Dir::Cache={state}/cache",
        "-o", "Dir::Etc::preferences=/dev/null", "-o", "Dir::Etc::preferencesparts=/dev/null",
        "-o", "Debug::NoLocking=1",
        "-o", "Acquire::Check-Valid-Until=false",  # a clock ahead of the archive's would refuse it
        "-o", "Acquire::Languages=none",
        "-o", "APT::Install-Recommends=false",
        "-o", "APT::Sandbox::User=root",  # apt's own user can't write into our folder
    ]  # fmt: skip


def _archive(state: Path, deadline: float) -> str:
    """Return the address this machine's apt has for Debian's main archive.

    apt names it with its origin once the machine has lists. A fresh machine has none: then only the signed release
    files of its sources (some 200 kB) are fetched, into `state`, to see which one is Debian's.
    """
    listed = run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)", _PACKAGE_LISTS], 30)
    for line in listed.splitlines():
        if line.endswith("|Debian|Debian"):
            return line.partition("|")[0]
    release_only = [
        f"-oAcquire::IndexTargets::{kind}::DefaultEnabled=false" for kind in ("deb::Packages", "deb-src::Sources")
    ]
    run([*_apt(state), *release_only, "update"], left(deadline), failure_matters=False)
    targets = ["indextargets", "--no-release-info", "--format", "$(REPO_URI)|$(BASE_URI)", _PACKAGE_LISTS]
    for line in run([*_apt(state), *targets], 30).splitlines():
        address, _, base = line.partition("|")
        release = state / "lists" / (base.partition("://")[2].replace("/", "_") + "InRelease")
        if release.exists() and _is_debian(release):
            return address
    raise SwitchUnavailable(
        "apt has no Debian archive within reach here (another distribution, or no network), and a private Asterisk "
        "comes from Debian's packages; install Asterisk yourself and set CXCALL_DEMO__ASTERISK=system."
    )


def _is_debian(release: Path) -> bool:
    head = release.read_text("utf-8", "replace")[:2000].splitlines()
    return "Origin: Debian" in head and "Label: Debian" in head


def _not_needed(name: str) -> bool:
    return any(name == skip or (skip.endswith("*") and name.startswith(skip[:-1])) for skip in NOT_NEEDED)
