"""What the demo does when its Asterisk does not let cxcall write queues."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from cxcall.demo.furnish import furnish
from cxcall.demo.staff import QUEUES, SERVER, STAFF
from cxcall.demo.switch import Switch
from cxcall.demo.switch.ports import free_port
from cxcall.demo.writing import write_queues
from cxcall.settings import Ami, Data, Settings
from cxcall.store import users
from cxcall.store.engine import open_engine
from tests.support.schema import new_database


class NoWriter:
    """An Asterisk whose manager interface does not answer; notes what is done to it by hand."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.said: list[str] = []

    def append(self, name: str, text: str) -> None:
        self.files[name] = text

    async def cli(self, command: str) -> str:
        self.said.append(command)
        return ""


async def test_an_asterisk_that_takes_no_queues_is_given_them_by_hand_and_the_demo_says_why(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    engine = open_engine(new_database(data / "cxcall.sqlite"))
    async with engine.begin() as conn:
        for worker in STAFF:
            await users.create(
                conn, name=worker.login, role=worker.role, password_hash="x", display_name=worker.name,
                extensions=(worker.interface,) if worker.phone else (),
            )  # fmt: skip
        await furnish(conn, language="fa", now=datetime.now(UTC))
    await engine.dispose()
    settings = Settings(ami=(Ami(name=SERVER, port=free_port(), username="x", secret="x"),), data=Data(dir=str(data)))
    asterisk = NoWriter()
    why = await write_queues(settings, cast("Switch", asterisk))
    assert why.startswith("Nothing was written.")
    for queue in QUEUES:
        section = asterisk.files["queues.conf"].partition(f"[{queue.name}]")[2].partition("\n[")[0]
        assert {phone for phone in queue.members if f"PJSIP/{phone}," in section} == set(queue.members)
        assert f"database put cxcall/by-hand number/{queue.number} {queue.name}" in asterisk.said
    assert "[billing-" in asterisk.files["queuerules.conf"]
    assert asterisk.said[-1] == "queue reload all"
