"""Sentences of the listener and its acts in the reader's language: English there, with names and numbers in them.

A sentence that is not known here is shown as it came.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from cxcall.web.pages import provision_sentences, speech_sentences
from cxcall.web.pages.floor import sentences as floor_sentences
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

SENTENCES = (
    N_("There is no number %(number)s to transfer to."),
    N_("Asterisk refused: %(why)s."),
    N_("Asterisk refused the login of %(user)s: %(why)s."),
    N_(
        "Compare user %(user)s and its secret with manager.conf on %(host)s, and see that its permit= line"
        " allows this machine's address; then `manager reload` in Asterisk's console."
    ),
    N_("%(where)s did not answer in time."),
    N_("Nothing listens on %(where)s."),
    N_("The name %(host)s is not known."),
    N_("Asterisk was silent for %(seconds)s s and did not answer a ping."),
    N_("There is no connection to Asterisk now. Nothing was done."),
    N_("Asterisk did not answer in time. Look whether it was done before you try again."),
    N_("This phone is in no queue."),
    N_("There is no such Asterisk."),
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
    N_("This call has already ended."),
    N_("Say where to transfer the call to: a number."),
    N_("Asterisk can't say whether this number exists: load its module func_dialplan."),
    N_("The session failed: %(why)s."),
    N_("The session could not go on: %(why)s"),
    N_("The session ended."),
    N_("We closed the connection."),
    N_("Asterisk closed the connection."),
    N_("The connection broke: %(why)s."),
    N_("What listens there is not Asterisk's manager interface."),
    N_("More events came than could be worked through, and the inbox stayed full."),
    N_("Give this manager user the rights of asterisk-conf/manager_cxcall.conf, and `manager reload`."),
    N_("The database can't be asked now."),
)
"""%(name)s stands for what differs; quotation marks around it go."""

_PLACE = re.compile(r"%\\\((\w+)\\\)s")


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"“?(?P<\1>.+?)”?", re.escape(key)), re.DOTALL)


_ALL = (
    *SENTENCES, *speech_sentences.SENTENCES, *floor_sentences.SENTENCES, *provision_sentences.SENTENCES,
)  # fmt: skip
_FIXED = frozenset(key for key in _ALL if "%(" not in key)
_PATTERNS = tuple(
    (_pattern(key), key) for key in sorted(_ALL, key=lambda key: -len(_PLACE.sub("", re.escape(key)))) if "%(" in key
)
"""Which say most of themselves come first."""


def said(sentence: str) -> Markup:
    """`sentence` as the reader understands it, its names kept in their own direction."""
    known = _known(sentence)
    return escape(_(sentence)) if known is None else known


def _known(sentence: str) -> Markup | None:
    if sentence in _FIXED:
        return escape(_(sentence))
    for pattern, key in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return escape(_(key)) % {name: _part(name, value) for name, value in found.groupdict().items()}
    return None


def _part(name: str, value: str) -> Markup:
    """A name or number as it is; a reason is a sentence itself, or what a stranger said."""
    known = _known(value) if name == "why" else None
    return Markup('<bdi dir="ltr">{}</bdi>').format(value) if known is None else known
