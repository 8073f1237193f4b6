"""A talk of recorded English through live speech: right speaker, right words, hidden numbers, hold, restart, search."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus.speech import LiveAsk, LiveSnapshot, SpeechStatus
from cxcall.media.room import moment
from cxcall.media.sink import StreamSink
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.stream import RATE, Stream
from cxcall.store import categories, speech_search, transcripts, turns
from cxcall.store.engine import open_engine
from cxcall.store.speech_search import SearchFilter
from tests.speech.hearing import FRAME, Heard, Line, Side, sides, speech, until
from tests.support.schema import new_database
from tests.support.spoken import word_errors

CALL = "lab-1795000000.7"
CARD = "4539148803436467"

BEFORE = [
    Line(side="agent", name="queue-thankyou"),
    Line(side="customer", name="demo-nomatch"),
    Line(side="agent", name="conf-getpin", after=1.5),
    Line(side="customer", digits=CARD),
]
HELD = [Line(side="agent", name="vm-advopts"), Line(side="customer", name="conf-muted")]
AFTER = [Line(side="customer", name="tt-somethingwrong"), Line(side="agent", name="dir-nomatch")]
SORRY = Category(
    id="sorry", name={"en": "Sorry"}, rules=(Rule(says=Term(phrases=("sorry",), speaker="customer")),)
)  # fmt: skip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(new_database(tmp_path / "cxcall.sqlite"))
    yield engine
    await engine.dispose()


class Talk:
    """Both streams of CALL, fed at the times of a clock that runs as fast as they can be taken."""

    def __init__(self, heard: Heard, at: float) -> None:
        self._heard = heard
        self.at = at
        self.sinks: dict[Side, StreamSink] = {}
        for side in ("agent", "customer"):
            agent, name = ("PJSIP/1001", "Sara") if side == "agent" else ("", "")
            stream = Stream(
                id=f"{side}-{at}", server="lab", call_id=CALL, caller_id="1795000000.7", speaker=side,
                channel=f"PJSIP/{side}", unique_id=side, queue="support", agent=agent, agent_name=name,
            )  # fmt: skip
            self.sinks[side] = heard.edge.live.open(stream, at)

    def say(self, lines: Sequence[Line]) -> None:
        both = sides(lines)
        for place in range(0, len(both["agent"]) - FRAME, FRAME):
            self.at += FRAME / RATE
            for side, sink in self.sinks.items():
                sink.audio(both[side][place : place + FRAME].tobytes(), self.at)

    def hold(self, held: bool) -> None:
        for sink in self.sinks.values():
            sink.hold(held, self.at)


async def test_a_talk_is_written_down_while_it_goes_on_also_over_a_restart(
    database: AsyncEngine, tmp_path: Path
) -> None:
    async with database.begin() as conn:
        await categories.create(conn, SORRY, by="", now=moment(time.time()))
    async with speech(tmp_path, database) as first:
        first.listen(CALL)
        await until(lambda: "sorry" in first.edge._room.catalogue.categories)
        talk = Talk(first, time.time())
        talk.say(BEFORE)
        await until(lambda: len(first.of("turn")) >= len(BEFORE))
        talk.hold(True)
        talk.say(HELD)
        talk.hold(False)
        snapshot: LiveSnapshot = await first.commands.ask("speech:live", LiveAsk(call_id=CALL))
        assert [turn["n"] for turn in snapshot.turns][:4] == [1, 2, 3, 4]
        assert snapshot.state is not None
        assert [topic["id"] for topic in snapshot.state["topics"]] == ["sorry"]
        status: SpeechStatus = await first.commands.ask("speech:status", None)
        assert status.ready
        assert (status.calls, status.streams) == (1, 2)
        print(f"work per second of sound: {status.factor}")
    published = repr(first.told)
    assert "●●●●" in published
    assert not any("".join(CARD[n : n + 4]) in published.replace(", ", "").replace("-", "") for n in range(0, 13, 4))
    assert [message["held"] for message in first.of("held")] == [True, False]

    async with speech(tmp_path, database) as again:
        again.listen(CALL)
        talk = Talk(again, talk.at + 8.0)
        talk.say(AFTER)
        await until(lambda: len(again.of("turn")) >= len(AFTER))
        again.edge.live.over(CALL, talk.at)
        await until(lambda: again.of("over"))
        assert again.of("gap")[0]["why"] == "not_running"
        async with database.connect() as conn:
            transcript = await transcripts.of_call(conn, CALL)
            assert transcript is not None
            said = await turns.of_transcript(conn, transcript.id)
            found = await speech_search.page(conn, SearchFilter(text='"terribly wrong"'))
    whole = [*BEFORE, *AFTER]
    assert sorted(turn.n for turn in said) == list(range(1, len(said) + 1))
    assert {turn.n for turn in said[-len(AFTER) :]} == {len(said) - 1, len(said)}, "after the restart the numbers go on"
    lines = _lines(said)
    assert [line[0].speaker for line in lines] == [line.side for line in whole]
    texts = [" ".join(turn.text for turn in line) for line in lines]
    wrong = [word_errors(line.text, text) for line, text in zip(whole, texts, strict=True)]
    errors, words = sum(one for one, _ in wrong), sum(of for _, of in wrong)
    print(f"word errors: {errors} of {words}")
    assert errors <= 0.1 * words
    shown = " ".join(turn.shown for turn in lines[3])
    assert not any(letter.isdigit() for letter in shown), shown
    print(shown)
    assert "seven" not in shown.lower(), "also of the part after a pause"
    assert lines[2][0].start == pytest.approx(_start(BEFORE, 2), abs=0.5)
    assert said[-1].words, "each word has its time"
    assert transcript.state == "done"
    assert {gap.why for gap in transcript.gaps} == {"held", "not_running"}
    assert [talk.transcript.call_id for talk in found.rows] == [CALL]
    assert found.rows[0].turns[0].start == pytest.approx(lines[4][0].start)


def _lines(said: Sequence[turns.Said]) -> list[list[turns.Said]]:
    """Turns as they were said: a number that is said digit by digit may be cut at a longer pause."""
    lines: list[list[turns.Said]] = []
    for turn in said:
        if lines and lines[-1][-1].speaker == turn.speaker and turn.start - lines[-1][-1].end < 2.0:
            lines[-1].append(turn)
        else:
            lines.append([turn])
    return lines


def _start(lines: Sequence[Line], n: int) -> float:
    return 0.5 + sum(len(line.sound) / RATE + line.after for line in lines[:n])
