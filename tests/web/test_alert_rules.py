"""/alerts and its rules: made, changed, switched; alerts of rules in words, quiet until a time."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from cxcall.bus.floor import ALERT_RULES
from cxcall.queues.alerting import FloorRule
from cxcall.store import alert_rules, alerts
from cxcall.store.alerts import Alert, NewAlert
from cxcall.web.access import Role
from tests.support.webapp import Browser, World

RULE = {"name": "Long waits", "measure": "longest", "yellow": "1:30", "red": "۱۸۰", "hold": "0", "calm": "20",
        "margin": "", "least": "10", "sound": "1", "enabled": "1"}  # fmt: skip


async def raised(world: World, *, level: str = "red", people: tuple[str, ...] = ()) -> Alert:
    params = {"measure": "longest", "value": 192.0, "limit": 120, "queue": "billing", "people": people, "sound": True}
    new = NewAlert(key="floor:r:lab:billing", title="Long waits", params=params, rule_id="r", queue="lab:billing",
                   level="red" if level == "red" else "yellow")  # fmt: skip
    async with world.engine.begin() as conn:
        return await alerts.raise_(conn, new, now=world.clock())


async def test_a_rule_is_made_changed_switched_off_and_removed(world: World, supervisor: Browser) -> None:
    told: list[object] = []
    world.bus.subscribe(ALERT_RULES, told.append)
    wrong = await supervisor.post("/alerts/rules/new", {**RULE, "name": " ", "yellow": "400"})
    assert wrong.status == 422
    assert "Give it a name" in wrong.text
    assert "Red must be worse" in wrong.text
    assert 'value="400"' in wrong.text
    assert (await supervisor.post("/alerts/rules/new", RULE)).status == 303
    async with world.engine.connect() as conn:
        (kept,) = await alert_rules.everything(conn)
    rule = msgspec.convert(kept.body, FloorRule)
    assert (rule.yellow, rule.red, rule.calm, rule.queues, rule.people) == (90, 180, 20, (), ())
    page = await supervisor.get("/alerts/rules")
    for words in ("Long waits", "1:30 or more", "3:00 or more", "everybody"):
        assert words in page.text, words
    path = f"/alerts/rules/{kept.id}"
    form = await supervisor.get(path)
    assert 'value="180"' in form.text
    leila = world.people[Role.ADMIN].id
    changed = {**RULE, "yellow": "", "version": "1", "queue": "lab:billing", "person": leila}
    assert (await supervisor.post(path, changed)).status == 303
    assert (await supervisor.post(path, changed)).status == 409
    assert "Leila Ahmadi" in (await supervisor.get("/alerts/rules")).text
    await supervisor.post(path + "/off")
    async with world.engine.connect() as conn:
        (kept,) = await alert_rules.everything(conn)
        assert not kept.enabled
    gone = await supervisor.post(path + "/remove", {"version": str(kept.version)}, follow=True)
    assert "No rules yet" in gone.text
    assert f'action="{path}/restore"' in gone.text
    await supervisor.post(path + "/restore")
    async with world.engine.connect() as conn:
        (back,) = await alert_rules.everything(conn)
    assert (back.id, back.body, back.enabled) == (kept.id, kept.body, False)
    assert (await supervisor.post(path + "/restore")).status == 404
    assert len(told) == 5


async def test_a_site_begins_with_the_usual_rules_in_its_own_words(world: World, supervisor: Browser) -> None:
    await world.prefer(Role.SUPERVISOR, language="fa")
    await supervisor.post("/alerts/rules/usual")
    await supervisor.post("/alerts/rules/usual")
    async with world.engine.connect() as conn:
        rules = [msgspec.convert(kept.body, FloorRule) for kept in await alert_rules.everything(conn)]
    assert len({rule.measure for rule in rules}) == len(rules) == 9
    page = await supervisor.get("/alerts/rules")
    assert "انتظار طولانی تماس‌گیرندگان" in page.text
    assert "Looks at" not in page.text


async def test_an_alert_of_a_rule_says_what_it_found_and_is_quiet_until_a_time(
    world: World, supervisor: Browser
) -> None:
    alert = await raised(world)
    page = await supervisor.get("/alerts")
    assert "billing: somebody waits for 3:12 (limit 2:00)" in page.text
    assert re.search(r'class="chip bad">.*?Red', page.text)
    bad = await supervisor.post(f"/alerts/{alert.id}/snooze", {"until": "25:00"}, follow=True)
    assert "That is no time" in bad.text
    await supervisor.post(f"/alerts/{alert.id}/snooze", {"until": "۱۱:۳۰", "for": "1d", "next": "/alerts/rules"})
    async with world.engine.connect() as conn:
        assert await alerts.count_heard(conn, now=world.clock() + timedelta(minutes=46)) == 0  # 11:28 in Tehran
        assert await alerts.count_heard(conn, now=world.clock() + timedelta(minutes=48)) == 1
    async with world.engine.begin() as conn:
        await alerts.clear(conn, alert.key, now=world.clock())
    assert "Over by itself" in (await supervisor.get("/alerts")).text


async def test_only_those_a_rule_names_are_told_aloud(world: World, supervisor: Browser, admin: Browser) -> None:
    alert = await raised(world, people=(world.people[Role.ADMIN].id,))
    assert (await supervisor.get(f"/alerts/{alert.id}/news")).status == 204
    told = await admin.get(f"/alerts/{alert.id}/news")
    news = msgspec.json.decode(told.text)
    assert (news["title"], news["level"], news["sound"]) == ("Red: Long waits", "red", True)
    assert "cx-alerts" not in (await supervisor.get("/alerts")).text
    await supervisor.post("/preferences", {"alert_sound": "on", "next": "/alerts"})
    assert "<cx-alerts hidden sound>" in (await supervisor.get("/alerts")).text


async def test_agents_see_no_rules(agent: Browser) -> None:
    for path in ("/alerts/rules", "/alerts/rules/new"):
        assert (await agent.get(path)).status == 403
    assert (await agent.post("/alerts/rules/usual")).status == 403
