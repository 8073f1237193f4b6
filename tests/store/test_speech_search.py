"""Search over what was said: as people write and speak, English and Persian, on both databases alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.store import speech_search, transcripts, turns, understood
from cxcall.store.paging import BadCursor, Cursor
from cxcall.store.speech_search import SearchFilter, marks
from cxcall.store.speech_words import asked, places
from cxcall.store.turns import NewTurn
from cxcall.store.understood import Outcome
from tests.store.make import after
from tests.store.speech_make import hit, spoken, talk, turn

ZWNJ = "\u200c"

FOUND: list[tuple[str, str, bool]] = [
    ("I'd like a REFUND, please", "refund", True),
    ("I'd like a REFUND, please", "i'd like", True),
    ("I'd like a REFUND, please", '"like a refund"', True),
    ("I'd like a REFUND, please", '"refund a"', False),
    ("I'd like a REFUND, please", "please refund", True),
    ("I'd like a REFUND, please", "refund invoice", False),
    ("they refunded me", "refund", False),
    ("they refunded me", "refund*", True),
    ("they refunded me", '"they refun*"', True),
    ("they refunded me", '"they re*" me', True),
    ("they refunded me", "r*", False),
    (f"می{ZWNJ}خواهم لغو کنم", f"می{ZWNJ}خواهم", True),
    (f"می{ZWNJ}خواهم لغو کنم", "میخواهم", True),
    (f"می{ZWNJ}خواهم لغو کنم", "می خواهم", True),
    (f"می{ZWNJ}خواهم لغو کنم", f"«می{ZWNJ}خواهم لغو»", True),
    (f"می{ZWNJ}خواهم لغو کنم", "«میخواهم لغو»", True),
    (f"می{ZWNJ}خواهم لغو کنم", "«خواهم لغو کنم»", True),
    (f"می{ZWNJ}خواهم لغو کنم", "«لغو می»", False),
    ("می خواهم", f"می{ZWNJ}خواهم", True),
    (f"پرداخت{ZWNJ}ها", "پرداخت", True),
    ("كيف پول علي", "کیف علی", True),
    ("مُحَمَّد رسید", "محمد", True),
    ("محمد رسید", "مُحَمَّد", True),
    ("آدرس خانة", "ادرس خانه", True),
    ("موسىٰ", "موسی", True),
    ("سفارش ۱۲۳۴۵", "12345", True),
    ("order 12345", "۱۲۳۴۵", True),
    ("ســـلام", "سلام", True),
    ("card ●●●● ok", "●●●●", False),
    ("card ●●●● ok", '"card ok"', True),
    ("anything", "\" ' ) OR * :", False),
    ("or and not near", "or AND not", True),
    ("x' OR 1=1", "x' OR 1=1", True),
]


async def test_words_are_found_however_they_are_written(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n, text in enumerate(dict.fromkeys(text for text, _, _ in FOUND)):
            await spoken(conn, n, text, at=n)
        wrong = []
        for text, words, expected in FOUND:
            page = await speech_search.page(conn, SearchFilter(text=words), limit=100)
            hits = {turn.shown: turn.spans for row in page.rows for turn in row.turns}
            if (text in hits) != expected or not all(hits.values()):
                wrong.append((text, words))
            if page.rows:
                assert len(page.rows) == await speech_search.count(conn, SearchFilter(text=words))
        assert wrong == []


async def test_a_talk_shows_the_turns_that_were_meant_with_their_seconds_and_places(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await spoken(conn, 1, "refund", "a refund of the card", "no", "a card", f"refund{ZWNJ}card refund", at=10)
        await spoken(conn, 2, "card", "refund", at=20)
        page = await speech_search.page(conn, SearchFilter(text="refund card"), shown=2)
        newest, older = page.rows
        assert [(each.n, each.start, each.shown, each.spans) for each in older.turns] == [
            (2, 10.0, "a refund of the card", ((2, 8), (16, 20))),
            (5, 25.0, f"refund{ZWNJ}card refund", ((0, 11), (12, 18))),
        ]  # fmt: skip
        assert (older.more, newest.more, [each.n for each in newest.turns]) == (2, 0, [1, 2])
        customer = await speech_search.page(conn, SearchFilter(text="refund card", speaker="customer"))
        assert [row.transcript.subject for row in customer.rows] == ["lab-1.1"]
        agent = await speech_search.page(conn, SearchFilter(text='"refund of the"', speaker="agent"))
        assert [[each.n for each in row.turns] for row in agent.rows] == [[2]]
        no_words = await speech_search.page(conn, SearchFilter(queue="support"), shown=1)
        assert [[(each.n, each.spans) for each in row.turns] for row in no_words.rows] == [[(1, ())], [(1, ())]]
        assert marks("a card, refunded: Card", "card") == [(2, 6), (18, 22)]


async def test_filters_hold_together_and_pages_follow_each_other(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_search, "_FEW", 5)
    async with engine.begin() as conn:
        for n in range(9):
            other = {"queue": f"q{n % 2}", "agent": f"PJSIP/{n % 3}", "language": "fa" if n == 8 else "en"}
            made = await spoken(conn, n, "refund please", at=0 if n < 3 else n, **other)
            mood = n / 10 - 0.4
            hits = [hit("money", 1)] if n % 4 == 0 else []
            await understood.keep(conn, made.id, Outcome(hits=hits, sentiment=mood), now=after(60))

        async def found(**wanted: Any) -> list[int]:
            filtered = SearchFilter(text="refund", **wanted)
            rows = (await speech_search.page(conn, filtered)).rows
            assert len(rows) == await speech_search.count(conn, filtered)
            return sorted(int(row.transcript.subject[4:-2]) for row in rows)

        assert await found(queue="q1") == [1, 3, 5, 7]
        assert await found(queue="q1", agents=("PJSIP/0", "PJSIP/1")) == [1, 3, 7]
        assert await found(category_id="money", mood_min=0.0) == [4, 8]
        assert await found(mood_max=-0.25) == [0, 1]
        assert await found(since=after(3), until=after(6)) == [3, 4, 5]
        assert await found(language="fa", server="lab", kind="call") == [8]
        assert await found(queue="none") == []
        assert await found(customer_id="none") == []
        for text in ("refund", '"refund please"'):
            wanted = SearchFilter(text=text, mood_max=0.4)
            first = await speech_search.page(conn, wanted, limit=4)
            second = await speech_search.page(conn, wanted, limit=4, after=first.next)
            third = await speech_search.page(conn, wanted, limit=4, after=second.next)
            subjects = [row.transcript.subject for row in (*first.rows, *second.rows, *third.rows)]
            assert (sorted(set(subjects)), subjects[:2]) == (sorted(subjects), ["lab-8.1", "lab-7.1"])
            assert (len(subjects), third.next) == (9, None)
            back = await speech_search.page(conn, wanted, limit=4, after=second.previous)
            assert [row.transcript.id for row in back.rows] == [row.transcript.id for row in first.rows]
        for key in ("x", "-1", str(1 << 63)):
            with pytest.raises(BadCursor):
                await speech_search.page(conn, SearchFilter(), after=Cursor(key=key, id="").encode())


async def test_what_is_hidden_corrected_or_removed_is_found_no_more(engine: AsyncEngine) -> None:
    async def n_of(conn: AsyncConnection, text: str) -> int:
        return await speech_search.count(conn, SearchFilter(text=text))

    async with engine.begin() as conn:
        made = await transcripts.begin(conn, talk(1), now=after(0))
        card = NewTurn(turn=turn(1, "my card is 6037 9911"), shown="my card is ●●●●", hidden=((11, 20, "card"),))
        await turns.put(conn, made.id, [card])
        assert await n_of(conn, "card") == 0
        await transcripts.finish(conn, made.id, now=after(1))
        assert [await n_of(conn, text) for text in ("card", "6037", '"6037 9911"')] == [1, 0, 0]
        await turns.correct(conn, made.id, 1, version=1, by="x", now=after(2), text="my cart")
        await transcripts.finish(conn, made.id, now=after(2))
        assert [await n_of(conn, text) for text in ("card", "cart")] == [0, 1]


@settings(max_examples=60)
@given(st.text(st.sampled_from(f"aA1 ۱يی{ZWNJ}ـَ\"«»*'_-.●ك"), max_size=24))
def test_whatever_was_typed_its_words_stand_in_it(text: str) -> None:
    terms = asked(text)
    assert all(form for term in terms for form in term.forms)
    found = marks(text, text)
    assert bool(found) == bool(terms)
    words = places(text)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(place.joined == "".join(place.parts) for place in words)
