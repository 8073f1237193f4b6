"""A dialogue carried out on a line that does what a test says, and what is told while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from cxcall.asterisk.agi.errors import CallerHungUp
from cxcall.asterisk.agi.results import NotPlayed, Played, Pressed, Recording, Silence
from cxcall.asterisk.surveys.runner import Runner, Stopped
from cxcall.asterisk.surveys.voice import Sounding, Voice
from cxcall.surveys.dialogue import Done, Facts, Given
from cxcall.surveys.script import Comment, Key, Question, Say, Script, Thank

SCRIPT = Script(
    languages=("fa", "en"),
    parts=(
        Say(id="welcome", prompt="welcome"),
        Question(id="csat", prompt="csat", keys=tuple(Key(key=str(n), value=float(n)) for n in range(1, 6)), retries=0),
        Question(id="nps", kind="nps", prompt="nps", retries=0),
        Comment(id="comment", prompt="comment"),
        Thank(id="thanks", prompt="thanks"),
    ),
)
VOICE = Voice(
    {name: {"fa": Sounding(f"/fa/{name}", 5.0)} for name in ("welcome", "csat", "nps", "comment", "thanks")}, ("fa",)
)


class Line:
    """Answers commands with `script`: a key, "" for nothing, "bye" for a hang-up, "gone" for a prompt not played."""

    def __init__(self, script: Sequence[str], recording: Recording | None = None) -> None:
        self.script = list(script)
        self.recording = recording
        self.heard: list[str] = []

    async def stream_file(self, prompt: str, keys: str = "", *, limit: float = 60.0) -> Played | Pressed | NotPlayed:
        self.heard.append(prompt)
        key = self._next()
        return NotPlayed() if key == "gone" else Pressed(key) if key else Played(1.0)

    async def wait_for_digit(self, seconds: float) -> Pressed | Silence:
        key = self._next()
        return Pressed(key) if key else Silence()

    async def record_file(
        self, path: str, *, seconds: float, beep: bool = True, silence: int | None = None
    ) -> Recording:
        self.heard.append(f"recorded {path}")
        assert self.recording is not None
        return self.recording

    def _next(self) -> str:
        key = self.script.pop(0) if self.script else ""
        if key == "bye":
            raise CallerHungUp("gone")
        return key


class Told:
    """Remembers what it is told; `path` is where comments go."""

    def __init__(self, path: str | None = "/comments/1") -> None:
        self.path = path
        self.parts: list[str] = []
        self.answers: list[tuple[int, str, str, float | None]] = []
        self.touches = 0
        self.recordings: list[Recording] = []

    def reached(self, part: str) -> None:
        self.parts.append(part)

    def touched(self) -> None:
        self.touches += 1

    def given(self, n: int, given: Given) -> None:
        self.answers.append((n, given.part, given.result, given.value))

    def comment_path(self, part: str) -> str | None:
        return self.path

    def recorded(self, part: str, recording: Recording) -> None:
        self.recordings.append(recording)


async def run(line: Line, told: Told, *, typed: str = "", stopping: asyncio.Event | None = None) -> Done:
    return await Runner(line, SCRIPT, Facts(), VOICE, told, typed=typed, stopping=stopping or asyncio.Event()).run()


async def test_prompts_are_played_in_order_and_each_answer_is_told_once_with_its_place() -> None:
    line = Line(["", "", "4", "", "1", "0"], Recording(ended_by="key", seconds=4.0, key="#"))
    told = Told()
    done = await run(line, told)
    assert done.end == "finished"
    assert line.heard == [
        "/fa/welcome", "/fa/csat", "/fa/nps", "/fa/comment", "recorded /comments/1", "/fa/thanks",
    ]  # fmt: skip
    assert told.answers == [
        (0, "csat", "answered", 4.0), (1, "nps", "answered", 10.0), (2, "comment", "answered", None),
    ]  # fmt: skip
    assert (told.touches, told.recordings) == (1, [line.recording])


async def test_a_key_pressed_before_it_began_is_the_first_to_be_used() -> None:
    line = Line(["4", "bye"])
    await run(line, Told(), typed="1")
    assert line.heard == ["/fa/csat", "/fa/nps"], "the welcome was cut short before it began"


async def test_a_hang_up_in_any_place_ends_it_and_nothing_more_is_played() -> None:
    for place in range(6):
        line, told = Line([*["" if n != 2 else "3" for n in range(place)], "bye"]), Told()
        done = await run(line, told)
        assert done.end == "hung_up", place
        assert line.script == []
        assert "/fa/thanks" not in line.heard


async def test_a_caller_who_leaves_during_the_thanks_has_finished() -> None:
    line = Line(["", "", "4", "", "7", "", "", "bye"], Recording(ended_by="silence", seconds=0.0))
    assert (await run(line, Told())).end == "finished"


async def test_a_prompt_that_asterisk_can_not_play_is_passed_over() -> None:
    line, told = Line(["gone", "gone", "2", "bye"]), Told()
    await run(line, told)
    assert told.answers[0] == (0, "csat", "answered", 2.0)


@pytest.mark.parametrize(
    ("path", "recording"), [(None, None), ("/comments/1", Recording(ended_by="failed", seconds=0.0))]
)
async def test_a_comment_that_can_not_be_recorded_is_passed_over(path: str | None, recording: Recording | None) -> None:
    told = Told(path)
    done = await run(Line(["", "", "4", "", "7"], recording), told)
    assert done.end == "finished"
    assert told.answers[2][1] == "comment"
    assert told.answers[2][2] != "answered"


async def test_a_service_that_stops_asks_no_further_question() -> None:
    stopping = asyncio.Event()
    stopping.set()
    line = Line(["", "", "4"])
    with pytest.raises(Stopped):
        await run(line, Told(), stopping=stopping)
    assert line.heard == ["/fa/welcome"]


def test_a_prompt_without_the_callers_language_is_played_in_another_one() -> None:
    english = Sounding("/en/welcome", 5.0)
    voice = Voice({"welcome": {"en": english}, "empty": {}}, ("fa", "fa", "en"))
    assert voice.of("welcome") is english
    assert voice.of("empty") is None
    assert voice.of("unknown") is None
