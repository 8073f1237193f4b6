"""Customers' pages: found, made, changed without losing anything typed, merged and taken apart again."""

from __future__ import annotations

from pathlib import Path

from cxcall.customers.profile import Profile
from cxcall.store import customers
from cxcall.web.pages.people import initials
from tests.support.call_centre import MARYAM, OMID, call_centre, past, ringing
from tests.web.reading import browsing

MARYAM_PROFILE = Profile(
    name="Maryam Hosseini", numbers=("+989123456789",), emails=("m@example.ir",), company="Arash", city="Tehran",
    tier="gold", language="fa", tags=("vip",),
)  # fmt: skip


async def test_the_list_is_searched_by_name_number_and_company_and_filtered_by_tier_and_tag(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.customer(MARYAM_PROFILE)
        await centre.customer(Profile(name="علی رضایی", numbers=("+989352184471",)))
        for query in ("q=maryam", "q=۰۹۱۲۳۴", "q=Arash", "tier=gold", "tag=vip", "q=hoss&tier=gold"):
            page = await browser.page("sara", f"/customers?{query}")
            assert [row.one("a").text for row in page.all("tbody tr")] == ["MH Maryam Hosseini"], query
        assert "علی رضایی" in await browser.text("sara", "/customers?q=علي")
        assert "No customer fits." in await browser.text("sara", "/customers?q=zzz")


async def test_a_profile_shows_facts_figures_and_the_history_of_calls(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        id_ = await centre.customer(MARYAM_PROFILE)
        own, other = past(MARYAM, centre.ago(days=1)), past(MARYAM, centre.ago(days=2), at=OMID)
        await centre.tell(own, other)
        page = await browser.page("sara", f"/customers/{id_}")
    for words in ("Maryam Hosseini", "Gold", "vip", "m@example.ir", "Arash", "Tehran", "Calls in 90 days 2"):
        assert words in page.text, words
    lines = page.all(".jl li")
    assert "Call with Sara Karimi" in lines[0].text
    assert lines[0].all(".h a")  # her own call
    assert not lines[1].all(".h a")  # Omid's: she may read of it, not open it


async def test_a_first_contact_has_the_number_as_its_name(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.tell(ringing("02188341190", centre.ago(seconds=30)))
        page = await browser.page("leila", "/customers?first=1")
        link = page.one("tbody a").attributes["href"]
        profile = await browser.page("leila", link)
    assert "021 8834 1190" in profile.one("h1").text
    assert "First contact" in profile.text


async def test_a_new_customer_with_a_wrong_number_keeps_all_that_was_typed(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        page = await browser.post(
            "sara", "/customers/new", name="Reza", numbers="0912 111 22", emails="no", company="X", tags="a, b"
        )
        assert "0912 111 22 is not a phone number." in page.one("#numbers-err").text
        assert page.one("#numbers").attributes["aria-describedby"] == "numbers-err"
        assert "is not an e-mail address" in page.one("#emails-err").text
        assert page.one("#name").attributes["value"] == "Reza"
        assert page.one("#company").attributes["value"] == "X"
        assert page.one("#tags").attributes["value"] == "a, b"
        page = await browser.post("sara", "/customers/new", name="Reza", numbers="۰۹۱۲۱۱۱۲۲۳۳")
        assert page.one("h1").text == "Reza"
        assert "The customer was added." in page.text


async def test_a_number_of_somebody_else_is_said_with_the_way_to_merge(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        maryam = await centre.customer(MARYAM_PROFILE)
        reza = await centre.customer(Profile(name="Reza"))
        page = await browser.post("sara", f"/customers/{reza}/numbers", add="0912 345 6789")
    assert "belongs to another customer" in page.one("#numbers-err").text
    links = [link.attributes["href"] for link in page.one("[role=alert]").all("a")]
    assert links == [f"/customers/{maryam}", f"/customers/{reza}/merge/{maryam}"]


async def test_two_editors_see_each_others_change_and_the_second_decides(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        id_ = await centre.customer(MARYAM_PROFILE)
        version = (await browser.page("sara", f"/customers/{id_}/edit")).one("input[name=version]").attributes["value"]
        form = {"name": "Maryam Hosseini", "numbers": MARYAM, "company": "Arash", "version": version}
        looked_after = {"manager": centre.ids["omid"], "value": "۱۲٬۵۰۰"}
        await browser.post("leila", f"/customers/{id_}/edit", **{**form, **looked_after, "city": "Shiraz"})
        page = await browser.post("sara", f"/customers/{id_}/edit", **{**form, "city": "Karaj"})
        assert "Somebody else changed this profile meanwhile." in page.text
        row = next(row.text for row in page.all("tbody tr") if row.text.startswith("City"))
        assert row == "City Shiraz Karaj"
        differs = [row.text for row in page.all("tbody tr")]
        assert "Customer value 12,500" in differs
        assert "Account manager Omid Rahimi" in differs
        assert page.one("#city").attributes["value"] == "Karaj"
        again = page.one("input[name=version]").attributes["value"]
        mine = {**form, **looked_after, "city": "Karaj", "version": again}
        page = await browser.post("sara", f"/customers/{id_}/edit", **mine)
        for words in ("Karaj", "Value 12,500", "Looked after by Omid Rahimi"):
            assert words in page.one(".profile").text, words


async def test_numbers_are_added_and_taken_away(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        id_ = await centre.customer(MARYAM_PROFILE)
        page = await browser.post("sara", f"/customers/{id_}/numbers", add="021-88341190")
        assert "021 8834 1190" in page.text
        page = await browser.post("sara", f"/customers/{id_}/numbers", remove="+989123456789")
        assert "0912 345 6789" not in page.text.replace("placeholder", "")


async def test_a_note_is_added_with_its_author(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        id_ = await centre.customer(MARYAM_PROFILE)
        page = await browser.post("sara", f"/customers/{id_}/notes", text="<b>Moves in May</b>")
    assert "<b>Moves in May</b>" in page.one("#notes .note").text
    assert "Sara Karimi" in page.one("#notes .note").text


async def test_two_profiles_are_merged_after_a_look_at_both_and_taken_apart_again(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        maryam = await centre.customer(MARYAM_PROFILE)
        other = await centre.customer(Profile(name="M. Hosseini", numbers=("+982188341190",), city="Karaj"))
        await centre.tell(past("02188341190", centre.ago(days=1)))
        found = await browser.page("leila", f"/customers/{maryam}/merge?q=Hosseini")
        assert found.one("tbody a").attributes["href"] == f"/customers/{maryam}/merge/{other}"
        both = await browser.page("leila", f"/customers/{maryam}/merge/{other}")
        assert "Karaj" in both.text
        assert "021 8834 1190" in both.text, "numbers as people read them"
        page = await browser.post("leila", f"/customers/{maryam}/merge/{other}")
        assert "021 8834 1190" in page.text
        assert "Call with Sara Karimi" in page.text
        undo = page.one(".toast form").attributes["action"]
        moved = await browser.get("leila", f"/customers/{other}", allow_redirects=False)
        assert moved.headers["Location"] == f"/customers/{maryam}"
        page = await browser.post("leila", undo)
        assert "The merge was taken back." in page.text
        assert "021 8834 1190" in await browser.text("leila", f"/customers/{other}")
        async with centre.engine.connect() as conn:
            kept = await customers.get(conn, maryam)
        assert kept is not None
        assert kept.profile == MARYAM_PROFILE


async def test_a_customer_that_is_not_there_is_404_in_words(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        response = await browser.get("sara", "/customers/abc123")
        assert response.status == 404
        assert "Not here" in await response.text()


def test_persian_names_have_one_letter_and_numbers_none() -> None:
    assert initials("Maryam Hosseini") == "MH"
    assert initials("مریم حسینی") == "م"
    assert initials("0912") == ""
    assert initials("") == ""
