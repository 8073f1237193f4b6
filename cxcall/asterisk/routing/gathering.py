"""All that is known of one call, put together: the caller from the database, the floor from the wallboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from cxcall.asterisk.routing import floor_facts
from cxcall.asterisk.routing.library import Known, Library
from cxcall.asterisk.routing.question import Question
from cxcall.bus.routing import Floor
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.customers.number import fold, withheld
from cxcall.routing.facts import AgentNow, Facts, QueueNow, Said
from cxcall.store.routing_facts import KnownFacts

Rules = Mapping[str, int | None]
"""Queue rules that an Asterisk has, with the highest penalty asked at first."""


class Gathering:
    """`picture` gives the wallboard as it is, `rules_of` the queue rules of a server."""

    def __init__(
        self,
        *,
        library: Library,
        country: str,
        picture: Callable[[], BoardSnapshot],
        rules_of: Callable[[str], Rules],
    ) -> None:
        self._library = library
        self._country = country
        self._picture = picture
        self.rules_of = rules_of
        self._made: dict[str, tuple[BoardSnapshot, Known, dict[str, QueueNow], dict[str, AgentNow]]] = {}
        self._owners: tuple[BoardSnapshot, dict[tuple[str, str], str]] | None = None

    def numbers(self, question: Question) -> tuple[str, str]:
        """The caller's number and the one they dialled: E.164 where it is one, else as it came; "" where withheld."""
        return self._number(question.number), self._number(question.called)

    def owners(self) -> dict[tuple[str, str], str]:
        """Whose each phone is now."""
        picture = self._picture()
        if self._owners is None or self._owners[0] is not picture:
            self._owners = picture, floor_facts.owners(picture)
        return self._owners[1]

    def floor(self, server: str, day: date) -> Floor:
        """Queues and agents of a server now."""
        queues, agents = self._now(server)
        return Floor(queues=queues, agents=agents, holiday=self._library.known.holiday(server, "", day))

    def facts(self, server: str, question: Question, at: datetime, known: KnownFacts, said: Said | None) -> Facts:
        """All of it, for one call."""
        number, called = self.numbers(question)
        queues, agents = self._now(server)
        return Facts(
            at=at,
            server=server,
            call=question.call,
            number=number,
            called=called,
            queue=question.queue,
            holiday=self._library.known.holiday(server, question.queue, at.date()),
            customer=known.customer,
            past=known.past,
            queues=queues,
            agents=agents,
            said=said,
        )

    def _number(self, raw: str) -> str:
        return fold(raw, self._country) or ("" if withheld(raw) else raw)

    def _now(self, server: str) -> tuple[dict[str, QueueNow], dict[str, AgentNow]]:
        """Made once for each picture: two hundred calls a second ask."""
        picture, known = self._picture(), self._library.known
        made = self._made.get(server)
        if made is None or made[0] is not picture or made[1] is not known:
            queues = floor_facts.queues_now(
                picture, server, names=known.queues.get(server, ()), handle=known.handle, levels=known.levels
            )
            made = self._made[server] = picture, known, queues, floor_facts.agents_now(picture, server)
        return made[2], made[3]
