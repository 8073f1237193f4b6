"""Sentences with which stepping in is refused, for `listener_words.said`."""

from __future__ import annotations

from cxcall.web.words import N_

SENTENCES = (
    N_("The configuration of the queue names this member, so it can only be paused there."),
    N_("There is no such queue."),
    N_("This phone is not in this queue any more."),
    N_("Set `atxfer` in features.conf, then an attended transfer is possible."),
    N_("Asterisk has no context cxcall-take yet: renew extensions_cxcall.conf and reload it."),
    N_("Asterisk did not begin the transfer: its Queue() or Dial() needs the option t. The call goes on as it was."),
    N_("You don't have the right to do this."),
    N_("This phone is in the call itself."),
    N_("Asterisk did not switch; stop and begin anew."),
    N_("Your phone did not answer."),
    N_("Asterisk did not end it: hang up your phone."),
)
