"""The text of a new cxcall.toml."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `cxcall init` was told."""

    host: str
    port: int
    server: str
    username: str
    secret: str
    name: str
    language: str
    timezone: str
    country: str
    database: str
    data: str
    web_host: str
    web_port: int
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    audio_host: str = "127.0.0.1"
    audio_port: int = 9092
    espeak: str = ""


def text_of(answers: Answers) -> str:
    """A configuration with a comment at everything that is worth one. TOML's strings are written as JSON's are."""
    espeak = f"espeak = {_quoted(answers.espeak)}" if answers.espeak else '# espeak = "/usr/bin/espeak-ng"'
    database = f"url = {_quoted(answers.database)}" if answers.database else '# url = "postgresql://user@host/name"'
    return f"""\
# cxcall: settings of this site. Every value can also come from the environment: CXCALL_WEB__PORT=9000.
# This file holds a secret: keep it readable by cxcall only.

[site]
name = {_quoted(answers.name)}
language = {_quoted(answers.language)}        # of the pages until a user chooses another: en or fa
timezone = {_quoted(answers.timezone)}
country = {_quoted(answers.country)}         # of numbers written without a country code

[web]
host = {_quoted(answers.web_host)}   # behind a proxy leave it at 127.0.0.1
port = {answers.web_port}
# public_url = "https://calls.example.com"

[agi]                     # FastAGI: Asterisk connects here for surveys and routing; no one else should reach it
host = {_quoted(answers.agi_host)}
port = {answers.agi_port}

[audio]                 # AudioSocket: Asterisk sends the sound of calls here; no one else should reach it
host = {_quoted(answers.audio_host)}
port = {answers.audio_port}

[speech]                  # text of calls, comments and recordings, made on this machine
# models = "/var/lib/cxcall/models"   # a folder with a folder of models for each language
# language = "fa"                     # what is spoken, if not the language of the site
# workers = 2                         # decode at once; 0: as many as there are processors, less one

[data]
dir = {_quoted(answers.data)}        # database, journal, uploads

[database]
{database}

[prompts]                 # what callers hear; espeak-ng is found by itself where it is installed
{espeak}
# url = "http://10.0.0.2:8080"    # where an Asterisk on another machine fetches them, if not from web's address

[journal]                 # raw events as Asterisk sent them: what a crash is made good from
keep_days = 14
keep_mb = 4096

[[ami]]                   # one table for each Asterisk
name = {_quoted(answers.server)}
host = {_quoted(answers.host)}
port = {answers.port}
username = {_quoted(answers.username)}
secret = {_quoted(answers.secret)}
# outside_contexts = ["from-trunk"]   # contexts that calls from outside come in by, when they have other names
"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
