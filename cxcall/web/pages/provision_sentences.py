"""Sentences with which reading and writing queues is refused or ends, for `listener_words.said`."""

from __future__ import annotations

from cxcall.web.words import N_

SENTENCES = (
    N_("The queues of this server are only watched. Switch it to managed first."),
    N_("Somebody else changed the file since cxcall wrote it. Nothing was written."),
    N_("Another version was applied meanwhile. Look at it before you apply yours."),
    N_("The connection to Asterisk broke. The queues are as they were before."),
    N_("The connection to Asterisk broke. The queues are as they were before. %(why)s"),
    N_("The connection to Asterisk broke in the middle. cxcall looks what was written as soon as Asterisk answers."),
    N_("Nothing was written. %(why)s"),
    N_("Nothing was done. %(why)s"),
    N_("There is no such version."),
    N_("Asterisk already has a queue %(name)s that another file defines."),
    N_("Asterisk did not keep %(name)s: %(why)s."),
    N_("Asterisk did not keep the hours and destinations of the queues: %(why)s."),
    N_("A line of [%(name)s] holds a line end."),
    N_("A line of [%(name)s] is longer than Asterisk reads: %(line)s"),
    N_("A name in the configuration holds a line end."),
    N_("Asterisk refused to write %(file)s: %(why)s."),
    N_("This manager user may not read %(file)s: add config to its write line in manager.conf."),
    N_("This manager user may not write %(file)s: add config to its write line in manager.conf."),
    N_("The connection to %(where)s failed: %(why)s"),
    N_("What answers there is not Asterisk's manager interface."),
    N_("Asterisk did not answer %(action)s within %(seconds)s s."),
    N_("%(file)s did not read back as it was written. It is as before."),
    N_(
        "Asterisk does not read %(file)s: %(queues)s did not appear. Add `#include %(line)s` at the end"
        " of queues.conf (FreePBX, Issabel: queues_custom.conf). The file is as before."
    ),
)
