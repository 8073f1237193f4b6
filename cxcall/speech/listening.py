"""Which calls are heard: what a site chose for a queue, and the decision for one call with its reason."""

from __future__ import annotations

from typing import Literal

import msgspec

Consent = Literal["not_needed", "asked"]
"""Of the site's rules: callers need not be asked (or are told by the announcement), or they decide before the queue."""

Said = Literal["unknown", "yes", "no"]
"""What the caller said to it (channel variable CX_CONSENT)."""


class Listening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with the talks of a queue.

    `live`: transcribed while they go on, of `live_share` per cent of the calls and, if `tiers` has any, only of
    customers of those tiers. `after`: transcribed from the recording when they were not heard live. `record`: kept as
    sound, of `record_share` per cent, for `keep_days` days (0: for good). `language`, `engine`: empty for the site's.
    """

    live: bool = False
    live_share: float = 100.0
    tiers: tuple[str, ...] = ()
    after: bool = False
    record: bool = False
    record_share: float = 100.0
    keep_days: int = 0
    consent: Consent = "not_needed"
    language: str = ""
    engine: Literal["", "vosk", "whisper"] = ""


Why = Literal["chosen", "asked_for", "off", "share", "tier", "no_consent", "refused", "no_model", "overload"]
"""Why a talk is heard (`chosen` by its queue, `asked_for` by a supervisor) or not."""
