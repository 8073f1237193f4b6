"""One call that is listened to, or was decided not to be: what it has, and what it should have now. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxcall.asterisk.tap.ear import Ear
from cxcall.calls.stage import Party, Stage
from cxcall.speech.listening import Consented, Decision, Listening

_OFF = Listening()

TRIES = 2
"""Times a channel is tried: once more after a failure, never again and again."""


@dataclass(slots=True, eq=False)
class Tapped:
    """`queue` is the one the decision was made for; `ears` are by unique id of the channel; `tries` likewise.

    `consent`: what the caller said. `asked_for`: a supervisor wants it heard; `stopped`: does not. `told`: the
    receiver knows of it. `problem`: a sentence on what could not be listened to.
    """

    call_id: str
    queue: str = ""
    listening: Listening = _OFF
    decision: Decision | None = None
    consent: Consented = ""
    deciding: bool = False
    asked_for: bool = False
    stopped: bool = False
    over: bool = False
    told: bool = False
    problem: str = ""
    ears: dict[str, Ear] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)

    @property
    def heard(self) -> bool:
        return self.decision is not None and self.decision.heard and not self.stopped and not self.over

    @property
    def known(self) -> bool:
        """Whether the receiver knows of this call."""
        return self.told or any(ear.told for ear in self.ears.values())

    def missing(self, stage: Stage) -> list[Party]:
        """Whom nobody listens to yet and somebody should."""
        return [party for party in wanted(stage) if party.uid not in self.ears and self.tries.get(party.uid, 0) < TRIES]


def wanted(stage: Stage) -> list[Party]:
    """Whom to listen to: everyone who talks, and the customer as soon as somebody is rung for them.

    So the customer's first word is not lost while a spy starts (0.12 s), and those who wait long in a queue cost
    nothing. A customer of another call, met in a conference, is left to that call's own decision.
    """
    found = [party for party in stage.parties if party.talks and (party.call_id == stage.call_id or not party.customer)]
    customer = stage.customer
    if stage.offered and customer is not None and customer not in found:
        found.insert(0, customer)
    return found
