"""Settings of queues.conf: Asterisk's name for each field of a queue, and how its values are written and read.

Every setting is always written, in the same order: what [general] or an older line said decides nothing. Names and
meanings are those of Asterisk's own sample of queues.conf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from cxcall.queues.definition import (
    AutoPause,
    PlaceTold,
    Presence,
    QueueDefinition,
    Strategy,
    Told,
)

WRAP_UP_BRIDGE_S = 2
"""Asterisk's own wrap-up, at most: until cxcall's pause, which is the wrap-up, holds (0349)."""
_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})
_LOOSE: tuple[Presence, ...] = ("penalty", "invalid")
_NO: tuple[Presence, ...] = ("penalty", "paused", "invalid")
_STRICT: tuple[Presence, ...] = (*_NO, "unavailable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`var`: Asterisk's name. `field`: ours, with a dot for a part of it. `sound`: it names sounds callers hear.

    `write` gives the value; `read` the field's value, ValueError for what it can't mean.
    """

    var: str
    field: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    sound: bool = False


def value_of(definition: QueueDefinition, field: str) -> Any:
    """The value of a field such as `announcements.every`."""
    value: Any = definition
    for part in field.split("."):
        value = getattr(value, part)
    return value


def with_value(definition: QueueDefinition, field: str, value: Any) -> QueueDefinition:
    """The queue with a field such as `announcements.every` changed."""
    outer, _, inner = field.partition(".")
    if inner:
        value = msgspec.structs.replace(getattr(definition, outer), **{inner: value})
    return msgspec.structs.replace(definition, **{outer: value})


def bridged(wrap_up: int) -> int:
    """What Asterisk itself holds of a wrap-up: seconds."""
    return min(wrap_up, WRAP_UP_BRIDGE_S)


def _count(value: str) -> int:
    if not value.isdecimal():
        raise ValueError(value)
    return int(value)


def _seconds_of_target(value: str) -> int:
    return max(_count(value), 1)


def _weight(value: str) -> int:
    return int(value)


def _said(value: bool) -> str:
    return "yes" if value else "no"


def _true(value: str) -> bool:
    return value.lower() in _TRUE


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def read(value: str) -> str:
        word = value.lower()
        if word in words:
            return word
        if "yes" in words:
            return _said(_true(value))
        raise ValueError(value)

    return read


def _states(free: str) -> Callable[[tuple[Presence, ...] | None], str]:
    return lambda states: ",".join(states) if states else free


def _states_read(meanings: Mapping[str, tuple[Presence, ...] | None]) -> Callable[[str], tuple[Presence, ...] | None]:
    known = get_args(Presence)

    def read(value: str) -> tuple[Presence, ...] | None:
        if value.lower() in meanings:
            return meanings[value.lower()]
        words = [word.strip().lower() for word in value.split(",")]
        if not all(word in known for word in words):
            raise ValueError(value)
        return tuple(dict.fromkeys(words))  # type: ignore[arg-type]  # each is one of the known words

    return read


def _listed(sounds: tuple[str, ...]) -> str:
    return ",".join(sounds)


def _list_read(value: str) -> tuple[str, ...]:
    return tuple(sound.strip() for sound in value.split(",") if sound.strip())


def _plain(var: str, field: str, *, sound: bool = False) -> Setting:
    return Setting(var=var, field=field, write=str, read=str, sound=sound)


def _number(var: str, field: str, read: Callable[[str], int] = _count) -> Setting:
    return Setting(var=var, field=field, write=str, read=read)


def _yes_no(var: str, field: str) -> Setting:
    return Setting(var=var, field=field, write=_said, read=_true)


def _word(var: str, field: str, words: tuple[str, ...]) -> Setting:
    return Setting(var=var, field=field, write=str, read=_one_of(words))


SETTINGS: tuple[Setting, ...] = (
    _word("strategy", "strategy", get_args(Strategy)),
    _number("timeout", "ring"),
    _number("retry", "retry"),
    Setting(var="wrapuptime", field="wrap_up", write=lambda seconds: str(bridged(seconds)), read=_count),
    _number("weight", "weight", _weight),
    _number("maxlen", "most_callers"),
    _number("servicelevel", "targets.answer_within", _seconds_of_target),
    Setting(
        var="joinempty",
        field="join_empty",
        write=_states("yes"),
        read=_states_read({"yes": None, "no": _NO, "strict": _STRICT, "loose": _LOOSE}),
    ),
    Setting(
        var="leavewhenempty",
        field="leave_empty",
        write=_states("no"),
        read=_states_read({"no": None, "yes": _NO, "strict": _STRICT, "loose": _LOOSE}),
    ),
    _plain("musicclass", "music"),
    _yes_no("autofill", "autofill"),
    _yes_no("ringinuse", "ring_busy"),
    _number("memberdelay", "member_delay"),
    _yes_no("timeoutrestart", "restart_ring"),
    _word("autopause", "auto_pause", get_args(AutoPause)),
    _number("autopausedelay", "auto_pause_after"),
    _yes_no("autopausebusy", "auto_pause_busy"),
    _yes_no("autopauseunavail", "auto_pause_unavailable"),
    _word("announce-position", "announcements.place", get_args(PlaceTold)),
    _number("announce-position-limit", "announcements.place_limit"),
    _word("announce-holdtime", "announcements.wait", get_args(Told)),
    _number("announce-round-seconds", "announcements.round_seconds"),
    _number("announce-frequency", "announcements.every"),
    _number("min-announce-frequency", "announcements.least_every"),
    _yes_no("announce-to-first-user", "announcements.first_at"),
    Setting(var="periodic-announce", field="announcements.periodic", write=_listed, read=_list_read, sound=True),
    _number("periodic-announce-frequency", "announcements.periodic_every"),
    _plain("announce", "announcements.to_agent", sound=True),
    _yes_no("reportholdtime", "announcements.wait_to_agent"),
    _plain("context", "exit_context"),
)
"""Asterisk's settings in the order they are written."""

BY_NAME: Mapping[str, Setting] = {setting.var: setting for setting in SETTINGS} | {
    old: next(setting for setting in SETTINGS if setting.var == "musicclass") for old in ("music", "musiconhold")
}
"""Settings by every name Asterisk takes for them."""

FIXED: Mapping[str, str] = {"setinterfacevar": "yes"}
"""What cxcall itself needs: the survey after the call asks who answered."""
