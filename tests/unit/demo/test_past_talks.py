import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import soundfile

from cxcall.calls.record import CallRecord
from cxcall.demo import past_sounds
from cxcall.demo.dialogues import Line
from cxcall.demo.history import history
from cxcall.demo.past_surveys import Whose
from cxcall.demo.past_talks import PastTalks
from cxcall.demo.phone.sound import tone
from cxcall.demo.seed import public
from cxcall.demo.voices import Voices
from cxcall.settings import Data, Settings
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.templates import ready_made
from cxcall.store import calls, recordings, speech_seed
from cxcall.store.calls import CallWrite
from cxcall.store.engine import open_engine
from cxcall.store.speech_seed import PastTalk
from tests.support.schema import new_database

UNTIL = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
CATALOGUE = Catalogue(ready_made())


@pytest.fixture(scope="module")
def past() -> list[CallRecord]:
    known, unknown = public(60)
    return list(history(until=UNTIL, days=3, seed=7, people=known, strangers=unknown))


def talks(past: Sequence[CallRecord], *, language: str, score: float) -> list[PastTalk]:
    whose: Mapping[str, Whose] = {record.id: Whose(language=language) for record in past}
    return list(PastTalks(CATALOGUE, 7).of(past, whose, {record.id: score for record in past}))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_who_rated_low_was_angry_and_who_rated_high_was_not(past: list[CallRecord], language: str) -> None:
    low, high = (talks(past, language=language, score=score) for score in (1.0, 5.0))
    assert len(low) > 100
    assert {talk.new.language for talk in low} == {language}
    assert all(talk.sentiment is not None and talk.sentiment < -0.2 for talk in low)
    assert all(talk.sentiment is not None and talk.sentiment > 0.1 for talk in high)


def test_words_lie_within_the_talk_one_after_the_other_and_not_in_its_holds(past: list[CallRecord]) -> None:
    records: dict[str, CallRecord] = {record.id: record for record in past}
    held = 0
    for talk in talks(past, language="en", score=4.0):
        record, length = records[talk.new.subject], (talk.new.ended_at or UNTIL) - talk.new.began_at
        assert record.answered_at == talk.new.began_at
        turns = [one.turn for one in talk.turns]
        assert [turn.n for turn in turns] == list(range(1, len(turns) + 1))
        assert all(before.end <= after.start + 0.6 for before, after in itertools.pairwise(turns))
        for hold in record.holds:
            assert hold.from_ is not None
            assert hold.to is not None
            since, until = ((at - talk.new.began_at).total_seconds() for at in (hold.from_, hold.to))
            held += 1
            assert not [turn for turn in turns if turn.start < until - 0.01 and turn.end > since + 0.01]
        if not record.holds:
            assert turns[-1].end <= length.total_seconds() * 1.15
        texts = {turn.n: turn for turn in turns}
        assert all(texts[hit.n].start == hit.start for hit in talk.hits)
        assert {turn.agent for turn in turns if turn.speaker == "agent"} <= {f"PJSIP/{n}" for n in range(1001, 1008)}
    assert held


def test_some_agents_forget_to_ask_for_more(past: list[CallRecord]) -> None:
    found = talks(past, language="fa", score=5.0)
    said = {name: [t.said["anything_else"] for t in found if t.new.agent_name == name] for name in _names(found)}
    shares = {name: sum(values) / len(values) for name, values in said.items()}
    assert shares["Sara Ahmadi"] > 0.8 > 0.7 > shares["Omid Sharifi"]


async def test_a_few_past_calls_get_the_sound_of_their_words(past: list[CallRecord], tmp_path: Path) -> None:
    new_database(tmp_path / "cxcall.sqlite")
    settings = Settings(data=Data(dir=str(tmp_path)))
    engine = open_engine(settings.database_url)
    some = talks(past, language="en", score=5.0)[:20]
    ids = {talk.new.subject for talk in some}
    async with engine.begin() as conn:
        await calls.apply(conn, [CallWrite(record=one, revision=1) for one in past if one.id in ids], region="IR")
        written = await speech_seed.write(conn, some)
    for _ in range(2):  # the second time there is nothing to do
        await past_sounds.record(settings, _Tones(tmp_path, ""))
    async with engine.connect() as conn:
        kept = [one for made in written for one in await recordings.of_call(conn, str(made.call_id))]
    await engine.dispose()
    assert len(kept) == past_sounds.CALLS
    assert {one.state for one in kept} == {"kept"}
    sound, rate = soundfile.read(tmp_path / "recordings" / kept[0].file, dtype="int16")
    assert sound.shape[1] == 2
    assert len(sound) / rate == pytest.approx(kept[0].seconds, abs=0.01)
    assert kept[0].keep_until is not None
    assert kept[0].keep_until - kept[0].began_at > timedelta(days=7)
    assert sound[:, 0].any()
    assert sound[:, 1].any()


class _Tones(Voices):
    def of(self, line: Line) -> bytes | None:
        return tone(500 if line.by == "agent" else 800, 0.5)


def _names(found: Sequence[PastTalk]) -> set[str]:
    return {talk.new.agent_name for talk in found}
