"""What people do to calls, phones and queue members from a page. Done now or refused in words, never later."""

from cxcall.asterisk.acts.doing import do

__all__ = ["do"]
