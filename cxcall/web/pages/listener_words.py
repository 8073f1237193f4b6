"""Sentences of the listener and its acts in the reader's language: English there, with names and numbers in them.

A sentence without a pattern here is shown as it came.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from cxcall.web.words import N_
from cxcall.web.words import gettext as _

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"There is no number (?P<number>\S+) to transfer to\.", N_("There is no number %(number)s to transfer to.")),
        (r"Asterisk refused: (?P<why>.+)\.", N_("Asterisk refused: %(why)s.")),
        (
            r"Asterisk refused the login of “(?P<user>.*)”: (?P<why>.+)\.",
            N_("Asterisk refused the login of %(user)s: %(why)s."),
        ),
        (
            r"Compare user “(?P<user>.*)” and its secret with manager\.conf on (?P<host>\S+), and see that its permit= "
            r"line allows this machine's address; then `manager reload` in Asterisk's console\.",
            N_(
                "Compare user %(user)s and its secret with manager.conf on %(host)s, and see that its permit= line"
                " allows this machine's address; then `manager reload` in Asterisk's console."
            ),
        ),
        (r"(?P<where>\S+) did not answer in time\.", N_("%(where)s did not answer in time.")),
        (r"Nothing listens on (?P<where>\S+)\.", N_("Nothing listens on %(where)s.")),
        (r"The name (?P<host>\S+) is not known\.", N_("The name %(host)s is not known.")),
        (
            r"Asterisk was silent for (?P<seconds>\d+) s and did not answer a ping\.",
            N_("Asterisk was silent for %(seconds)s s and did not answer a ping."),
        ),
    )
)
FIXED = (
    N_("There is no connection to Asterisk now. Nothing was done."),
    N_("Asterisk did not answer in time. Look whether it was done before you try again."),
    N_("This phone is in no queue."),
    N_("Say where to transfer the call to."),
    N_("The text must be one line."),
    N_("Say which phone to ring: its number."),
    N_("Nobody answered the phone."),
    N_("This call is over for a while."),
    N_("There is no script to try."),
    N_("Say which prompt to record, and in which language."),
    N_("This Asterisk has a disk of its own: record in the browser or send a file."),
    N_("Asterisk could not write the recording; cxcall doctor says what is missing."),
    N_("The survey was broken off; the log of cxcall says why."),
    N_("The recording could not be kept; the log of cxcall says why."),
    N_("No password is set for this Asterisk."),
    N_("Set `secret` of its [[ami]] table."),
    N_("It takes over by itself when the other one stops."),
    N_("Asterisk did not tell which calls are up."),
    N_("Give the manager user the right to read `call,system`."),
    N_("Only a part of the event filter could be set; connecting again without it."),
    N_("This is an error in cxcall; its log has the details."),
    N_("Check address, port and the firewall between the two machines."),
    N_("See that Asterisk runs and that manager.conf has enabled=yes with this port and bindaddr."),
    N_("Check the host name, or give the address itself."),
    N_("Asterisk may have been restarted; cxcall connects again by itself and asks what is going on now."),
)
"""Sentences without names in them: known to the catalogues by standing here."""


def said(sentence: str) -> Markup:
    """`sentence` as the reader understands it, its names kept in their own direction."""
    for pattern, key in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            names = {name: Markup('<bdi dir="ltr">{}</bdi>').format(value) for name, value in found.groupdict().items()}
            return escape(_(key)) % names
    return escape(_(sentence))
