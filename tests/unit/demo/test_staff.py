import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cxcall.demo import floor
from cxcall.demo.staff import (
    AGENTS,
    DIRECT_NUMBER,
    OUTSIDE_PREFIX,
    QUEUES,
    RECEPTION,
    SALES,
    SUPPORT,
    TIMEZONE,
    Queue,
    agent,
    listeners,
)
from cxcall.queues.alerting import faults
from cxcall.queues.checks import problems
from cxcall.queues.facts import Facts
from cxcall.queues.membership import People, Person, resolve
from cxcall.queues.opening import Open, state_at

SITE = Path(__file__).parents[3] / "asterisk-conf/demo"


def test_queues_made_by_hand_have_the_members_that_asterisk_knows() -> None:
    text, managed = ((SITE / name).read_text() for name in ("queues.conf", "managed/queues.conf"))
    for queue, file in ((SUPPORT, text), (SALES, text), (RECEPTION, text), (RECEPTION, managed)):
        section = file.partition(f"[{queue.name}]")[2].partition("\n[")[0]
        members = re.findall(r"member => \S+?/(\d+)[^,]*,\d+,([^,]+),PJSIP/\d+", section)
        assert {(phone, agent(phone).name) for phone in queue.members} == set(members)
    assert not re.search(r"^\[(support|sales)\]", managed, re.MULTILINE), "cxcall writes these"


def people() -> People:
    persons = {
        worker.login: Person(
            id=worker.login,
            name=worker.name,
            interfaces=(worker.interface,),
            skills={key: levels[worker.login] for key, (_, levels) in floor.SKILLS.items() if worker.login in levels},
            teams=frozenset(key for key, (_, logins) in floor.TEAMS.items() if worker.login in logins),
        )
        for worker in AGENTS
    }
    names = {key: words["en"] for key, (words, _) in (*floor.TEAMS.items(), *floor.SKILLS.items())}
    return People(persons=persons, teams=names, skills=names)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_queues_that_cxcall_writes_can_be_applied_and_reach_whom_the_past_was_made_up_for(language: str) -> None:
    everybody, hours = people(), floor.calendars(language)
    ids = floor.Ids(
        people={worker.login: worker.login for worker in AGENTS}, teams={key: key for key in floor.TEAMS},
        skills={key: key for key in floor.SKILLS}, calendars={key: key for key in hours},
    )  # fmt: skip
    prompt = floor.PROMPT[language]
    wanted = {one.name: one for one in floor.definitions(ids, prompt)}
    facts = Facts(
        queues=wanted, people=everybody, calendars=hours, prompts=frozenset({prompt}),
        phones=frozenset(worker.interface for worker in AGENTS), foreign=frozenset({RECEPTION.name}),
    )  # fmt: skip
    assert list(wanted) == [queue.name for queue in QUEUES]
    for queue in QUEUES:
        definition = wanted[queue.name]
        assert definition.numbers == (queue.number,)
        assert {member.interface for member in resolve(definition.members, everybody)} == interfaces(queue)
        assert not [each for each in problems(definition, facts) if each.severity == "error"]
    assert not [fault for rule in floor.rules(language, "demo") for fault in faults(rule)]


def test_when_billing_is_closed_the_night_desk_is_open() -> None:
    hours = floor.calendars("en")
    nowruz = datetime(2027, 3, 19, tzinfo=ZoneInfo(TIMEZONE)).timestamp()
    for quarter in range(16 * 96):
        states = [isinstance(state_at(hours[key], (), nowruz + quarter * 900), Open) for key in ("office", "night")]
        assert states.count(True) == 1, nowruz + quarter * 900


def interfaces(queue: Queue) -> set[str]:
    return {agent(phone).interface for phone in queue.members}


def test_the_numbers_lead_where_the_dialplan_says() -> None:
    text = (SITE / "extensions.conf").read_text()
    for queue in (SUPPORT, SALES):
        assert f"exten => {queue.number},1,Gosub(cxcall-route,s,1({queue.name}))" in text
        assert f"exten => {queue.extension},1,Goto(cxcall-queue,{queue.name},1)" in text
    assert f"exten => _{OUTSIDE_PREFIX}X.,1," in text
    assert DIRECT_NUMBER.format(phone="1001") == "02191001001"
    assert "exten => _0219100100[1-8],1,Goto(internal,${EXTEN:-4},1)" in text


def test_every_agent_has_a_phone_that_asterisk_knows() -> None:
    text = (SITE / "pjsip.conf").read_text()
    for worker in (*AGENTS, *listeners("en")):
        assert worker.phone in text
        assert worker.name in text
