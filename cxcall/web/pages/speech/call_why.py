"""Why a call has no recording or no transcript, in a sentence, and how far one is that is being made."""

from __future__ import annotations

from markupsafe import escape

from cxcall.speech.listening import Listening
from cxcall.web.dates import day_text
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.speech.call_loading import Kept
from cxcall.web.pages.speech.call_reader import Reader
from cxcall.web.unread_recordings import sentence
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

SHORT_S = 3.0
"""A talk shorter than this has nothing to be heard."""
_UNDER_WAY = ("waiting", "running")

NO_RIGHT = N_("Recordings are heard by supervisors here.")
NOBODY_TALKED = N_("Nobody was reached in this call, so there is nothing to hear.")
TOO_SHORT = N_("The talk was too short to be recorded.")
REFUSED = N_("The caller did not consent to being recorded.")
NOT_ASKED = N_("The caller was not asked for consent, so nothing was recorded.")
NOT_RECORDED = N_("Calls of this queue are not recorded.")
NOT_CHOSEN = N_("A share of this queue's calls is recorded, and this one was not among them.")
NONE = N_("There is no recording of this call.")
NOW = N_("The call is being recorded. It can be heard here when it is over.")
COMING = N_("The recording is on its way from Asterisk.")
UNHEARD = N_("This call was not heard while it went on.")
UNHEARD_OFF = N_("Calls of this queue are not written down.")
NO_REASON = N_("No reason was given.")
EMPTY = N_("Nobody said anything that could be understood.")


def silent(kept: Kept, reader: Reader) -> str:
    """Why there is no recording; empty when there is one the reader may hear."""
    if kept.sound is not None and not reader.hears:
        return _(NO_RIGHT)
    if kept.sound is not None:
        return "" if reader.knows_hidden or not kept.unread else _(sentence(kept.unread, reader.unhidden_for))
    states = {one.state: one for one in kept.recordings}
    if "recording" in states:
        return _(NOW)
    if "waiting" in states:
        return _(COMING)
    if "failed" in states:
        return escape(_("The recording failed: %(why)s")) % {"why": said(states["failed"].problem)}
    if "gone" in states:
        when = day_text(states["gone"].updated_at)
        return _("The recording was deleted on %(day)s, when its time was over.") % {"day": when}
    return _(_never(kept, kept.listening or Listening()))


def _never(kept: Kept, rules: Listening) -> str:
    record, transcript = kept.record, kept.transcript
    if record.answered_at is None:
        return NOBODY_TALKED
    if transcript is not None and transcript.consent == "no":
        return REFUSED
    if rules.record and rules.consent == "asked" and (transcript is None or transcript.consent != "yes"):
        return NOT_ASKED
    if not rules.record:
        return NOT_RECORDED
    if record.ended_at is not None and (record.ended_at - record.answered_at).total_seconds() < SHORT_S:
        return TOO_SHORT
    return NOT_CHOSEN if rules.record_share < 100 else NONE


def unread(kept: Kept) -> str:
    """Why there is no text."""
    transcript, rules = kept.transcript, kept.listening or Listening()
    if transcript is not None and transcript.state == "done":
        return _(EMPTY)
    if kept.record.answered_at is None:
        return "" if kept.sound is None else _(NOBODY_TALKED)
    if transcript is None and not (rules.live or rules.after):
        return _(UNHEARD_OFF)
    return _(UNHEARD)


def progress(kept: Kept) -> float | None:
    """How far the transcript is, 0…1; None when none is being made from a recording."""
    transcript, job = kept.transcript, kept.job
    if job is not None and job.state in _UNDER_WAY:
        return job.progress
    if transcript is not None and transcript.state in _UNDER_WAY:
        return transcript.progress
    return None


def failed(kept: Kept) -> str:
    """What went wrong with the transcript when it was tried last, a sentence; empty when nothing did."""
    transcript, job = kept.transcript, kept.job
    if job is not None and job.state == "failed":
        return said(job.problem or NO_REASON)
    if transcript is not None and transcript.state == "failed":
        return said(transcript.problem or NO_REASON)
    return ""


def can_transcribe(kept: Kept) -> bool:
    """Whether there is sound without a whole text, and nobody is at it."""
    if kept.sound is None or progress(kept) is not None:
        return False
    return bool(failed(kept)) or kept.transcript is None or not kept.said
