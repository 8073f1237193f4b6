"""The view of what was said in a call: recording, transcript, conversation, or why there is none."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from babel import Locale, UnknownLocaleError

from cxcall.speech.conversation import Span
from cxcall.speech.figures import Figures
from cxcall.speech.transcript import Turn
from cxcall.store.turns import Said
from cxcall.web.call_recordings import unread_spans
from cxcall.web.corrections import holds_of
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.speech import call_why
from cxcall.web.pages.speech.call_loading import Kept
from cxcall.web.pages.speech.call_reader import Reader
from cxcall.web.pages.speech.call_rows import names_of, opening_at, paused, rows
from cxcall.web.pages.speech.call_talk_view import (
    Conversation,
    Extra,
    Need,
    Sound,
    TalkView,
    Topic,
)
from cxcall.web.pages.speech.call_wave import Marked, negative_peaks, picture
from cxcall.web.pages.speech.mood import feeling
from cxcall.web.pages.speech.talk_view import worded
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

SOUND = "/calls/{call}/recording?r={recording}&v={version}&o={opening}"
PEAKS = "/calls/{call}/recording/peaks?r={recording}&v={version}"


def talk_view(kept: Kept, reader: Reader) -> TalkView:
    """The view, as `reader` may see it."""
    record, transcript = kept.record, kept.transcript
    zero = zero_of(kept)
    shift = (transcript.began_at - zero).total_seconds() if transcript else 0.0
    holds = holds_of(record, zero)
    names = names_of(kept)
    turns = [placed(one, shift) for one in kept.said]
    peaks = negative_peaks(turns)
    silent = call_why.silent(kept, reader)
    heard = None if silent else sound(kept, reader, turns, peaks, holds, shift)
    return TalkView(
        call_id=record.id,
        rows=rows(kept, reader, names, shift, holds) if transcript and kept.said else (),
        sound=heard,
        extras=() if silent else extras(kept, reader),
        conversation=conversation(kept, holds) if transcript and transcript.figures else None,
        language=language_name(transcript.language) if transcript else "",
        confidence=transcript.confidence if transcript else None,
        state=transcript.state if transcript else "",
        version=transcript.version if transcript else 0,
        negative_peaks=len(peaks),
        hidden=sum(len(one.hidden) for one in kept.said),
        hold=sum(end - start for start, end in holds),
        can_correct=reader.oversees and transcript is not None and transcript.state != "live",
        can_transcribe=reader.oversees and call_why.can_transcribe(kept),
        knows_hidden=reader.knows_hidden,
        oversees=reader.oversees,
        progress=call_why.progress(kept),
        failed=call_why.failed(kept),
        why_silent=silent,
        why_unread="" if kept.said else call_why.unread(kept),
    )


def zero_of(kept: Kept) -> datetime:
    """Where the page's clock begins: with the recording that is heard, else when the call was answered."""
    if kept.sound is not None:
        return kept.sound.began_at
    began = kept.transcript.began_at if kept.transcript else None
    return kept.record.answered_at or began or kept.record.started_at or current().now


def placed(said: Said, shift: float) -> Turn:
    """A turn on the page's clock, with the text everybody may read."""
    return Turn(
        n=said.n, speaker=said.speaker, start=said.start + shift, end=said.end + shift, text=said.shown,
        sentiment=said.sentiment,
    )  # fmt: skip


def sound(
    kept: Kept, reader: Reader, turns: Sequence[Turn], peaks: Sequence[Turn], holds: Sequence[Span], shift: float
) -> Sound | None:
    """The recording with its picture."""
    heard = kept.sound
    if heard is None:
        return None
    at = opening_at(kept.said, reader.at)
    version = zlib.crc32(repr([(one.n, one.hidden, one.text) for one in kept.said if one.hidden]).encode())
    values = {"call": kept.record.id, "recording": heard.id, "version": version, "opening": reader.opening}
    return Sound(
        id=heard.id,
        version=version,
        url=SOUND.format_map(values),
        peaks=PEAKS.format_map(values),
        seconds=heard.seconds,
        shift=shift,
        picture=picture(
            heard.seconds, turns, marked(kept, peaks, shift), holds, [(start, end) for start, end, _why in paused(kept)]
        ),
        holds=" ".join(f"{max(0.0, start):.1f}-{end:.1f}" for start, end in holds if end > 0),
        at=min(heard.seconds, max(0.0, at + shift)) if at is not None else 0.0,
        notes=_notes(kept, reader),
    )


def _notes(kept: Kept, reader: Reader) -> list[str]:
    """What is not right about the recording that is heard."""
    found: list[str] = [said(kept.sound.problem)] if kept.sound and kept.sound.problem else []
    if kept.sound and kept.transcript and not reader.knows_hidden and unread_spans(kept.transcript, kept.sound):
        found.append(_("What has not been written down of this recording is silent here: it may hold hidden numbers."))
    return found


def marked(kept: Kept, peaks: Sequence[Turn], shift: float) -> list[Marked]:
    """What is labelled over the waveform: negative peaks first, then what was found, the worst before the best."""
    quotes = {
        hit.n: hit.quote for each in kept.found for hit in each.hits if _tone(kept, each.category_id) in ("bad", "warn")
    }
    found = [
        Marked(at=(peak.start + peak.end) / 2, text=_quoted(quotes.get(peak.n, "")), tone="bad", value=peak.sentiment)
        for peak in peaks
    ]
    used = {peak.n for peak in peaks}
    for tone in ("bad", "warn", "good"):
        found += [
            Marked(at=each.hits[0].start + shift, text=worded(kept.categories[each.category_id].name), tone=tone)
            for each in kept.found
            if _tone(kept, each.category_id) == tone and each.hits[0].n not in used
        ]
    return found


def conversation(kept: Kept, holds: Sequence[Span]) -> Conversation | None:
    """The talk in figures; None where they can't be read."""
    transcript = kept.transcript
    assert transcript is not None  # noqa: S101 - asked for by the caller
    try:
        figures = msgspec.convert(transcript.figures, Figures)
    except msgspec.ValidationError:
        return None
    values = [one.sentiment for one in kept.said if one.speaker == "customer" and one.sentiment is not None]
    third = max(1, len(values) // 3)
    before = sum(values[:third]) / third if len(values) > 1 else None
    after = sum(values[-third:]) / third if values else None
    return Conversation(
        agent_share=figures.talk_share,
        silence=figures.silence.seconds,
        silence_share=figures.silence.share,
        longest=figures.silence.longest,
        talked_over=figures.overlap.count,
        interruptions=(figures.agent.interruptions, figures.customer.interruptions),
        pace=(figures.agent.pace, figures.customer.pace),
        hold=sum(end - start for start, end in holds),
        before=feeling(before),
        after=feeling(after),
        topics=[
            Topic(id=each.category_id, name=worded(category.name), tone=category.tone)
            for each in kept.found
            if (category := kept.categories.get(each.category_id)) is not None and category.kind != "required"
        ],
        needs=needs(kept),
    )


def needs(kept: Kept) -> list[Need]:
    """What had to be said: what was not comes first."""
    first = {each.category_id: each.hits[0] for each in kept.found if each.hits}
    found = []
    for category_id, told in kept.required.items():
        category = kept.categories.get(category_id)
        if category is not None:
            title = category.hint.title if category.hint and category.hint.title else category.name
            hit = first.get(category_id)
            found.append(Need(name=worded(title), said=told, n=hit.n if hit else None))
    return sorted(found, key=lambda need: need.said)


def extras(kept: Kept, reader: Reader) -> list[Extra]:
    """Recordings beside the one that is drawn."""
    others = [one for one in kept.recordings if one.state == "kept" and one is not kept.sound]
    values = {"call": kept.record.id, "version": 0, "opening": reader.opening}
    return [
        Extra(url=SOUND.format(recording=one.id, **values), began_at=one.began_at, seconds=one.seconds)
        for one in sorted(others, key=lambda one: one.began_at)
    ]


def language_name(code: str) -> str:
    """A language in the reader's own words; its code where it is not known."""
    try:
        return Locale.parse(code.partition("-")[0]).get_display_name(current().language) or code if code else ""
    except (UnknownLocaleError, ValueError):
        return code


def _tone(kept: Kept, category_id: str) -> str:
    category = kept.categories.get(category_id)
    return category.tone if category is not None and category.kind != "required" else ""


def _quoted(quote: str) -> str:
    return f"«{quote}»" if quote and current().rtl else f"“{quote}”" if quote else ""
