"""/quality/scorecards: made from an example or nothing, changed row by row, published; what is typed is never lost."""

from __future__ import annotations

import re
from html import unescape
from itertools import product
from typing import Any

import pytest

from cxcall.quality.examples import EXAMPLES
from cxcall.quality.scorecard import Item, Rule, Scorecard, Section
from cxcall.store import audit
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web.pages.quality_cards.form import MOST, in_order, of_card, problems, read
from cxcall.web.pages.quality_kept import number
from tests.support.quality_stage import CARD
from tests.support.webapp import Answer, World
from tests.support.webapp import Browser as Person

PATH = "/quality/scorecards"
FORM = {
    "version": "0", "title.en": "Service", "title.fa": "خدمات", "s0.id": "", "s0.title.en": "Opening",
    "s0.i0.id": "greets", "s0.i0.title.en": "Greets", "s0.i0.weight": "۳", "s0.i0.highest": "0", "s0.i0.critical": "1",
    "s0.i0.rule": "silence", "s0.i0.limit": "20%",
    "s0.i1.id": "listens", "s0.i1.title.fa": "گوش می‌دهد", "s0.i1.weight": "1", "s0.i1.highest": "5", "s0.i1.na": "1",
    "s0.i1.rule": "",
}  # fmt: skip


def fields(page: str) -> dict[str, str]:
    """What the editor's form on a page would send."""
    form = page[page.index('id="queue"') :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag, inside in re.findall(r"<(input|select)\b(.*?)(?=<input|<select|</section|</fieldset|$)", form, re.DOTALL):
        head = inside.partition(">")[0]
        name = re.search(r'name="([^"]*)"', head)
        if name is None or ('type="checkbox"' in head and " checked" not in head) or name[1] == "csrf":
            continue
        chosen = re.search(r'<option value="([^"]*)" selected', inside) if tag == "select" else None
        first = re.search(r'value="([^"]*)"', inside if tag == "select" else head)
        value = chosen or first
        found[name[1]] = unescape(value[1]) if value else ""
    return found


def part(page: Answer, id_: str) -> str:
    """A section of a page by its id."""
    after = page.text[page.text.index(f'id="{id_}"') :]
    return after[after.index(">") + 1 : after.index("</section>")]


async def typed(person: Person, path: str, form: dict[str, str], *, auto: bool = True) -> Answer:
    """What the script gets: while one types, or with `auto` off for a button."""
    if auto:
        return await person.post(path, form, X_Fragment="1", X_Autosave="1")
    return await person.post(path, form, X_Fragment="1")


def plain(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", re.sub("</?bdi[^>]*>", "", html))).split())


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


async def test_what_was_removed_comes_back_in_its_place_with_all_it_had(supervisor: Person) -> None:
    two = {**FORM, "s1.id": "b", "s1.title.en": "Closing"}
    before = fields((await supervisor.post(PATH + "/new", {**two, "do": "look"})).text)
    page = await supervisor.post(PATH + "/new", {**before, "do": "out:0.0"})
    assert re.search(r"Removed: “<bdi>Greets</bdi>”.*?Undo", page.text)
    assert 'value="back:0" id="g0" autofocus' in page.text
    page = await supervisor.post(PATH + "/new", {**fields(page.text), "do": "out:0"})
    assert re.search(r"Removed: section “<bdi>Opening</bdi>”.*?Undo", page.text)
    assert 'value="back:1"' not in page.text, "an item can come back once its section is there"
    page = await supervisor.post(PATH + "/new", {**fields(page.text), "do": "back:0"})
    page = await supervisor.post(PATH + "/new", {**fields(page.text), "do": "back:0"})
    assert fields(page.text) == before
    assert 'id="s0-i0-title-en" autofocus' in page.text


async def test_of_several_rows_that_were_removed_any_comes_back_to_its_place(supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, "do": "look"})
    before = fields(page.text)
    for act in ("out:0.0", "out:0.0", "back:1", "back:0"):
        page = await supervisor.post(PATH + "/new", {**fields(page.text), "do": act})
    assert fields(page.text) == before


async def test_what_publishing_changes_is_told_before_it_is_done(world: World, supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, "do": "apply"}, follow=True)
    assert "Nothing: calls are scored by it as it is." in page.text
    one = f"{PATH}/{(await the_one(world)).id}"
    other = {
        **fields(page.text), "s0.i0.title.en": "Says <b>hello</b>", "s0.i0.title.fa": "سلام می‌کند",
        "s0.i0.rule": "phrase", "s0.i0.phrase": "greeting", "s0.i1.weight": "5", "s0.i1.highest": "3",
        "s0.i2.id": "new", "s0.i2.title.en": "Thanks", "s0.i2.weight": "2", "s0.i2.highest": "0", "s0.i2.na": "1",
    }  # fmt: skip
    del other["s0.i0.critical"]
    saved = await supervisor.post(one, {**other, "do": "save"}, follow=True)
    assert (saved.status, (await the_one(world)).version) == (200, 3)
    text = plain(part(saved, "publishing"))
    for words in (
        "changed Says <b>hello</b>", "It is called “Says <b>hello</b>” in English, it was “Greets”.",
        "It is called “سلام می‌کند” in Persian, it had no Persian name.", "It is not critical any more.",
        "It is filled in from speech: yes if “greeting” was said; before: yes if silence is at most 20% of the talk.",
        "Its weight is 5, it was 1: 50% of the whole instead of 25%.", "The answer is from 1 to 3, it was from 1 to 5.",
        "new Thanks", "New in “Opening”: 20% of the whole.", "1 other item weighs more or less of the whole with it.",
    ):  # fmt: skip
        assert words in text, (words, text)
    done = await supervisor.post(one, {**fields(saved.text), "do": "apply"}, follow=True)
    assert "Nothing: calls" in done.text
    assert (await the_one(world)).published == 2


async def test_what_is_gone_and_moved_is_told_too(world: World, supervisor: Person) -> None:
    two = {**FORM, "s1.id": "b", "s1.title.en": "Closing", "s1.i0.id": "bye", "s1.i0.title.en": "Says goodbye",
           "s1.i0.weight": "1", "s1.i0.highest": "0"}  # fmt: skip
    page = await supervisor.post(PATH + "/new", {**two, "do": "apply"}, follow=True)
    one = f"{PATH}/{(await the_one(world)).id}"
    moved = await supervisor.post(one, {**fields(page.text), "do": "down:0.1"})
    assert "moved گوش می‌دهد It moves from “Opening” to “Closing”." in plain(part(moved, "publishing"))
    gone = plain(part(await supervisor.post(one, {**fields(page.text), "do": "out:1"}), "publishing"))
    assert "gone Closing This section is gone." in gone
    assert "gone Says goodbye Gone from “Closing”." in gone
    order = plain(part(await supervisor.post(one, {**fields(page.text), "do": "up:1"}), "publishing"))
    assert "moved Closing It stands elsewhere among the sections." in order


async def test_the_preview_is_the_form_reviewers_get_and_sends_nothing(supervisor: Person) -> None:
    page = await supervisor.post(PATH + "/new", {**FORM, "s0.i1.title.fa": "", "do": "look"})
    preview = page.text[page.text.index("<aside") : page.text.index("</aside>")]
    assert plain(preview).count("Yes No") == 1
    for words in ("no name", "Does not apply", "critical", "75%", "5"):
        assert words in plain(preview), words
    assert "<button" in preview
    assert preview.count("<button") == preview.count("disabled") + preview.count('form="queue"')


async def test_the_draft_is_kept_while_one_types_and_a_new_one_gets_its_address(
    world: World, supervisor: Person
) -> None:
    part_ = await typed(supervisor, PATH + "/new", FORM)
    kept = await the_one(world)
    assert "<html" not in part_.text
    assert f'data-here="{PATH}/{kept.id}"' in part_.text
    more = {**fields(part_.text), "title.en": "Service calls"}
    for _again in range(2):  # the second changes nothing
        part_ = await typed(supervisor, f"{PATH}/{kept.id}", more)
        assert 'name="version" value="2"' in part_.text
        more["version"] = "2"
    wrong = await typed(supervisor, f"{PATH}/{kept.id}", {**more, "s0.i0.weight": "x", "title.en": "Lost?"})
    assert (wrong.status, 'data-unsaved="1"' in wrong.text, 'value="Lost?"' in wrong.text) == (200, True, True)
    added = await supervisor.post(f"{PATH}/{kept.id}", {**more, "do": "add-item:0"}, X_Fragment="1")
    assert 'data-focus="s0-i2-title-en"' in added.text
    after = await the_one(world)
    assert (after.version, after.draft.title["en"], len(after.draft.sections[0].items)) == (3, "Service calls", 3)
    async with world.engine.connect() as conn:
        acts = [entry.act for entry in await audit.page(conn) if entry.act.startswith("scorecard")]
    assert acts == ["scorecard.create"], "what is kept by itself is not noted each time"


async def test_of_two_who_type_the_second_is_told_by_whom_and_only_the_button_goes_over_theirs(
    world: World, supervisor: Person
) -> None:
    kept = await a_card(world)
    one = f"{PATH}/{kept.id}"
    theirs = await typed(supervisor, one, {**FORM, "version": "1"})
    assert 'data-outdated=""' in theirs.text
    late = await typed(supervisor, one, {**FORM, "title.en": "Mine", "version": "1"})
    for words in (
        'data-outdated="1"',
        "<bdi>omid</bdi> saved this while you were at it (<time",
        'value="Mine"',
        "What yours changes in theirs",
    ):
        assert words in late.text, words
    assert "It is called “Mine” in English, it was “Service”." in plain(late.text)
    held = fields(late.text)
    assert (held["version"], held["outdated"]) == ("2", "1")
    for act in ("save", "add-item:0"):
        assert 'data-outdated="1"' in (await typed(supervisor, one, {**held, "do": act}, auto=act == "save")).text
    assert (await the_one(world)).draft.title["en"] == "Service"
    saved = await supervisor.post(one, {**held, "do": "save"}, X_Fragment="1")
    assert 'data-outdated=""' in saved.text
    assert (await the_one(world)).draft.title["en"] == "Mine"


@pytest.mark.parametrize("act", ["retire", "restore"])
async def test_of_two_who_retire_at_once_the_second_is_told_and_nothing_is_done(
    world: World, supervisor: Person, act: str
) -> None:
    kept = await a_card(world)
    one = f"{PATH}/{kept.id}"
    assert (await supervisor.post(one, {**FORM, "version": "1"})).status == 303
    before = await the_one(world)
    late = await supervisor.post(f"{one}/{act}", {"version": "1"})
    assert late.status == 409
    assert re.search("Nothing was done: <bdi>omid</bdi> changed “<bdi>Service</bdi>” meanwhile .<time", late.text)
    assert await the_one(world) == before
    assert (await supervisor.post(f"{one}/{act}", {"version": "2"})).status == 303


async def test_who_sends_rubbish_as_removed_rows_gets_the_form(supervisor: Person) -> None:
    long = "x" * 9999
    for gone in (
        "{",
        "7",
        '[{"at": -1}]',
        '[{"at": "x"}]',
        '[{"section": {"id": "greets", "items": [{"id": "greets"}]}}]',
        f'[{{"of": "{long}", "item": {{"id": "{long}", "en": "{long}"}}}}, {{"section": {{"id": "", "en": ""}}}}]',
    ):
        for act in ("back:0", "back:1", "back:2", "back:-1", "back:", "back:1.1", "look"):
            page = await supervisor.post(PATH + "/new", {**FORM, "gone": gone, "outdated": "x", "do": act})
            assert page.status == 200, (gone, act)
            assert "x" * 201 not in page.text
            assert page.text.count('value="greets"') == 1


async def test_a_form_as_long_as_it_may_get_is_read_whole_and_offers_no_more(supervisor: Person) -> None:
    many = {"version": "0", "title.en": "Many", "title.fa": "بسیار"}
    for s, i in [*product(range(2), range(40)), *product(range(2, 12), range(1))]:
        many |= {f"s{s}.i{i}.{name}": "1" for name in ("weight", "critical", "na")}
        many |= {f"s{s}.i{i}.{name}": "" for name in ("title.en", "title.fa", "rule", "phrase", "limit")}
        many |= {f"s{s}.i{i}.id": f"i{s}-{i}", f"s{s}.i{i}.highest": "0"}
    for s in range(20):
        many |= {f"s{s}.id": f"s{s}", f"s{s}.title.en": f"Part {s}", f"s{s}.title.fa": ""}
    for act in ("look", "add-item:2", "add-section"):
        page = await supervisor.post(PATH + "/new", {**many, "gone": "[]", "outdated": "1", "do": act})
        assert (page.status, page.text.count("data-member")) == (200, MOST), act
        assert "A scorecard takes no more than this." in page.text
        assert 'value="add-' not in page.text


async def test_a_card_with_more_items_than_a_form_can_send_is_not_opened_to_be_changed(
    world: World, supervisor: Person
) -> None:
    items = tuple(Item(id=f"i{n}", title={"en": "x"}) for n in range(MOST + 1))
    kept = await a_card(world, Scorecard(title={"en": "Long"}, sections=(Section(id="s", title={}, items=items),)))
    page = await supervisor.get(f"{PATH}/{kept.id}")
    assert (page.status, 'id="queue"' in page.text) == (200, False)
    assert "“Long” has more items than a page can change (90)." in plain(page.text)


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
    assert "omid</bdi> saved this while you were at it" in late.text
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


@pytest.mark.parametrize(("text", "read_as"), [("۰٫۵", 0.5), ("0,5", 0.5), ("20%", 20.0), ("1e9", None), ("", None),
                                                ("inf", None)])  # fmt: skip
def test_numbers_are_read_as_people_type_them(text: str, read_as: Any) -> None:
    assert number(text) == read_as
