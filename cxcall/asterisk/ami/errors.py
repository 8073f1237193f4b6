"""What can go wrong with an action. The text is a sentence for people."""

from __future__ import annotations


class AmiError(Exception):
    """An action was not done, or its outcome is not known."""


class NotConnected(AmiError):
    """There is no logged-in session now; nothing was sent and nothing will be."""


class ConnectionLost(AmiError):
    """The session ended before the answer came; the action may have been done."""


class NoAnswerInTime(AmiError):
    """The answer did not come within the limit; the action may have been done."""


class Refused(AmiError):
    """Asterisk answered with an error; the text is Asterisk's own message."""
