"""/quality/calibration: whether those who scored the same calls agree, item by item, and the calls they did it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.store.quality import results
from cxcall.store.quality.results import ItemAgreement
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.own_reports.periods import QUICK
from cxcall.web.pages.quality.results import Asked, asked_of
from cxcall.web.pages.quality.shared import PATH, Known, in_language, known
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

FEW = 10
"""Pairs under which an agreement says little."""
_WORDS: tuple[tuple[float, str], ...] = (
    (0.8, N_("nearly the same")),
    (0.6, N_("good")),
    (0.4, N_("fair: talk about this item")),
    (0.0, N_("poor: the item is read differently")),
)
"""From which kappa on, as bands in common use have it (Landis and Koch 1977, the lower ones together)."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationView:
    """`pairs`: the calls two people scored, the same for each item."""

    asked: Asked
    cards: Sequence[tuple[str, str]]
    items: Sequence[ItemAgreement]
    known: Known

    @property
    def quick(self) -> list[tuple[str, str]]:
        return [(key, _(words)) for key, words in QUICK.items()]

    def title(self, item: ItemAgreement) -> str:
        return in_language(item.title)

    def word(self, item: ItemAgreement) -> str:
        """What an agreement means; "" where there are too few pairs to say."""
        kappa = item.agreement.kappa
        if item.agreement.n < FEW:
            return ""
        if kappa is None:
            return _("always the same answer, by both")
        return _(next((word for least, word in _WORDS if kappa >= least), _WORDS[-1][1]))

    def few(self, item: ItemAgreement) -> bool:
        return item.agreement.n < FEW


@routes.get(PATH + "/calibration")
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    asked = asked_of(request)
    async with request.app[ENGINE].connect() as conn:
        names = await known(conn)
        card = asked.card or next(iter(names.cards), "")
        items = await results.agreements(conn, asked.question.span, card, reader=user_of(request).id) if card else []
    view = CalibrationView(asked=asked.of_card(card), cards=list(names.cards.items()), items=items, known=names)
    return page(request, "quality/calibration.html", view, status=422 if asked.error else 200)
