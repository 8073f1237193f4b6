"""What a queue's rules mean in words, and what they would cost by the talk of last week; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxcall.speech.listening import Listening
from cxcall.store.speech_settings import EVERY
from cxcall.store.talk_loads import TalkLoad
from cxcall.web.digits import number_text
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

DAYS = 7
WORKING_S = 8 * 3600
"""A day's calls come in about this time: what one of its seconds needs is the day's work by it."""
TIERS: Mapping[str, str] = {"bronze": N_("Bronze"), "silver": N_("Silver"), "gold": N_("Gold")}


def summary(listening: Listening) -> str:
    """The rules in one sentence."""
    parts = []
    if listening.live:
        parts.append(_heard(listening))
    if listening.after:
        parts.append(_("what was not heard live is written down after the call from its recording"))
    if listening.record:
        keep = listening.keep_days
        kept = (
            ngettext("kept %(n)s day", "kept %(n)s days", keep) % {"n": number_text(keep)}
            if keep
            else _("kept for good")
        )
        share = {"share": number_text(listening.record_share), "kept": kept}
        parts.append(
            _("all calls are recorded, %(kept)s") % share
            if listening.record_share >= 100
            else _("%(share)s of 100 calls are recorded, %(kept)s") % share
        )
        if not listening.after:
            parts.append(_("numbers said aloud stay in recordings that are not written down"))
    if not parts:
        return _("Nothing is listened to and nothing recorded.")
    if listening.consent == "asked":
        parts.append(_("only when the caller agreed"))
    text = _("; ").join(parts)
    return text[:1].upper() + text[1:] + "."


def load_of(loads: Iterable[TalkLoad], server: str, queue: str, own: frozenset[tuple[str, str]]) -> tuple[int, float]:
    """Calls and seconds talked of the calls the rules of (server, queue) hold for; `own`: all that have rules."""
    calls, seconds = 0, 0.0
    for load in loads:
        if holder(load.server, load.queue, own) == (server, queue):
            calls, seconds = calls + load.calls, seconds + load.seconds
    return calls, seconds


def holder(server: str, queue: str, own: frozenset[tuple[str, str]]) -> tuple[str, str] | None:
    """Whose rules hold for a call, the nearest first: as `speech_settings.of` finds them."""
    names = ((server, queue), (EVERY, queue), (server, EVERY), (EVERY, EVERY))
    return next((name for name in names if name in own), None)


def effect(listening: Listening, calls: int, seconds: float, factor: float | None) -> str:
    """What it would do by last week's calls: how many a day, and how much of a processor."""
    if not calls:
        return _("No call of it in the last 7 days, so there is nothing to reckon with.")
    sentences = []
    if listening.live:
        share = listening.live_share / 100
        heard = calls / DAYS * share
        values = {"n": _about(heard), "tiers": ""}
        limit = _(" at most, as customers of other tiers are left out") if listening.tiers else ""
        sentences.append(_("About %(n)s calls a day would be heard live%(limit)s.") % {**values, "limit": limit})
        if factor is None:
            sentences.append(_("What that costs is known once something was transcribed here."))
        else:
            cores = seconds / DAYS * share * factor / WORKING_S
            sentences.append(
                _("In a day of 8 hours that needs about %(n)s of a processor core.")
                % {"n": number_text(max(cores, 0.01), 2)}
            )
    if listening.record:
        share = listening.record_share / 100
        gigabytes = seconds / DAYS * share * 12_000 / 1e9
        kept = listening.keep_days or 365
        values = {"n": _about(calls / DAYS * share), "gb": number_text(max(gigabytes * kept, 0.1), 1)}
        sentences.append(
            _("About %(n)s recordings a day: some %(gb)s GB in the time they are kept.") % values
            if listening.keep_days
            else _("About %(n)s recordings a day: some %(gb)s GB in a year.") % values
        )
    return " ".join(sentences) or _("About %(n)s calls a day, of which nothing is kept.") % {"n": _about(calls / DAYS)}


def _heard(listening: Listening) -> str:
    tiers = _(", ").join(_(TIERS[tier]) for tier in listening.tiers if tier in TIERS)
    share = {"share": number_text(listening.live_share), "tiers": tiers}
    if tiers and listening.live_share >= 100:
        return _("calls of customers of tier %(tiers)s are heard live") % share
    if tiers:
        return _("%(share)s of 100 calls of customers of tier %(tiers)s are heard live") % share
    if listening.live_share >= 100:
        return _("all calls are heard live")
    return _("%(share)s of 100 calls are heard live") % share


def _about(value: float) -> str:
    return number_text(value, 0 if value >= 10 or value == round(value) else 1)
