"""What can go wrong in a conversation with Asterisk about a call, and whose fault it is."""

from __future__ import annotations


class AgiError(Exception):
    """A conversation went wrong."""


class CommandError(AgiError):
    """We asked for something that can't be sent: a line end in an argument, too long a line, two commands at once."""


class CommandRejected(AgiError):
    """Asterisk does not know this command (510) or not this use of it (520): a module is missing, or we are wrong."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"Asterisk answered {code}: {text.partition(chr(10))[0]}")
        self.code = code
        self.text = text


class NoSuchApplication(CommandRejected):
    """EXEC of an application this Asterisk has not loaded."""


class SessionOver(AgiError):
    """Nothing more can be asked of this call. A handler lets it through."""


class CallerHungUp(SessionOver):
    """The channel is gone; its variables can still be set."""


class ConnectionClosed(SessionOver):
    """Asterisk closed the connection, or we did."""


class NoAnswerInTime(SessionOver):
    """Asterisk did not answer a command in its time; the connection was closed, so that the call goes on."""


class PeerError(SessionOver):
    """What came is not AGI: whoever sent it is not Asterisk, or broken."""


class TooMuch(PeerError):
    """More came than any Asterisk sends: an endless header or line."""
