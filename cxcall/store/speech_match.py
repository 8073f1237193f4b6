"""The condition a search puts to each database: MATCH of FTS5, or tsqueries under one GIN index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, column, exists, literal, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from cxcall.store.search_tables import COLUMNS, speech_texts
from cxcall.store.speech_tables import transcripts
from cxcall.store.speech_texts import first_id, mood
from cxcall.store.speech_words import Term, fact
from cxcall.store.transcripts import Kind

_SPOKEN = COLUMNS[:3]
_found = table("speech_found", column("rowid", BigInteger), column("speech_found", Text))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter:
    """What is looked for; what is None or empty does not matter.

    `text`: words, all said in one talk; "words next to each other"; begin*. `speaker`: who said them. `since` ≤ began <
    `until`. `agents`: interfaces, any of which took part. `mood_min` ≤ sentiment of the talk ≤ `mood_max`.
    """

    text: str = ""
    speaker: Literal["customer", "agent"] | None = None
    since: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    agents: tuple[str, ...] = ()
    server: str | None = None
    language: str | None = None
    kind: Kind | None = None
    mood_min: float | None = None
    mood_max: float | None = None
    category_id: str | None = None
    customer_id: str | None = None


def query(wanted: SearchFilter, terms: Sequence[Term], database: str) -> Select[Any]:
    """`id` and `transcript_id` of what was meant, `id` being what to sort and page by."""
    facts = _facts(wanted)
    if not terms and not facts:
        found = select(speech_texts.c.id, speech_texts.c.transcript_id)
    elif database == "postgresql":
        found = select(speech_texts.c.id, speech_texts.c.transcript_id).where(*_tsqueries(wanted, terms, facts))
    else:
        # FTS5 gives its rows in the order of their ids, from either end; a join might turn that around.
        its = select(speech_texts.c.transcript_id).where(speech_texts.c.id == _found.c.rowid).scalar_subquery()
        found = select(_found.c.rowid.label("id"), its.label("transcript_id"))
        found = found.where(_found.c.speech_found.op("MATCH")(_match(wanted, terms, facts)))
    return found.where(*_exactly(wanted, found.selected_columns["id"]))


def _exactly(wanted: SearchFilter, id_: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """The period as a range of ids, and what is no word."""
    conditions: list[ColumnElement[bool]] = []
    conditions += [id_ >= first_id(wanted.since)] if wanted.since else []
    conditions += [id_ < first_id(wanted.until)] if wanted.until else []
    its = transcripts.c
    about: list[ColumnElement[bool]] = []
    about += [its.sentiment >= wanted.mood_min] if wanted.mood_min is not None else []
    about += [its.sentiment <= wanted.mood_max] if wanted.mood_max is not None else []
    about += [its.customer_id == wanted.customer_id] if wanted.customer_id is not None else []
    if about:
        row = speech_texts.alias("row")
        conditions.append(exists().where(row.c.id == id_, its.id == row.c.transcript_id, *about))
    return conditions


def _facts(wanted: SearchFilter) -> list[list[str]]:
    """Facts that must hold, each as words any of which will do."""
    single = {
        "k": wanted.kind,
        "s": wanted.server,
        "q": wanted.queue,
        "l": wanted.language,
        "c": wanted.category_id,
    }
    facts = [[fact(kind, value)] for kind, value in single.items() if value is not None]
    facts += [[fact("a", agent) for agent in wanted.agents]] if wanted.agents else []
    if wanted.mood_min is not None or wanted.mood_max is not None:
        low = -1.0 if wanted.mood_min is None else max(-1.0, wanted.mood_min)
        high = 1.0 if wanted.mood_max is None else min(1.0, wanted.mood_max)
        facts.append([mood(tenth / 10) for tenth in range(round(low * 10), round(high * 10) + 1)] or ["none"])
    return facts


def _match(wanted: SearchFilter, terms: Iterable[Term], facts: Iterable[Sequence[str]]) -> str:
    spoken = wanted.speaker or "{" + " ".join(_SPOKEN) + "}"
    parts = [f"({spoken} : ({' OR '.join(_phrases(term))}))" for term in terms]
    parts += [f"(about : ({' OR '.join(words)}))" for words in facts]
    return " AND ".join(parts)


def _phrases(term: Term) -> list[str]:
    star = " *" if term.prefix else ""
    return ['"' + " ".join(form) + '"' + star for form in term.forms]


def _tsqueries(
    wanted: SearchFilter, terms: Iterable[Term], facts: Iterable[Sequence[str]]
) -> list[ColumnElement[bool]]:
    spoken = [speech_texts.c[name] for name in ([wanted.speaker] if wanted.speaker else _SPOKEN)]
    conditions = []
    for term in terms:
        asked = _tsquery(" | ".join(_followed(form, prefix=term.prefix) for form in term.forms))
        conditions.append(or_(*(said.op("@@")(asked) for said in spoken)))
    conditions += [speech_texts.c.about.op("@@")(_tsquery(" | ".join(words))) for words in facts]
    return conditions


def _followed(form: Sequence[str], *, prefix: bool) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in form) + (":*" if prefix else "") + ")"


def _tsquery(text: str) -> ColumnElement[Any]:
    return cast(literal(text, Text), TSQUERY)
