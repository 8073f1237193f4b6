"""What the parts of live speech ask each other and tell the pages, where they meet over commands and the bus.

Commands and what they take → give (`-`: None):

* `tap:start` TapAsk → TapState; `tap:stop` TapAsk → TapState; `tap:state` TapAsk → TapState; `tap:status` - → TapStatus
* `recording:start|stop|pause|resume|state` RecordingAsk → RecordingState
* `speech:status` - → SpeechStatus; `speech:live` LiveAsk → LiveSnapshot | None; `speech:hint` HintDone → bool
* `speech:try` TryRequest → JobState; `speech:job` JobAsk → JobState | None

A refusal (CommandRefused) carries a sentence for people. Channels: `transcript:<call>` (decision 0165), `speech`, and
`speech_jobs`, on which whoever wrote a job says so, that it begins at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cxcall.speech.category import Texts
from cxcall.speech.listening import Why
from cxcall.speech.transcript import Speaker

SPEECH = "speech"
"""Channel for overseers: calls that may need somebody, and `{"status": true}` when engines or the level change."""

JOBS = "speech_jobs"
"""Channel on which a new job is announced; the data is `{"id": …}`."""


RECORDINGS = "recordings"
"""Channel on which it is told that Asterisk has written all of a recording; the data is `{"call": id}`."""


def transcript_channel(call_id: str) -> str:
    """The channel of a call's live text."""
    return f"transcript:{call_id}"


Level = Literal["all", "finals", "later"]
"""How much is decoded now: everything; no partial texts; new and some running calls only after they end."""

Health = Literal["loading", "ready", "idle", "failed"]
"""Of a model: being loaded; in memory; found but not yet needed; can't be used (`problem` says why)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """One model this machine has. `faults`: decodings that broke since the start; `load`: seconds loading took."""

    language: str
    engine: str
    model: str
    path: str
    health: Health
    problem: str = ""
    licence: str = ""
    partials: bool = False
    faults: int = 0
    load: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStatus:
    """Speech of this process.

    `problem` is why nothing can be transcribed (NoSpeech), None when something can. `language`, `engine`:
    the site's. `backlog`: seconds of sound of live calls that wait for an engine; `factor`: seconds of work a second of
    sound takes (None before the first); `delay_p50`, `delay_p95`: from the end of what was said to its text, in
    seconds, over the last minutes. `memory`: bytes this process holds. `spooled`: bytes of sound kept on disk until the
    call ends. `later`: calls that are finished after they end. `jobs`: how many by state. `waiting`: writes that wait
    for the database; `lost`: what could not be written, `dropped`: seconds of sound there was no room for, since the
    start.
    """

    problem: NoSpeech | None
    language: str
    engine: str
    engines: tuple[EngineStatus, ...]
    level: Level
    calls: int
    streams: int
    later: int
    workers: int
    busy: int
    backlog: float
    factor: float | None
    delay_p50: float | None
    delay_p95: float | None
    memory: int
    spooled: int
    jobs: Mapping[str, int]
    waiting: int
    lost: int
    dropped: float

    @property
    def ready(self) -> bool:
        """Whether what is said can be transcribed now (/readyz)."""
        return not self.problem and any(engine.health in ("ready", "idle", "loading") for engine in self.engines)


NoSpeech = Literal["no_models", "no_language", "failed"]
"""No model on this machine; none for the site's language; what there is can't be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAsk:
    """The live text of a call, for a page opened in the middle of it."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What a speaker is saying now, hidden pieces as dots; `start` in seconds of the transcript."""

    speaker: Speaker
    agent_name: str
    start: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HintCheck:
    """A phrase that has to be said, and whether it was."""

    category_id: str
    name: Texts
    said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHint:
    """A hint before the agent's eyes: what `store.hints` knows as `id`, in all languages of the pages.

    `kind`: category, required, feeling, article or intent (`transfer`: what to dial, `category_id` its name). `reason`
    is a sentence, `quote` what was said (hidden form) and `quote_at` when, in seconds of the transcript.
    `checks`: of kind required, the list to tick. `hot`: it is urgent.
    """

    id: str
    kind: str
    title: Texts
    at: float
    text: Texts = field(default_factory=dict)
    action: Texts = field(default_factory=dict)
    reason: Texts = field(default_factory=dict)
    quote: str = ""
    quote_at: float | None = None
    quote_n: int | None = None
    category_id: str = ""
    article_id: str = ""
    checks: tuple[HintCheck, ...] = ()
    hot: bool = False
    transfer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSnapshot:
    """A call being heard now. Its turns are in the store (`store.turns`), which may be a moment behind: `turns` has the
    last messages of kind `turn` as they were told, and `last_n` is the newest number. `state` is the last message of
    kind `state` (None before the first).

    `later`: text comes after the call (overload or an engine that broke). `held`: on hold, nothing is transcribed.
    `checks`: what has to be said, and whether it was. `marks`: by the number of a turn, as its message had them.
    """

    call_id: str
    transcript_id: str
    began_at: datetime | None
    language: str
    partials: tuple[Partial, ...] = ()
    hints: tuple[ShownHint, ...] = ()
    state: Mapping[str, Any] | None = None
    last_n: int = 0
    held: bool = False
    later: bool = False
    checks: tuple[HintCheck, ...] = ()
    marks: Mapping[int, Sequence[tuple[int, int, str]]] = field(default_factory=dict)
    turns: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HintDone:
    """What an agent made of a hint. Kept in the store by `speech:hint`; False when there is no such hint."""

    call_id: str
    hint_id: str
    outcome: Literal["used", "dismissed"]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRequest:
    """Transcribe a file: `file` is its place below the data folder, `name` what the user calls it.

    `language`, `engine`: empty for the site's. `by`: the user's id.
    """

    file: str
    name: str
    by: str
    language: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAsk:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A job: `progress` 0…1, `problem` a sentence, `transcript_id` once there is one."""

    id: str
    kind: str
    state: str
    progress: float = 0.0
    problem: str = ""
    transcript_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TapAsk:
    """About listening to a call: begin (`tap:start`), end (`tap:stop`) or how it stands. `by`: the user's id."""

    call_id: str
    by: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TapState:
    """Whether a call is heard, why (or why not), and whose sound comes."""

    call_id: str
    heard: bool
    why: Why
    speakers: tuple[Speaker, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TapStatus:
    """Listening of this process: calls heard now, streams open and asked for; counts since the start."""

    calls: int
    streams: int
    asked: int
    refused: int = 0
    broken: int = 0
    strangers: int = 0
    address: str = ""
    problem: str = ""
    servers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingAsk:
    """About recording a call; `why` is kept with a pause (`card`, `agent`)."""

    call_id: str
    by: str = ""
    why: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingState:
    call_id: str
    recording: bool
    paused: bool = False
    detail: str = ""
