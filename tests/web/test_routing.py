"""/admin/routing: rules written, ordered, checked and published by forms; who may; what is told where."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import msgspec

from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision, Result
from cxcall.routing.facts import Caller, Facts
from cxcall.routing.rule import Condition, RuleSet, Then, Trial
from cxcall.store import customers, routing_decisions, rule_publishing, rule_sets
from cxcall.store.routing_decisions import NewDecision
from cxcall.web.access import Role
from tests.support.routing_stage import GOLD, MINA, NIGHT, PATH, stage, tried_on
from tests.support.webapp import Answer, Browser, World


async def draft_of(world: World) -> RuleSet:
    async with world.engine.connect() as conn:
        return (await rule_sets.draft(conn)).rules


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]


async def press(browser: Browser, do: str, **more: str) -> Answer:
    """A button of the list."""
    page = await browser.get(PATH)
    form = {"version": hidden(page, "version"), "base": hidden(page, "base"), "do": do, **more}
    return await browser.post(PATH, form)


def fields(page: Answer, **more: Any) -> dict[str, str]:
    return {"base": hidden(page, "base"), "shape": "1", "enabled": "1", "do": "save", **more}


async def test_rules_stand_in_their_order_in_words_and_are_moved_switched_copied_and_taken_out(
    world: World, admin: Browser
) -> None:
    assert "No rules yet." in (await admin.get(PATH)).text
    await stage(world, GOLD, NIGHT)
    page = await admin.get(PATH)
    for text in ("Gold first", "the customer’s tier is gold", "to the queue “vip”", "priority 5", "not published"):
        assert text in page.text, text
    assert "Gold first" in (await admin.get("/search?q=gold")).text
    moved = await press(admin, "down:gold")
    assert (moved.status, moved.headers["Location"]) == (303, f"{PATH}?done=saved#down-gold")
    assert [rule.id for rule in (await draft_of(world)).rules] == ["night", "gold"]
    await press(admin, "toggle:night")
    await press(admin, "copy:gold")
    night, gold, copy = (await draft_of(world)).rules
    assert (night.enabled, copy.name, copy.enabled, copy.when) == (False, "Gold first 2", False, gold.when)
    await press(admin, f"remove:{copy.id}", age_every="30", age_most="40")
    after = await draft_of(world)
    assert ([rule.id for rule in after.rules], after.age_every, after.age_most) == (["night", "gold"], 30, 40)
    assert (await admin.post(f"{PATH}/undo")).status == 303
    assert len((await draft_of(world)).rules) == 3
    wrong = await press(admin, "save", age_every="2x", age_most="40")
    assert (wrong.status, "Write a whole number." in wrong.text) == (422, True)
    stale = await admin.post(PATH, {"version": "1", "base": "0", "do": "up:gold"})
    assert (stale.status, "Somebody else changed the draft" in stale.text) == (409, True)


async def test_a_rule_is_written_by_its_form_and_what_can_not_be_read_is_marked(world: World, admin: Browser) -> None:
    await stage(world)
    made = await admin.post(f"{PATH}/rules")
    at = made.headers["Location"]
    page = await admin.get(at)
    assert "Give the rule a name." in page.text
    added = await admin.post(at, fields(page, name="VIP", do="add-when", new_fact="queue.skilled"))
    assert added.headers["Location"].endswith("#when-0-op")
    page = await admin.get(at)
    rows = {
        "when.0.fact": "queue.skilled", "when.0.of_fact": "queue.skilled", "when.0.of": "English", "when.0.level": "3",
        "when.0.op": "under", "when.0.value": "۲",
        "when.1.fact": "customer.tier", "when.1.of_fact": "customer.tier", "when.1.op": "one_of",
        "when.2.fact": "call.number", "when.2.of_fact": "call.number", "when.2.op": "is",
        "when.2.value": "0912 123 4567",
        "when.3.fact": "time.clock", "when.3.of_fact": "time.clock", "when.3.op": "between", "when.3.value": "22:00",
        "when.3.to": "۰۶:۰۰",
        "when.4.fact": "customer.known", "when.4.of_fact": "customer.known", "when.4.op": "holds_no",
    }  # fmt: skip
    gives = {
        "then.queue": "vip", "then.priority": "7", "then.agent.who": "last", "then.agent.wait": "20",
        "then.agent.days": "14", "skills.0.skill": "English", "skills.0.level": "4", "skills.0.after": "0",
        "overflow.0.figure": "waiting", "overflow.0.limit": "5", "overflow.0.to": "billing", "then.language": "fa",
        "then.call_back": "yes", "then.survey": "no", "expires": "1405/12/29", "stop": "1", "trial.on": "1",
        "trial.name": "VIP try", "trial.share": "30", "trial.measure": "nps", "trial.stop_worse": "1",
    }  # fmt: skip
    sent = fields(page, name="VIP", **rows, **gives) | {"when.1.pick": "gold"}
    assert (await admin.post(at, sent)).status == 303
    (rule,) = (await draft_of(world)).rules
    assert [(one.fact, one.op, one.value) for one in rule.when] == [
        ("queue.skilled:English:3", "under", (2.0,)),
        ("customer.tier", "one_of", ("gold",)),
        ("call.number", "is", ("+989121234567",)),
        ("time.clock", "between", ("22:00", "06:00")),
        ("customer.known", "holds", ("no",)),
    ]
    then, trial = rule.then, rule.trial
    assert trial is not None
    assert (trial.name, trial.share, trial.measure, trial.stop_worse) == (
        "VIP try",
        30,
        "nps",
        True,
    )
    assert then.agent is not None
    assert (then.agent.who, then.agent.wait, then.agent.days) == ("last", 20, 14)
    assert (then.queue, then.priority, then.language, then.call_back, then.survey) == ("vip", 7, "fa", True, False)
    assert (then.skills[0].skill, then.overflow[0].to, rule.stop, str(rule.expires)) == (
        "English",
        "billing",
        True,
        "2027-03-20",
    )
    page = await admin.get(at)
    for text in (
        "the number of free agents with English from level 3 is under 2",
        "the time of day is from 22:00 to 06:00",
    ):
        assert text in page.text, text
    wrong = await admin.post(at, fields(page, name="VIP", expires="soon", **{"then.priority": "high"}))
    assert (wrong.status, "Write a day like" in wrong.text, "Write a whole number." in wrong.text) == (422, True, True)
    assert 'value="high"' in wrong.text
    stale = await admin.post(at, fields(page, name="Mine", base="0"))
    assert (stale.status, "Somebody else changed the draft" in stale.text) == (409, True)
    gone = await admin.post(f"{at}/remove")
    assert gone.headers["Location"] == f"{PATH}?done=removed"
    assert (await admin.get(at)).status == 404


async def test_a_row_whose_fact_was_changed_asks_for_a_new_value_and_rows_come_and_go(
    world: World, admin: Browser
) -> None:
    await stage(world, GOLD)
    at = f"{PATH}/rules/gold"
    page = await admin.get(at)
    same = {
        "when.0.fact": "customer.tier",
        "when.0.of_fact": "customer.tier",
        "when.0.op": "is",
        "when.0.pick": "silver",
    }
    await admin.post(at, fields(page, name="Gold first", **same))
    assert (await draft_of(world)).rules[0].when[0].value == ("silver",)
    page = await admin.get(at)
    row = {"when.0.fact": "queue.waiting", "when.0.of_fact": "customer.tier", "when.0.op": "is", "when.0.pick": "gold"}
    await admin.post(at, fields(page, name="Gold first", **row))
    (rule,) = (await draft_of(world)).rules
    assert rule.when == (Condition(fact="queue.waiting", op="is"),)
    assert "Say with what it is compared." in (await admin.get(at)).text
    for do, gives in (("add-step", "skills"), ("add-overflow", "overflow")):
        page = await admin.get(at)
        await admin.post(at, fields(page, name="Gold first", do=do))
        assert len(getattr((await draft_of(world)).rules[0].then, gives)) == 1
        row = {"skills.0.level": "1", "skills.0.after": "0", "overflow.0.limit": "9"}
        page = await admin.get(at)
        await admin.post(at, fields(page, name="Gold first", do=f"drop{do[3:]}:0", **row))
        assert getattr((await draft_of(world)).rules[0].then, gives) == ()
    page = await admin.get(at)
    part = await admin.post(at, fields(page, name="G"), x_fragment="1")
    assert part.status == 200
    assert 'id="flow"' in part.text
    assert "<html" not in part.text


async def test_rules_are_published_with_a_note_only_when_nothing_is_wrong_and_everybody_hears(
    world: World, admin: Browser
) -> None:
    heard: list[Any] = []
    world.bus.subscribe("routing", heard.append) if hasattr(world.bus, "subscribe") else None
    await stage(world, GOLD, msgspec.structs.replace(NIGHT, then=Then(queue="nowhere")))
    refused = await press(admin, "apply")
    assert (refused.status, "first mend the rules" in refused.text) == (422, True)
    assert "There is no queue “nowhere”." in refused.text
    await press(admin, "remove:night")
    done = await press(admin, "apply", new_note="gold first")
    assert done.headers["Location"] == f"{PATH}?done=published"
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    assert (standing.n, standing.note, standing.rules.rules) == (1, "gold first", (GOLD,))
    again = await press(admin, "apply")
    assert (again.status, "these rules hold already" in again.text) == (409, True)
    await press(admin, "toggle:gold")
    page = await admin.get(PATH)
    assert "Switched off." in page.text
    assert "1 change not published" in page.text
    await admin.post(f"{PATH}/discard", {"version": hidden(page, "version")})
    assert (await draft_of(world)).rules == (GOLD,)


async def test_a_rule_says_for_how_many_calls_it_held_and_when_it_never_did(world: World) -> None:
    await stage(world, GOLD, NIGHT, publish=True)
    world.clock.forward(timedelta(days=40))
    admin = await world.browser(Role.ADMIN)
    now = world.clock()
    held = [
        NewDecision(
            decision=Decision(at=now, result=Result(queue="vip"), matched=("gold",)), server="lab", unique_id=f"{n}.1"
        )
        for n in range(3)
    ]
    async with world.engine.begin() as conn:
        await routing_decisions.add(conn, held)
    page = await admin.get(PATH)
    assert page.text.count("Never hit in 30 days") == 1
    assert re.search(r'<b><bdi class="num" dir="ltr">3</bdi></b>', page.text)


async def test_only_administrators_open_the_rules(world: World, supervisor: Browser, agent: Browser) -> None:
    await stage(world, GOLD)
    for path in ("", "/rules/gold", "/text", "/versions", "/try", "/replay"):
        for browser in (supervisor, agent):
            assert (await browser.get(PATH + path)).status == 403, path


async def test_the_draft_is_text_and_text_is_the_draft(world: World, admin: Browser) -> None:
    await stage(world, GOLD)
    page = await admin.get(f"{PATH}/text")
    assert "rule gold &#34;Gold first&#34;" in page.text
    form = {"version": hidden(page, "version")}
    bad = await admin.post(
        f"{PATH}/text", form | {"text": 'rule gold "Gold"\n  when customer.teir is gold\n  then queue vip'}
    )
    assert (bad.status, "Line 2, column 8:" in bad.text, "customer.tier" in bad.text) == (422, True, True)
    good = await admin.post(f"{PATH}/text", form | {"text": 'rule "New"\r\n  then queue night, no survey'})
    assert good.headers["Location"] == f"{PATH}?done=saved"
    (rule,) = (await draft_of(world)).rules
    assert (rule.name, rule.then) == ("New", Then(queue="night", survey=False))
    assert rule.id.startswith("r")
    assert (await admin.post(f"{PATH}/text", form | {"text": ""})).status == 409


async def test_older_versions_are_looked_at_and_hold_again(world: World, admin: Browser) -> None:
    await stage(world, GOLD, NIGHT, publish=True)
    await press(admin, "remove:gold")
    await press(admin, "apply", new_note="without gold")
    page = await admin.get(f"{PATH}/versions?n=1")
    for text in ("without gold", "Going back to it would change", "New, at place 1", "Roll back to this version"):
        assert text in page.text, text
    back = await admin.post(f"{PATH}/versions", {"n": "1", "base": "2"})
    assert back.headers["Location"] == f"{PATH}/versions?done=restored"
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    assert (standing.n, standing.restores, standing.rules.rules) == (3, 1, (GOLD, NIGHT))
    assert (await admin.post(f"{PATH}/versions", {"n": "1", "base": "2"})).status == 409
    assert (await admin.get(f"{PATH}/versions?n=9")).status == 404


async def test_a_call_is_tried_with_its_reasons_and_the_facts_rules_looked_at(world: World, admin: Browser) -> None:
    await stage(world, GOLD, NIGHT)
    async with world.engine.begin() as conn:
        await customers.create(conn, MINA)
    assert "Write a number and decide." in (await admin.get(f"{PATH}/try")).text
    page = await admin.get(f"{PATH}/try?number=09121234567&queue=billing&clock=23:10&sentence=hello&of=draft")
    for text in (
        "Mina Rezaei", "To the queue “vip”.", "Priority 5.", "the customer’s tier is gold", "Gold first",
        "queues and agents are not known", "the time of day", "Not understood",
        "OK|status=hint|queue=vip|priority=5|end",
    ):  # fmt: skip
        assert text in page.text, text
    holds = await admin.get(f"{PATH}/try?number=09121234567&queue=billing&of=published")
    assert "No rule names a queue: it stays “billing”." in holds.text
    assert "OK|status=default|end" in holds.text
    by_day = await admin.get(f"{PATH}/try?number=02188001122&queue=billing&clock=12:10&of=draft")
    for text in (
        "Rules that did not hold", "asks: the customer’s tier is gold; not known",
        "asks: the time of day is from 22:00 to 06:00; it is 12:10",
    ):  # fmt: skip
        assert text in by_day.text, text
    wrong = await admin.get(f"{PATH}/try?number=1&clock=25:00")
    assert (wrong.status, "a time like 14:30" in wrong.text) == (422, True)


async def test_the_calls_of_a_rule_are_listed_with_what_they_got(world: World, admin: Browser) -> None:
    await stage(world, GOLD, publish=True)
    assert "It held for no call yet." in (await admin.get(f"{PATH}/rules/gold/calls")).text
    made = Decision(at=world.clock(), result=Result(queue="vip", priority=5), matched=("gold",), version=1)
    async with world.engine.begin() as conn:
        await routing_decisions.add(
            conn, [NewDecision(decision=made, server="lab", unique_id="1.1", number="+989121234567", asked="billing")]
        )
    page = await admin.get(f"{PATH}/rules/gold/calls")
    assert "vip" in page.text
    assert "billing" in page.text
    assert "0912" in page.text
    assert (await admin.get(f"{PATH}/rules/none/calls")).status == 404


async def test_a_past_day_is_played_through_the_draft_and_says_what_would_have_changed_for_whom(
    world: World, admin: Browser
) -> None:
    await stage(world, GOLD)
    at = world.clock()
    gold = Caller(id="c" * 26, name="Mina Rezaei", tier="gold")
    facts = [
        Facts(at=at, server="lab", call=f"{n}.1", number="+989121234567", queue="billing", customer=who)
        for n, who in enumerate((gold, None))
    ]
    async with world.engine.begin() as conn:
        await routing_decisions.add(
            conn,
            [
                NewDecision(
                    decision=decide(RuleSet(), one),
                    server="lab",
                    unique_id=one.call,
                    facts=one,
                    call_id=f"lab-{one.call}",
                )
                for one in facts
            ],
        )
    assert "Choose a day with calls." in (await admin.get(f"{PATH}/replay")).text
    assert (await admin.post(f"{PATH}/replay", {"day": "soon"})).status == 422
    assert (await admin.post(f"{PATH}/replay", {"day": at.date().isoformat()})).status == 303
    async with asyncio.timeout(30):
        while "For whom" not in (page := await admin.get(f"{PATH}/replay")).text:
            await asyncio.sleep(0.05)
    for text in ("Mina Rezaei", "Would go otherwise", "/calls/lab-0.1", '<del dir="auto">billing</del>', "Gold first"):
        assert text in page.text, text
    assert "/calls/lab-1.1" not in page.text
    await press(admin, "toggle:gold")
    assert "The draft was changed since." in (await admin.get(f"{PATH}/replay/progress")).text


async def test_an_experiment_shows_both_groups_its_verdict_and_picture_and_is_ended(
    world: World, admin: Browser, supervisor: Browser
) -> None:
    trial = Trial(name="VIP try", share=50, measure="wait", began=world.clock().date())
    await stage(world, msgspec.structs.replace(GOLD, trial=trial), publish=True)
    early = await admin.get(f"{PATH}/experiments/VIP%20try")
    assert "Too early to say: each group needs 50 customers, there are 0 and 0." in early.text
    await tried_on(world, 60)
    listed = await admin.get(f"{PATH}/experiments")
    for text in ("VIP try", "Running", "better with the rule", "60 calls"):
        assert text in listed.text, text
    page = await supervisor.get(f"{PATH}/experiments/VIP%20try")
    for text in ("Better in wait: 0:0", "0:20 without", "n = ", 'data-series="line"', "Show as table", "Other figures"):
        assert text in page.text, text
    assert "End the experiment" not in page.text
    assert (await supervisor.post(f"{PATH}/experiments/VIP%20try")).status == 403
    other = await admin.get(f"{PATH}/experiments/VIP%20try?measure=csat")
    assert "Too early to say" in other.text
    assert (await admin.post(f"{PATH}/experiments/VIP%20try")).status == 303
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    ended = standing.rules.rules[0].trial
    assert ended is not None
    assert (standing.n, ended.ended) == (2, world.clock().date())
    assert (await draft_of(world)).rules[0].trial == ended
    assert "Ended" in (await admin.get(f"{PATH}/experiments")).text
    sheet = await supervisor.get(f"{PATH}/experiments.csv?name=VIP+try")
    lines = sheet.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("Experiment,Figure,Unit,With the rule,from,to,Calls,Customers,Without")
    first = lines[1].split(",")
    assert (len(lines), first[:3], first[8], first[-1]) == (
        7, ["VIP try", "wait", "seconds"], "20.000", "better with the rule",
    )  # fmt: skip
    assert (await supervisor.get(f"{PATH}/experiments.csv?name=none")).status == 404
    assert (await admin.post(f"{PATH}/experiments/none")).status == 404


async def test_an_experiment_whose_rule_was_removed_stays_with_its_results(
    world: World, admin: Browser, supervisor: Browser
) -> None:
    trial = Trial(name="VIP try", share=50, measure="wait", began=world.clock().date())
    await stage(world, msgspec.structs.replace(GOLD, trial=trial, enabled=False), publish=True)
    await tried_on(world, 60)
    await press(admin, "remove:gold")
    assert "Not running: its rule is off" in (await admin.get(f"{PATH}/experiments")).text
    assert (await press(admin, "apply")).status == 303
    listed = await supervisor.get(f"{PATH}/experiments")
    for text in ("VIP try", "Over: its rule was removed", "better with the rule"):
        assert text in listed.text, text
    assert '<a href="/admin/routing/experiments" aria-current="page"' in listed.text
    page = await admin.get(f"{PATH}/experiments/VIP%20try")
    assert "Better in wait" in page.text
    assert 'href="/admin/routing/rules/gold"' not in page.text


async def test_many_rules_are_searched_by_what_they_say(world: World, admin: Browser) -> None:
    many = [msgspec.structs.replace(NIGHT, id=f"n{n}", name=f"Branch {n}") for n in range(99)]
    await stage(world, *many, GOLD)
    page = await admin.get(f"{PATH}?q=tier+VIP")
    assert "1 of 100" in page.text
    assert ('id="rule-gold"' in page.text, 'id="rule-n5"' in page.text) == (True, False)
    sent = {"version": hidden(page, "version"), "base": hidden(page, "base"), "do": "up:gold"}
    moved = await admin.post(f"{PATH}?q=tier+VIP", sent)
    assert moved.headers["Location"] == f"{PATH}?q=tier+VIP&done=saved#up-gold"
    assert [rule.id for rule in (await draft_of(world)).rules].index("gold") == 98
    assert "No rule has these words." in (await admin.get(f"{PATH}?q=nothing+such")).text


async def test_an_experiment_that_does_harm_ends_by_itself_and_the_history_says_so(
    world: World, admin: Browser
) -> None:
    harm = Trial(name="VIP try", share=50, measure="wait", began=world.clock().date())
    await stage(world, msgspec.structs.replace(GOLD, trial=harm), publish=True)
    day = world.clock().date()
    assert await rule_publishing.end_harmful(world.engine, now=world.clock(), day=day) == []
    await tried_on(world, 60, treated=90.0)
    (made,) = await rule_publishing.end_harmful(world.engine, now=world.clock(), day=day)
    assert made.n == 2
    assert await rule_publishing.end_harmful(world.engine, now=world.clock(), day=day) == []
    page = await admin.get(f"{PATH}/versions")
    assert "ended by itself: its measure was worse beyond doubt" in page.text
