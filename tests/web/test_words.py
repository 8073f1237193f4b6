"""Words in both languages, digits, dates, numbers: what the filters write, and that nothing stays untranslated."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import pytest
from aiohttp import web

from cxcall.web import dates, filters, presentation, render, ui_words, words
from cxcall.web.assets import load
from cxcall.web.digits import clock_text, digits, number_text, typed
from cxcall.web.phones import grouped
from cxcall.web.presentation import Presentation
from tests.support import messages

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
ENGLISH = Presentation(zone=TEHRAN, now=NOW)
PERSIAN = Presentation(language="fa", digits="persian", calendar="jalali", zone=TEHRAN, now=NOW)


@pytest.fixture
def persian() -> None:
    presentation.use(PERSIAN)


@pytest.fixture
def english() -> None:
    presentation.use(ENGLISH)


def test_every_text_is_translated() -> None:
    untranslated = messages.missing()
    assert not untranslated, "\n" + "\n".join(messages.entry(text) for text in untranslated)


def test_files_that_translate_the_same_text_agree() -> None:
    seen: dict[tuple[str | None, str], tuple[str, tuple[str, ...]]] = {}
    for file in sorted((words.LOCALE / "fa").glob("*.po")):
        for key, forms in words.read_file(file, "fa").items():
            other, known = seen.setdefault(key, (file.name, forms))
            assert known == forms, f"{key[1]!r}: {other} and {file.name} differ"


def test_translations_keep_the_placeholders_of_the_english() -> None:
    holders = re.compile(r"%\(\w+\)s|\{\w+\}")
    for (_, english_), forms in words.catalogue("fa").items():
        for form in forms:
            assert set(holders.findall(form)) <= set(holders.findall(english_)), english_
        assert set(holders.findall(english_)) <= set().union(*(holders.findall(form) for form in forms)), english_


def test_a_per_cent_sign_in_a_template_is_written_twice() -> None:
    lone = re.compile(r"_\(\s*([\"'])((?:(?!\1).)*?(?<!%)%(?![%(])(?:(?!\1).)*)\1")
    for file in sorted(render.TEMPLATES.rglob("*.html")):
        assert [text for _quote, text in lone.findall(file.read_text())] == [], file.name


def test_persian_is_written_with_persian_letters_and_signs() -> None:
    for (_, english_), forms in words.catalogue("fa").items():
        for form in forms:
            assert not re.search("[يكىة]", form), f"Arabic letter in the translation of {english_!r}"
            assert not re.search(r"[؀-ۿ][?,;]", form), f"Latin sign in the translation of {english_!r}"
            assert "!" not in form


def test_the_words_of_the_scripts_are_exactly_those_the_pages_carry() -> None:
    assert messages.script_words() == set(ui_words.UI_WORDS)


@pytest.mark.usefixtures("persian")
def test_plural_forms_follow_the_language() -> None:
    assert words.ngettext("%(n)s person may sign in or could before.", "…", 5) == "%(n)s کاربر فعال یا غیرفعال"
    assert words.ngettext("one thing", "many things", 1) == "one thing", "untranslated: English"
    assert words.ngettext("one thing", "many things", 2) == "many things"


@pytest.mark.usefixtures("english")
def test_numbers_in_english() -> None:
    assert filters.number(1234567) == '<bdi class="num" dir="ltr">1,234,567</bdi>'
    assert number_text(-3.25, 1) == "−3.2"
    assert filters.percent(0.814) == '<bdi class="num" dir="ltr">81%</bdi>'
    assert clock_text(246) == "4:06"
    assert clock_text(3725.9) == "1:02:05"
    assert filters.clock(None) == ""


@pytest.mark.usefixtures("persian")
def test_numbers_in_persian() -> None:
    assert filters.number(1234567) == '<bdi class="num" dir="ltr">۱٬۲۳۴٬۵۶۷</bdi>'
    assert number_text(-3.5, 1) == "−۳٫۵"
    assert filters.percent(0.81) == '<bdi class="num" dir="rtl">\u061c۸۱٪</bdi>', "the sign stays behind the number"
    assert clock_text(246) == "۴:۰۶"


@pytest.mark.usefixtures("persian")
def test_a_phone_number_is_grouped_in_the_readers_digits_and_copied_in_ascii() -> None:
    assert filters.phone("+989123456789") == '<bdi class="num" dir="ltr" data-copy="+989123456789">۰۹۱۲ ۳۴۵ ۶۷۸۹</bdi>'


def test_phone_numbers_from_abroad_keep_their_country_code_and_short_ones_stay() -> None:
    assert grouped("+442071838750", "IR") == "+44 20 7183 8750"
    assert grouped("+982188341190", "IR") == "021 8834 1190"
    assert grouped("1001", "IR") == "1001"
    assert grouped("anonymous", "IR") == "anonymous"
    assert grouped("+99999999999999999", "IR") == "+99999999999999999"


def test_what_people_type_is_folded_to_one_form() -> None:
    assert typed("  ۰۹۱۲ ٣٤٥ ") == "0912 345"
    assert typed("كريمي") == "کریمی"


@pytest.mark.usefixtures("english")
def test_dates_in_english() -> None:
    assert dates.when_text(NOW) == "Today 10:42"
    assert dates.when_text(NOW - timedelta(days=1)) == "Yesterday 10:42"
    assert dates.when_text(NOW - timedelta(days=6)) == "15 Nov 10:42"
    assert dates.when_text(NOW - timedelta(days=400)) == "17 Oct 2025 10:42"
    assert dates.date_text(date(2026, 11, 21), weekday=True) == "Sat 21 Nov 2026"
    assert filters.when(NOW) == '<time datetime="2026-11-21T07:12:00+00:00">Today 10:42</time>'


@pytest.mark.usefixtures("persian")
def test_dates_in_persian() -> None:
    assert dates.when_text(NOW) == "امروز ۱۰:۴۲"
    assert dates.when_text(NOW - timedelta(days=6)) == "۲۴ آبان ۱۰:۴۲"
    assert dates.date_text(date(2026, 11, 21), weekday=True) == "شنبه ۳۰ آبان ۱۴۰۵"
    assert dates.when_text(datetime(2026, 3, 20, 12, tzinfo=UTC)) == "۲۹ اسفند ۱۴۰۴ ۱۵:۳۰", (
        "last year, so with its year"
    )


@pytest.mark.usefixtures("english")
def test_a_day_begins_at_midnight_of_the_site_and_not_of_greenwich() -> None:
    late = datetime(2026, 11, 20, 21, tzinfo=UTC)  # half past midnight of the 21st in Tehran
    assert dates.when_text(late) == "Today 00:30"


def test_calendar_and_digits_are_chosen_apart_from_the_language() -> None:
    presentation.use(Presentation(language="fa", digits="latin", calendar="gregorian", zone=TEHRAN, now=NOW))
    assert dates.date_text(date(2026, 11, 21)) == "21 نوامبر 2026"
    presentation.use(Presentation(language="en", digits="persian", calendar="jalali", zone=TEHRAN, now=NOW))
    assert dates.date_text(date(2026, 11, 21)) == "۳۰ Aban ۱۴۰۵"
    assert digits("A1") == "A۱"


def test_a_figure_written_in_a_page_is_in_the_digits_of_each_who_sees_it() -> None:
    app = web.Application()
    render.setup(app, load())
    page = aiohttp_jinja2.get_env(app).from_string("{{ 0|number }} {{ 30|digits }}")
    seen = []
    for reader in (ENGLISH, PERSIAN):
        presentation.use(reader)
        seen.append(page.render())
    assert seen[0] != seen[1]
    assert "30" in seen[0]
    assert "۳۰" in seen[1]
