"""What Asterisk answers when it does not do something, as a person reads it. docs/decisions/0335 has where it lies."""

from __future__ import annotations

from cxcall.asterisk.ami.errors import AmiError, ConnectionLost, NoAnswerInTime, NotConnected


def words(error: AmiError) -> str:
    """The refusal as a person reads it."""
    if isinstance(error, NotConnected):
        return "There is no connection to Asterisk now. Nothing was done."
    if isinstance(error, (NoAnswerInTime, ConnectionLost)):
        return "Asterisk did not answer in time. Look whether it was done before you try again."
    told = str(error).lower()
    for part, sentence in _KNOWN:
        if part in told:
            return sentence
    return f"Asterisk refused: {error}."


_KNOWN = (
    ("no such channel", "This call has already ended."),
    ("does not exist", "This call has already ended."),
    ("interface not found", "This phone is in no queue."),
    ("not dynamic", "The configuration of the queue names this member, so it can only be paused there."),
    ("no such queue", "There is no such queue."),
    ("unable to add interface to queue: no such queue", "There is no such queue."),
    ("no attended transfer feature code", "Set `atxfer` in features.conf, then an attended transfer is possible."),
)
