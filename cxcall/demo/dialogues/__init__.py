"""What people say in the demo: talks written for it. The English ones are spoken as well, in the order they are here."""

from __future__ import annotations

from cxcall.demo.dialogues import content, persian, unhappy
from cxcall.demo.dialogues.dialogue import Dialogue, Line, Side

__all__ = ["PERSIAN", "SPOKEN", "Dialogue", "Line", "Side"]

SPOKEN: tuple[Dialogue, ...] = (
    content.PRAISE,
    unhappy.LATE_DELIVERY,
    content.APPOINTMENT,
    unhappy.MANAGER,
    unhappy.DOUBLE_CHARGE,
    content.CARD,
    unhappy.INTERNET_DOWN,
    unhappy.CANCEL,
    content.PRICE,
    unhappy.THIRD_CALL,
    unhappy.REFUND_REFUSED,
    content.ADDRESS,
    content.PRIVACY,
)
"""Short ones first: their sound is ready first."""

PERSIAN: tuple[Dialogue, ...] = persian.DIALOGUES
