"""What pages are told of surveys, in short words; they fetch the rest."""

from __future__ import annotations

import dataclasses

from cxcall.bus import Bus
from cxcall.store.survey_responses import Response


class News:
    """Publishes on `surveys`, and on the channels of the call and the customer."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def of(self, response: Response) -> None:
        """Something about `response` is new."""
        if response.kind == "test":
            return
        news = {
            "response": response.id,
            "survey": response.survey_id,
            "state": response.state,
            "end": response.end,
            "call": response.call_id,
        }
        self._bus.publish("surveys", news)
        if response.call_id is not None:
            self._bus.publish(f"call:{response.call_id}", {"id": response.call_id, "survey": True})
        if response.customer_id is not None and response.state != "not_asked":
            self._bus.publish(f"customer:{response.customer_id}", {"id": response.customer_id})

    def started(self, response: Response) -> None:
        """The caller of `response` answers."""
        self.of(dataclasses.replace(response, state="started"))

    def alert(self, alert_id: str, open_now: int) -> None:
        """An alert was raised."""
        self._bus.publish("alerts", {"id": alert_id, "open": open_now})

    def task(self, task_id: str, owner_id: str | None) -> None:
        """A task was made."""
        self._bus.publish("tasks", {"id": task_id})
        if owner_id is not None:
            self._bus.publish(f"tasks:{owner_id}", {"id": task_id})
