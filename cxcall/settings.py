"""Settings of a site: one TOML file, every value also from the environment, secrets also from files.

`CXCALL_SECTION__KEY` in the environment wins over the file (`CXCALL_WEB__PORT=9000`); `CXCALL_AMI__HOST` and its
kin describe one server and stand for all `[[ami]]` tables. A secret may be given as `secret_file` instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import msgspec

DEFAULT_FILES = (Path("cxcall.toml"), Path("/etc/cxcall/cxcall.toml"))
PREFIX = "CXCALL_"

_SERVER_NAME = re.compile(r"[\w][\w.-]{0,63}")
_HOST_PORT = re.compile(r"[\w.-]+:\d{1,5}", re.ASCII)
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")

Language = Literal["en", "fa"]
Port = int


class SettingsError(Exception):
    """The configuration can't be used; the text says which value and what to do."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; unknown names are errors, so that a misspelt setting is seen."""


class Database(_Section, frozen=True, kw_only=True):
    """`url`: `sqlite:///file` or `postgresql://user:password@host/name`; empty: SQLite in the data folder."""

    url: str = ""


class Redis(_Section, frozen=True, kw_only=True):
    url: str = ""


class Web(_Section, frozen=True, kw_only=True):
    """Where pages and API are served; `public_url` is how browsers reach them when a proxy stands in front."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()


class Ami(_Section, frozen=True, kw_only=True):
    """One Asterisk. `name` is the `server` of its calls.

    `prompts` is how it gets at what callers hear: from the `disk` it shares with us, or over `http`; `auto` takes the
    disk where `host` is this machine.

    `audio` is where this Asterisk reaches our AudioSocket port (`host:port`; empty: as [audio] says). `tap` is how
    speakers are listened to: over `audiosocket`, over `ari` where this build has no AudioSocket (then `ari_url`, like
    `http://10.0.0.5:8088/ari`, and its user are needed), or `auto`, whichever it has.
    """

    name: str = "asterisk"
    host: str = "127.0.0.1"
    port: Port = 5038
    username: str = "cxcall"
    secret: str = ""
    outside_contexts: tuple[str, ...] = ()
    outside_channels: tuple[str, ...] = ()
    prompts: Literal["auto", "disk", "http"] = "auto"
    audio: str = ""
    tap: Literal["auto", "audiosocket", "ari"] = "auto"
    ari_url: str = ""
    ari_user: str = "cxcall"
    ari_password: str = ""


class Agi(_Section, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Port = 4573


class Audio(_Section, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Port = 9092


class Prompts(_Section, frozen=True, kw_only=True):
    """What callers hear. `url` is where an Asterisk elsewhere fetches prompts; empty: web.public_url, else web.host.

    `espeak` and `piper` are the programs that say texts (espeak-ng is found on the PATH when empty), `voices` is the
    folder of Piper's voices.
    """

    url: str = ""
    espeak: str = ""
    piper: str = ""
    voices: str = ""


class Speech(_Section, frozen=True, kw_only=True):
    """`models` is a folder with a folder of models for each language (empty: `models` of the data folder), `language`
    what is spoken (empty: the site's).

    `workers` decode at once; 0: as many as there are processors, less one. `source`: where `cxcall speech install`
    finds models, a folder, file or address with `{language}` in it.
    """

    engine: Literal["vosk", "whisper"] = "vosk"
    models: str = ""
    source: str = ""
    language: str = ""
    workers: int = 0


class Recordings(_Section, frozen=True, kw_only=True):
    """`dir`: the folder Asterisk records into, as both see it; empty: `recordings/incoming` of the data folder.

    `agents`: whether agents may hear their own calls. `unhidden_for`: who hears and reads the numbers that are hidden
    from everybody else.
    """

    dir: str = ""
    agents: bool = True
    unhidden_for: Literal["admin", "supervisor", "nobody"] = "admin"


class Voicemail(_Section, frozen=True, kw_only=True):
    """`dir`: the folder of Asterisk's mailboxes as cxcall sees it (`/var/spool/asterisk/voicemail`); empty: voice
    messages are not written down."""

    dir: str = ""


class Floor(_Section, frozen=True, kw_only=True):
    """The live floor. `hold`, `talk`: seconds on hold and of talk after which a call may need somebody.

    `announce`: whether agents learn that somebody listens to them: not at all, on the `desk`, or there and by a `tone`.
    `keep_days`: how long it is known what agents did all day.
    """

    hold: int = 120
    talk: int = 900
    keep_days: int = 400
    announce: Literal["no", "desk", "tone"] = "no"


class Mail(_Section, frozen=True, kw_only=True):
    """The mail server reports are sent through; empty `host`: none. `port` 0: 25, 587 or 465, as `security` has it.

    `security`: `starttls` asks for encryption and sends nothing without it, `tls` begins with it, `none` is for a
    server on this machine or network. `from`: the address mail comes from. `timeout`: seconds for one mail, from the
    first connection to the server's word that it has it.
    """

    host: str = ""
    port: Port = 0
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = ""
    from_: str = msgspec.field(default="", name="from")
    timeout: float = 30.0


class Site(_Section, frozen=True, kw_only=True):
    """`country` (ISO 3166) is how numbers without a country code are read."""

    language: Language = "en"
    timezone: str = "UTC"
    country: str = "IR"
    name: str = ""


class Data(_Section, frozen=True, kw_only=True):
    """`dir` holds database, journal and uploads."""

    dir: str = "var/cxcall"


class Journal(_Section, frozen=True, kw_only=True):
    """Raw events kept per server: at most `keep_days` days and `keep_mb` MB; files rotate at `segment_mb` MB."""

    keep_days: int = 14
    keep_mb: int = 4096
    segment_mb: int = 64


class Settings(_Section, frozen=True, kw_only=True):
    database: Database = Database()
    redis: Redis = Redis()
    web: Web = Web()
    ami: tuple[Ami, ...] = ()
    agi: Agi = Agi()
    audio: Audio = Audio()
    prompts: Prompts = Prompts()
    speech: Speech = Speech()
    recordings: Recordings = Recordings()
    voicemail: Voicemail = Voicemail()
    floor: Floor = Floor()
    mail: Mail = Mail()
    site: Site = Site()
    data: Data = Data()
    journal: Journal = Journal()

    @property
    def data_dir(self) -> Path:
        return Path(self.data.dir)

    @property
    def speech_models(self) -> str:
        """The folder of speech models."""
        return self.speech.models or str(self.data_dir / "models")

    @property
    def database_url(self) -> str:
        """The address as given, or the SQLite file of the data folder."""
        return self.database.url or f"sqlite:///{self.data_dir / 'cxcall.sqlite'}"


def load(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from `file` (None: the first of DEFAULT_FILES that exists, else none) and `environ`.

    Raises SettingsError for a missing file, a syntax error, an unknown name or a value of the wrong kind.
    """
    tables = _read(file)
    _overlay(tables, environ)
    _read_secrets(tables)
    try:
        settings = msgspec.convert(tables, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"The configuration can't be used: {_plain(error)}") from error
    _check(settings)
    return settings


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        file = next((candidate for candidate in DEFAULT_FILES if candidate.is_file()), None)
        if file is None:
            return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no configuration file {file}. Make one with `cxcall init`.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The configuration file {file} can't be read: {error}") from error


def _overlay(tables: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Put `CXCALL_SECTION__KEY` values over the file's; other names with our prefix are left to their owners."""
    known = {field.name for field in msgspec.structs.fields(Settings)}
    for name, value in environ.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if not name.startswith(PREFIX) or not key or section not in known:
            continue
        table = _first_server(tables) if section == "ami" else tables.setdefault(section, {})
        if isinstance(table, dict):  # else the file has something else there, which is told as its fault
            table[key] = _typed(key, value)


def _first_server(tables: dict[str, Any]) -> Any:
    servers = tables.setdefault("ami", [])
    if isinstance(servers, dict):
        servers = tables["ami"] = [servers]
    if not isinstance(servers, list):
        return None
    if not servers:
        servers.append({})
    return servers[0]


def _typed(key: str, value: str) -> Any:
    """Lists come as words with commas between."""
    if key in ("trusted_proxies", "outside_contexts", "outside_channels"):
        return [word.strip() for word in value.split(",") if word.strip()]
    return value


def _read_secrets(tables: dict[str, Any]) -> None:
    """Replace every `…_file` by the first line of that file."""
    sections = [table for value in tables.values() for table in (value if isinstance(value, list) else [value])]
    if isinstance(tables.get("ami"), dict):
        tables["ami"] = [tables["ami"]]
    for table in sections:
        if not isinstance(table, dict):
            continue
        for key in [key for key in table if key.endswith("_file")]:
            path = Path(str(table.pop(key)))
            try:
                table[key.removesuffix("_file")] = path.read_text(encoding="utf-8").partition("\n")[0].strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"The file {path} named by {key} can't be read: {error}") from error


def _check(settings: Settings) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(settings.site.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"site.timezone is {settings.site.timezone!r}, which is no time zone. Write one like Asia/Tehran."
        ) from error
    for section, port in (("web", settings.web.port), ("agi", settings.agi.port), ("audio", settings.audio.port)):
        if not 0 <= port <= 65535:
            raise SettingsError(f"{section}.port is {port}; a port is between 1 and 65535.")
    for hop in settings.web.trusted_proxies:
        try:
            ip_network(hop, strict=False)
        except ValueError as error:
            raise SettingsError(
                f"web.trusted_proxies has {hop!r}, which is no address or network (10.0.0.0/8)."
            ) from error
    if not _COUNTRY.fullmatch(settings.site.country):
        raise SettingsError(f"site.country is {settings.site.country!r}; write two letters like IR (ISO 3166).")
    for name in ("keep_days", "keep_mb", "segment_mb"):
        if getattr(settings.journal, name) < 1:
            raise SettingsError(f"journal.{name} is {getattr(settings.journal, name)}; it must be 1 or more.")
    if settings.floor.keep_days < 1:
        raise SettingsError(f"floor.keep_days is {settings.floor.keep_days}; it must be 1 or more.")
    _check_mail(settings.mail)
    names = [server.name for server in settings.ami]
    if len(names) != len(set(names)):
        raise SettingsError("Two [[ami]] tables have the same name; give each server a name of its own.")
    for server in settings.ami:
        if not _SERVER_NAME.fullmatch(server.name):
            raise SettingsError(
                f"ami.name is {server.name!r}; write letters, digits, . - and _ only, as it becomes part of call ids."
            )
        if not 1 <= server.port <= 65535:
            raise SettingsError(f"ami.port of {server.name} is {server.port}; a port is between 1 and 65535.")
        if server.audio and not _HOST_PORT.fullmatch(server.audio):
            raise SettingsError(f"ami.audio of {server.name} is {server.audio!r}; write host:port, like 10.0.0.7:9092.")
        if server.tap == "ari" and not server.ari_url:
            raise SettingsError(f"ami.tap of {server.name} is ari; set ari_url too, like http://10.0.0.5:8088/ari.")


def _check_mail(mail: Mail) -> None:
    if not mail.host:
        return
    if not 0 <= mail.port <= 65535:
        raise SettingsError(f"mail.port is {mail.port}; a port is between 1 and 65535, 0 the usual one.")
    if not _ADDRESS.fullmatch(mail.from_):
        raise SettingsError(f"mail.from is {mail.from_!r}; write the address reports come from: cxcall@example.com.")
    if not 1 <= mail.timeout <= 600:
        raise SettingsError(f"mail.timeout is {mail.timeout:g}; write 1 to 600 seconds.")


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's sentence with `$.web.port` written as `web.port`."""
    return str(error).replace("`$.", "`").replace("Object contains unknown field", "there is no setting called")
