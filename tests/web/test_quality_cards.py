"""/quality/scorecards: made from an example or nothing, changed row by row, published; what is typed is never lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cxcall.quality.scorecard import Item, Rule, Scorecard, Section
from cxcall.store import audit
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web.pages.quality_cards.examples import EXAMPLES
from cxcall.web.pages.quality_cards.form import in_order, of_card, problems, read
from cxcall.web.pages.quality_kept import number
from tests.support.quality_stage import CARD
from tests.support.webapp import Browser as Person
from tests.support.webapp import World

PATH = "/quality/scorecards"
FORM = {
    "version": "0", "title.en": "Service", "title.fa": "خدمات", "s0.id": "", "s0.title.en": "Opening",
    "s0.i0.id": "greets", "s0.i0.title.en": "Greets", "s0.i0.weight": "۳", "s0.i0.highest": "0", "s0.i0.critical": "1",
    "s0.i0.rule": "silence", "s0.i0.limit": "20%",
    "s0.i1.id": "listens", "s0.i1.title.fa": "گوش می‌دهد", "s0.i1.weight": "1", "s0.i1.highest": "5", "s0.i1.na": "1",
    "s0.i1.rule": "",
}  # fmt: skip


async def the_one(world: World) -> KeptScorecard:
    async with world.engine.connect() as conn:
        (one,) = await scorecards.everything(conn)
    return one


async def a_card(world: World, card: Scorecard = CARD) -> KeptScorecard:
    async with world.engine.begin() as conn:
        return await scorecards.create(conn, card, by="leila", now=world.clock())


async def test_who_has_none_begins_with_an_example_which_can_be_published_at_once(
    world: World, supervisor: Person
) -> None:
    page = await supervisor.get(PATH)
    for words in ("There is no scorecard yet.", "Service call", "Sales call"):
        assert words in page.text, words
    form = await supervisor.get(PATH + "/new?example=sales")
    assert 'value="Asks what the customer needs"' in form.text
    async with world.engine.connect() as conn:
        assert await scorecards.everything(conn) == []
    for card in EXAMPLES.values():
        given = of_card(card, 0)
        assert read(given) == (card, {})
        assert problems(card) == {}
        assert given.total == 100


async def test_a_card_is_kept_and_published_as_typed(world: World, supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, "do": "apply"}, follow=True)
    assert "Published. Calls are scored by it from now on." in page.text
    kept = await the_one(world)
    (section,) = kept.draft.sections
    assert section.items == (
        Item(id="greets", title={"en": "Greets"}, weight=3, critical=True, rule=Rule(what="silence", limit=0.2)),
        Item(id="listens", title={"fa": "گوش می‌دهد"}, weight=1, highest=5, na=True),
    )
    assert (kept.published, kept.draft.title) == (1, {"en": "Service", "fa": "خدمات"})
    assert re.search(r"75%(<[^>]+>)? of the whole", page.text)
    shown = await supervisor.get(f"{PATH}/{kept.id}/versions/1")
    for words in ("Opening", "Greets", "critical", "in use", "omid"):
        assert words in shown.text, words
    assert (await supervisor.get(f"{PATH}/{kept.id}/versions/2")).status == 404


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("s0.i0.weight", "much", "A weight must be a number above 0 and up to 1000."),
        ("s0.i0.weight", "nan", "A weight must be a number above 0 and up to 1000."),
        ("s0.i0.highest", "99", "A scale goes from 1 to a number between 2 and 10."),
        ("s0.i0.limit", "", "Silence is from 0 to 100 per cent"),
    ],
)
async def test_what_can_not_be_read_is_told_at_its_place_and_nothing_typed_is_lost(
    world: World, supervisor: Person, field: str, value: str, said: str
) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, field: value})
    assert page.status == 422
    at = field.replace(".", "-")
    assert said in page.text
    assert f'id="{at}" aria-invalid="true" aria-describedby="{at}-err" autofocus' in page.text
    assert 'value="گوش می‌دهد"' in page.text
    async with world.engine.connect() as conn:
        assert await scorecards.everything(conn) == []


async def test_a_draft_may_be_unfinished_and_says_what_keeps_it_from_being_published(
    world: World, supervisor: Person
) -> None:
    unfinished = {**FORM, "s0.i0.title.en": "", "s0.i1.critical": "1"}
    page = await supervisor.post(PATH + "/new", {**unfinished, "do": "save"}, follow=True)
    for words in ("The draft is saved.", "Before it can be published:", "Only a yes/no item can be critical."):
        assert words in page.text, words
    kept = await the_one(world)
    refused = await supervisor.post(f"{PATH}/{kept.id}", {**unfinished, "version": "1", "do": "apply"})
    assert refused.status == 422
    assert 'href="#s0-i0-title-en"' in refused.text
    assert (await the_one(world)).published is None


async def test_buttons_change_the_form_alone(world: World, supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, "do": "add-item:0"})
    assert 'name="s0.i2.title.en"' in page.text
    assert "What you see is not saved yet." in page.text
    moved = await supervisor.post(PATH + "/new", {**FORM, "do": "down:0.0"})
    assert moved.text.index('value="گوش می‌دهد"') < moved.text.index('value="Greets"')
    more = await supervisor.post(PATH + "/new", {**FORM, "do": "add-section"})
    assert 'name="s1.title.en"' in more.text
    less = await supervisor.post(PATH + "/new", {**FORM, "do": "out:0.0"})
    assert 'name="s0.i0.title.en" value="Greets"' not in less.text
    for act in ("out:7", "up:0.9", "down:x", "fly:0.0", "up:", "out:0.0.0.9", "back:0", "back:x", "back:99"):
        assert (await supervisor.post(PATH + "/new", {**FORM, "do": act})).status == 200, act
    async with world.engine.connect() as conn:
        assert await scorecards.everything(conn) == []


async def test_over_the_edge_an_item_goes_to_the_next_section(supervisor: Person) -> None:
    two = {**FORM, "s1.id": "b", "s1.title.en": "Closing"}
    page = await supervisor.post(PATH + "/new", {**two, "do": "down:0.1"})
    assert 'name="s1.i0.title.fa" value="گوش می‌دهد"' in page.text


async def test_of_two_who_save_the_second_is_told_and_keeps_what_was_typed(world: World, supervisor: Person) -> None:
    kept = await a_card(world)
    one = f"{PATH}/{kept.id}"
    assert (await supervisor.post(one, {**FORM, "version": "1"})).status == 303
    late = await supervisor.post(one, {**FORM, "title.en": "Mine", "version": "1"})
    assert late.status == 409
    assert "omid</bdi> saved this at" in late.text
    assert 'value="Mine"' in late.text
    assert 'name="version" value="2"' in late.text
    assert (await supervisor.post(one, {**FORM, "title.en": "Mine", "version": "2"})).status == 303
    assert (await the_one(world)).draft.title["en"] == "Mine"


async def test_what_was_to_be_said_stays_chosen_though_its_category_is_gone(world: World, supervisor: Person) -> None:
    kept = await a_card(world)
    assert '<option value="greeting" selected>' in (await supervisor.get(f"{PATH}/{kept.id}")).text


async def test_a_card_is_retired_back_and_copied(world: World, supervisor: Person) -> None:
    kept = await a_card(world)
    one = f"{PATH}/{kept.id}"
    gone = await supervisor.post(one + "/retire", {"version": "1"}, follow=True)
    assert f'action="{one}/restore"' in gone.text
    assert (await the_one(world)).retired_at is not None
    assert "The scorecard is in use again." in (await supervisor.post(one + "/restore", follow=True)).text
    copied = await supervisor.post(one + "/copy", follow=True)
    assert "This is the copy." in copied.text
    async with world.engine.connect() as conn:
        first, second = await scorecards.everything(conn)
        acts = {entry.act for entry in await audit.page(conn)}
    assert first.draft == second.draft
    assert {"scorecard.retire", "scorecard.restore", "scorecard.copy"} <= acts


async def test_agents_may_not_and_what_is_not_there_is_said(agent: Person, supervisor: Person, world: World) -> None:
    kept = await a_card(world)
    for path in (PATH, PATH + "/new", f"{PATH}/{kept.id}", f"{PATH}/{kept.id}/versions"):
        assert (await agent.get(path)).status == 403, path
    for act in ("", "/retire", "/restore", "/copy"):
        assert (await agent.post(f"{PATH}/{kept.id}{act}", dict(FORM))).status == 403, act
        assert (await supervisor.post(f"{PATH}/{'0' * 32}{act}", dict(FORM))).status == 404, act


def test_what_is_wrong_is_told_from_the_top_of_the_form() -> None:
    part = Section(id="a", title={}, items=(Item(id="b", title={}, weight=0), Item(id="a", title={"en": "x"})))
    card = Scorecard(title={}, sections=(part,))
    found = in_order(problems(card), of_card(card, 1))
    assert next(iter(found)) == "title.en"
    assert {"s0.i0.title.en"} <= set(found)


@pytest.mark.parametrize(("typed", "read_as"), [("۰٫۵", 0.5), ("0,5", 0.5), ("20%", 20.0), ("1e9", None), ("", None),
                                                ("inf", None)])  # fmt: skip
def test_numbers_are_read_as_people_type_them(typed: str, read_as: Any) -> None:
    assert number(typed) == read_as
