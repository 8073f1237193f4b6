import re
from pathlib import Path

from cxcall.demo.staff import AGENTS, DIRECT_NUMBER, OUTSIDE_PREFIX, QUEUES, agent

SITE = Path(__file__).parents[3] / "asterisk-conf/demo"


def test_queues_have_the_members_that_asterisk_knows() -> None:
    text = (SITE / "queues.conf").read_text()
    for queue in QUEUES:
        section = text.partition(f"[{queue.name}]")[2].partition("\n[")[0]
        members = re.findall(r"member => PJSIP/(\d+),\d+,([^,]+),PJSIP/\d+", section)
        assert {(phone, agent(phone).name) for phone in queue.members} == set(members)


def test_the_numbers_lead_where_the_dialplan_says() -> None:
    text = (SITE / "extensions.conf").read_text()
    for queue in QUEUES:
        assert f"exten => {queue.number},1,Gosub(cxcall-route,s,1({queue.name}))" in text
        assert f"exten => {queue.extension},1,Goto(cxcall-queue,{queue.name},1)" in text
    assert f"exten => _{OUTSIDE_PREFIX}X.,1," in text
    assert DIRECT_NUMBER.format(phone="1001") == "02191001001"
    assert "exten => _0219100100[1-5],1,Goto(internal,${EXTEN:-4},1)" in text


def test_every_agent_has_a_phone_that_asterisk_knows() -> None:
    text = (SITE / "pjsip.conf").read_text()
    for worker in AGENTS:
        assert worker.phone in text
        assert worker.name in text
