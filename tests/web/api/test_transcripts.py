"""`/calls/{id}/transcript` and `/recording` over the API: forms, corrections by version, rights, scopes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxcall.store import audit, tokens
from tests.support.call_centre import CallCentre
from tests.support.talk_stage import CARD, LINES, TalkStage, talk_stage
from tests.web.reading import Browser

READ, WRITE = ("calls:read", "speech:read"), ("calls:read", "speech:read", "speech:write")


async def _token(centre: CallCentre, name: str, *scopes: str) -> dict[str, str]:
    async with centre.engine.begin() as conn:
        secret = (await tokens.make(conn, centre.ids[name], name="test", scopes=scopes, now=datetime.now(UTC)))[1]
    return {"Authorization": f"Bearer {secret}"}


def _path(talk: TalkStage) -> str:
    return f"/api/v1{talk.path}"


async def _get(browser: Browser, path: str, headers: dict[str, str], status: int = 200) -> Any:
    response = await browser.client.get(path, headers=headers)
    assert response.status == status, await response.text()
    return await response.json()


async def test_a_transcript_has_turns_words_and_what_was_found(centre: CallCentre, browser: Browser) -> None:
    talk, token = await talk_stage(centre), await _token(centre, "leila", *READ)
    data = await _get(browser, f"{_path(talk)}/transcript", token)
    assert {"language", "engine", "model", "duration", "turns", "metrics"} <= data.keys()
    assert (data["call_id"], data["language"], data["duration"]) == (talk.record.id, "en", 38.0)
    first = data["turns"][0]
    assert (first["n"], first["speaker"], first["name"], first["text"]) == (
        1,
        "customer",
        "Maryam Hosseini",
        LINES[0][3],
    )
    assert first["words"][1]["word"] == "I"
    assert data["turns"][4]["text"] == "My card number is ●●●●. Please use the same one."
    assert (data["turns"][4]["words"], data["turns"][4]["hidden"]) == ([], 1)
    assert {one["id"]: one["hits"][0]["n"] for one in data["categories"]}["leaving"] == 3
    assert {one["id"]: one["said"] for one in data["required"]} == {"greeting": True, "closing": False}
    assert data["metrics"]["talk_share"] > 0
    await _get(browser, f"{_path(talk)}/transcript?hidden=shown", token, 403)
    clear = await _get(browser, f"{_path(talk)}/transcript?hidden=shown", await _token(centre, "admin", *READ))
    assert CARD in clear["turns"][4]["text"]
    async with centre.engine.connect() as conn:
        assert [entry.act for entry in await audit.page(conn)] == ["transcript.read_hidden"]


async def test_the_form_is_chosen_by_accept_or_by_name(centre: CallCentre, browser: Browser) -> None:
    talk, token = await talk_stage(centre), await _token(centre, "leila", *READ)
    path = f"{_path(talk)}/transcript"
    text = await browser.client.get(path, headers={**token, "Accept": "text/plain"})
    assert text.content_type == "text/plain"
    assert (await text.text()).startswith("0:02 Maryam Hosseini: Hello.")
    srt = await browser.client.get(f"{path}?format=srt", headers=token)
    assert srt.content_type == "application/x-subrip"
    assert "00:00:12,500 --> 00:00:16,500" in await srt.text()
    await _get(browser, f"{path}?format=docx", token, 422)


async def test_a_turn_is_corrected_over_its_version(centre: CallCentre, browser: Browser) -> None:
    talk, token = await talk_stage(centre), await _token(centre, "leila", *WRITE)
    path = f"{_path(talk)}/transcript/turns/3"

    async def patch(body: dict[str, Any], status: int, **headers: str) -> Any:
        response = await browser.client.patch(path, json=body, headers={**token, **headers})
        assert response.status == status, await response.text()
        return await response.json()

    await patch({"text": "Fine."}, 428)
    await patch({"text": "Fine.", "undo": True, "version": 1}, 422)
    await patch({}, 422)
    turn = await patch({"text": "All is wonderful.", "version": 1}, 200)
    assert (turn["text"], turn["version"], turn["corrected"]["by"]) == ("All is wonderful.", 2, "leila")
    assert turn["sentiment"] > 0
    await patch({"text": "Fine.", "version": 1}, 409)
    await patch({"text": "Fine."}, 412, **{"If-Match": '"1"'})
    felt = await patch({"sentiment": -1.0}, 200, **{"If-Match": '"2"'})
    assert (felt["sentiment"], felt["text"]) == (-1.0, "All is wonderful.")
    undone = await patch({"undo": True, "version": 3}, 200)
    assert (undone["text"], undone["corrected"]) == (LINES[2][3], None)
    response = await browser.client.patch(
        f"{_path(talk)}/transcript/turns/5", json={"text": "Gone.", "version": 1}, headers=token
    )
    assert response.status == 422
    for other in ("99", "x"):
        response = await browser.client.patch(
            f"{_path(talk)}/transcript/turns/{other}", json={"text": "a", "version": 1}, headers=token
        )
        assert response.status == 404


async def test_recordings_come_in_pieces_and_are_asked_for_to_be_transcribed(
    centre: CallCentre, browser: Browser
) -> None:
    talk, token = await talk_stage(centre, text=False), await _token(centre, "leila", *WRITE)
    sound = await browser.client.get(f"{_path(talk)}/recording", headers={**token, "Range": "bytes=0-3"})
    assert (sound.status, await sound.read()) == (206, b"fLaC")
    await _get(browser, f"{_path(talk)}/transcript", token, 404)
    asked = await browser.client.post(f"{_path(talk)}/transcript", headers=token)
    assert (asked.status, (await asked.json())["state"]) == (202, "waiting")
    again = await browser.client.post(f"{_path(talk)}/transcript", headers=token)
    assert (await again.json())["state"] == "running", "one job a recording"
    told = await _get(browser, f"{_path(talk)}/recording", token, 409)
    assert (told["reason"], "once it has been written down" in told["detail"]) == ("being_read", True)
    await _get(browser, f"{_path(talk)}/recording?recording=other", token, 404)


async def test_rights_are_those_of_the_page_and_the_scope(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    await _get(browser, f"{_path(talk)}/transcript", await _token(centre, "omid", *READ), 404)
    await _get(browser, f"{_path(talk)}/transcript", await _token(centre, "sara", *READ))
    await _get(browser, f"{_path(talk)}/transcript", await _token(centre, "leila", "calls:read"), 403)
    sara = await _token(centre, "sara", *WRITE)
    refused = await browser.client.patch(
        f"{_path(talk)}/transcript/turns/1", json={"text": "a", "version": 1}, headers=sara
    )
    assert refused.status == 403
