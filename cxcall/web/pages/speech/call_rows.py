"""The turns of a call's transcript as its page shows them, with holds and gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.speech import sentiment
from cxcall.speech.conversation import Span
from cxcall.speech.marks import Mark, Shown, marks, of_tone
from cxcall.speech.understanding import CLEAR_WEIGHT
from cxcall.store.turns import Said
from cxcall.web.call_recordings import hidden_of
from cxcall.web.corrections import heard_shown
from cxcall.web.pages.speech.call_loading import Kept
from cxcall.web.pages.speech.call_reader import Reader
from cxcall.web.pages.speech.call_talk_view import Break, TurnView
from cxcall.web.pages.speech.mood import SHARP, feeling
from cxcall.web.pages.speech.talk_view import GAPS, Piece, pieces
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PAUSES: dict[str, str] = {
    "card": N_("a card number was given"),
    "agent": N_("paused by the agent"),
}
"""Why a recording was paused, as it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the two sides are called: short and in full."""

    customer: str
    agents: dict[str, str]
    agent: str

    def of(self, said: Said) -> tuple[str, str]:
        if said.speaker == "customer":
            full = self.customer or _("Customer")
            return (first_word(full) if self.customer else full), full
        if said.speaker == "agent":
            full = self.agents.get(said.agent.casefold(), "") or self.agent
            return (first_word(full), full) if full else (_("Agent"), _("Agent"))
        return _("Speaker"), _("Speaker")


def rows(kept: Kept, reader: Reader, names: Names, shift: float, holds: Sequence[Span]) -> list[TurnView | Break]:
    """Turns with the holds and gaps between them, in order of time."""
    transcript = kept.transcript
    assert transcript is not None  # noqa: S101 - asked for by the caller
    now = turn_at(kept.said, reader.at)
    found: list[TurnView | Break] = [turn_view(one, kept, reader, names, shift, now=one.n == now) for one in kept.said]
    found += [Break(kind="hold", start=max(0.0, start), end=end) for start, end in holds if end > max(0.0, start)]
    found += [
        Break(kind="gap", start=gap.since + shift, end=gap.until + shift, why=GAPS.get(gap.why, gap.why))
        for gap in transcript.gaps
        if gap.why != "held"
    ]
    found += [Break(kind="pause", start=start, end=end, why=PAUSES.get(why, "")) for start, end, why in paused(kept)]
    return sorted(found, key=lambda row: (row.start, isinstance(row, TurnView)))


def paused(kept: Kept) -> list[tuple[float, float, str]]:
    """From when to when the recording that is heard was paused, and why; in its seconds, which are the page's."""
    sound = kept.sound
    if sound is None:
        return []
    ends = [(pause, sound.seconds if pause.until is None else pause.until) for pause in sound.pauses]
    return [(pause.since, end, pause.why) for pause, end in ends if end > pause.since]


def turn_view(said: Said, kept: Kept, reader: Reader, names: Names, shift: float, *, now: bool = False) -> TurnView:
    """One turn."""
    transcript = kept.transcript
    assert transcript is not None  # noqa: S101 - a turn has one
    felt = said.sentiment if said.speaker == "customer" else None
    name, full = names.of(said)
    corrected = said.text != said.heard
    return TurnView(
        n=said.n,
        side=said.speaker,
        name=name,
        full_name=full,
        start=max(0.0, said.start + shift),
        end=max(0.0, said.end + shift),
        t=int(said.start),
        pieces=pieces(said.shown, marks_of(said, kept)),
        feeling=feeling(felt),
        sharp=felt is not None and felt <= SHARP,
        version=said.version,
        draft=reader.draft or (said.text if reader.knows_hidden else said.shown),
        felt=said.felt,
        who=kept.correctors.get(said.corrected_by, said.corrected_by),
        at=said.corrected_at,
        heard=(Piece(text=heard_shown(said, transcript, current().country)),) if corrected else (),
        now=now,
        editing=reader.editing == said.n and reader.oversees,
        problem=reader.problem,
    )


def marks_of(said: Said, kept: Kept) -> tuple[Mark, ...]:
    """What is underlined in what is shown of a turn, as in the live text: feelings, what was found, hidden numbers."""
    found = []
    if said.speaker == "customer" and kept.transcript is not None:
        felt = sentiment.of_turn(said.text, kept.transcript.language)
        found += [
            ((one.start, one.end), "bad" if one.weight < 0 else "good")
            for one in (felt.found if felt else ())
            if abs(one.weight) >= CLEAR_WEIGHT
        ]
    for each in kept.found:
        category = kept.categories.get(each.category_id)
        if category is None or category.kind == "required":
            continue
        found += [(span, of_tone(category.tone)) for hit in each.hits if hit.n == said.n for span in hit.spans]
    return marks(Shown(said.text, hidden_of(said)), found)


def opening_at(said: Sequence[Said], at: float | None) -> float | None:
    """Where the page opens: addresses have whole seconds, so the beginning of the turn that begins in that second."""
    return next((one.start for one in said if at is not None and int(one.start) == at), at)


def turn_at(said: Sequence[Said], at: float | None) -> int:
    """The turn being said at second `at` of the transcript, else the last before it; 0 for none."""
    before = [one for one in said if at is not None and int(one.start) <= at]
    return before[-1].n if before else 0


def names_of(kept: Kept) -> Names:
    """How the speakers of a call are called."""
    record, transcript = kept.record, kept.transcript
    agents = {leg.channel.rpartition("-")[0].casefold(): leg.agent or leg.name or "" for leg in record.legs}
    agents |= {
        visit.interface.casefold(): visit.agent for visit in record.queue_visits if visit.interface and visit.agent
    }
    return Names(customer=kept.customer, agents=agents, agent=transcript.agent_name if transcript else "")


def first_word(name: str) -> str:
    return name.split()[0] if name.split() else name
