"""Holidays as people read them."""

from __future__ import annotations

import pytest

from cxcall.reports.holidays import IRAN
from cxcall.web import presentation
from cxcall.web.holiday_words import KNOWN, holiday_text
from cxcall.web.presentation import Presentation

PERSIAN = set("ءآأؤئابتثجحخدذرزسشصضطظعغفقلمنهوپچژکگی۰۱۲۳۴۵۶۷۸۹ \u200c")


@pytest.mark.parametrize("title", sorted(set(IRAN.values())))
def test_every_holiday_of_the_country_has_a_name_in_both_languages(title: str) -> None:
    presentation.use(Presentation(language="en"))
    assert holiday_text(title) == title
    presentation.use(Presentation(language="fa"))
    assert set(holiday_text(title)) <= PERSIAN
    assert title in KNOWN


def test_what_a_site_wrote_stays_as_it_is() -> None:
    presentation.use(Presentation(language="fa"))
    assert holiday_text("Holiday") == "Holiday", "also when it is a word of ours"
    assert holiday_text("") == "تعطیل"
