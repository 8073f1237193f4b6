"""The wallboard's rules one by one: days, shares, who needs somebody, and that nothing counts twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.calls.board import Board
from cxcall.calls.board_calls import Patience
from cxcall.calls.board_days import day_of
from cxcall.calls.board_figures import Answers, figures
from cxcall.calls.board_patches import patch
from cxcall.calls.board_shapes import (
    BoardSnapshot,
    QueueFacts,
    QueueTargets,
    QueueTile,
    Seat,
    Shut,
    by_need,
    open_view,
)
from cxcall.calls.board_stays import Stay, stays_of
from cxcall.calls.record import Caller, CallId, CallRecord, Hold, QueueVisit, Talk, VisitResult

UTC_ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).timestamp()


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOON + seconds, UTC)


def visit(joined: float, left: float | None = None, result: VisitResult | None = None, queue: str = "sales") -> Any:
    return QueueVisit(
        queue=queue, joined_at=at(joined), left_at=None if left is None else at(left), result=result,
        wait=None if left is None else left - joined,
    )  # fmt: skip


def call(name: str, *visits: QueueVisit, ended: float | None = None, **facts: Any) -> CallRecord:
    return CallRecord(
        id=CallId(name), server="lab", started_at=at(-4000), queue_visits=visits, direction="inbound",
        ended_at=None if ended is None else at(ended), **facts,
    )  # fmt: skip


def board(*calls: CallRecord, targets: QueueTargets | None = None, seats: Sequence[Seat] = ()) -> Board:
    made = Board(UTC_ZONE, Patience(hold=120, talk=900))
    if targets is not None:
        made.define({("lab", "sales"): QueueFacts(targets=targets)}, {})
    for one in calls:
        made.call(one)
    made.seats(seats)
    return made


def sales(made: Board, now: float = 0.0) -> QueueTile:
    return made.at(NOON + now).queues["lab:sales"]


def seat(name: str, state: Any, *queues: str, **facts: Any) -> Seat:
    return Seat(key=f"lab:{name}", server="lab", name=name, state=state, queues=queues, **facts)


# Days


@pytest.mark.parametrize(
    ("zone", "moment", "date", "hours"),
    [
        ("Asia/Tehran", datetime(2026, 11, 21, 20, 29, 59, tzinfo=UTC), "2026-11-21", 24),
        ("Asia/Tehran", datetime(2026, 11, 21, 20, 30, tzinfo=UTC), "2026-11-22", 24),
        ("Asia/Tehran", datetime(2022, 3, 21, 20, 30, tzinfo=UTC), "2022-03-22", 23),
        ("Asia/Tehran", datetime(2022, 9, 21, 20, 0, tzinfo=UTC), "2022-09-21", 25),
        ("Europe/Berlin", datetime(2026, 3, 29, 12, 0, tzinfo=UTC), "2026-03-29", 23),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25", 25),
        ("America/Havana", datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "2026-11-01", 25),
        ("Asia/Kathmandu", datetime(2026, 11, 21, 18, 15, tzinfo=UTC), "2026-11-22", 24),
    ],
)
def test_a_day_goes_from_midnight_to_midnight_of_its_zone(zone: str, moment: datetime, date: str, hours: int) -> None:
    day = day_of(moment.timestamp(), ZoneInfo(zone))
    assert (day.date, (day.ends - day.began) / 3600) == (date, hours)
    assert day.holds(moment.timestamp())


@given(st.integers(946684800, 2208988800), st.sampled_from(["Asia/Tehran", "Europe/Berlin"]))
def test_days_follow_one_another_without_a_gap(moment: int, name: str) -> None:
    zone = ZoneInfo(name)
    day = day_of(float(moment), zone)
    assert day_of(day.ends, zone).began == day.ends
    assert day_of(day.began - 1, zone).ends == day.began


# Counting

RESULTS = st.sampled_from([None, *get_args(VisitResult)])


@st.composite
def versions(draw: Any) -> list[CallRecord]:
    """Versions of a few calls in any order, as a listener, a replay and the database may tell them."""
    told = []
    for _ in range(draw(st.integers(1, 12))):
        stays = []
        for _ in range(draw(st.integers(0, 2))):
            result, joined = draw(RESULTS), draw(st.floats(-90000, -10))
            left = None if result is None else joined + draw(st.floats(0, 9))
            stays.append(visit(joined, left, result, draw(st.sampled_from(["sales", "gold"]))))
        told.append(call(f"lab-{draw(st.integers(1, 4))}", *stays))
    return told


@settings(deadline=None, max_examples=60)
@given(versions(), st.lists(st.integers(1, 4), max_size=3))
def test_only_the_newest_word_on_each_call_counts_however_it_came(told: list[CallRecord], gone: list[int]) -> None:
    busy = board()
    busy.at(NOON)
    for record in told:
        busy.call(record)
        busy.call(record)
    for number in gone:
        busy.forget(f"lab-{number}")
    newest = {record.id: record for record in told if int(record.id[4:]) not in gone}
    plain = board(*newest.values())
    shown, expected = busy.at(NOON).queues, plain.at(NOON).queues
    for key in shown.keys() | expected.keys():
        nothing = QueueTile(server="lab", name=key[4:])
        mine, other = shown.get(key, nothing), expected.get(key, nothing)
        assert msgspec.structs.replace(mine, line=(), levels=()) == msgspec.structs.replace(other, line=(), levels=())


def test_what_the_database_kept_gives_way_to_what_is_followed_live() -> None:
    made = board(call("lab-1", visit(-30, -20, "answered")))
    made.remember({"lab-1": (Stay(server="lab", queue="sales", joined=NOON - 30, open=True),),
                   "lab-2": stays_of(call("lab-2", visit(-60, -10, "abandoned"), ended=-9))})  # fmt: skip
    tile = sales(made)
    assert (tile.offered, tile.answered, tile.abandoned, tile.waiting) == (2, 1, 1, 0)
    made.call(call("lab-2", visit(-60, -10, "abandoned"), ended=-9))
    assert sales(made) == tile
    made.remember({})
    assert sales(made) == tile


def test_who_waits_only_by_the_databases_word_goes_when_asterisk_does_not_have_them() -> None:
    made = board()
    waits = (Stay(server="lab", queue="sales", joined=NOON - 30, open=True),)
    made.remember({"lab-1": waits, "lab-2": waits})
    assert sales(made).waiting == 2
    made.lost("lab", {"lab-2"})
    assert sales(made).waiting == 1


def test_targets_that_change_count_the_day_anew() -> None:
    made = board(call("lab-1", visit(-60, -35, "answered")), targets=QueueTargets(answer_within=20))
    assert sales(made).sl == 0.0
    made.define({("lab", "sales"): QueueFacts(targets=QueueTargets(answer_within=30))}, {})
    assert sales(made).sl == 100.0


def test_a_waiting_caller_lowers_the_service_level_only_once_it_is_too_late() -> None:
    made = board(call("lab-1", visit(-100, -95, "answered")), call("lab-2", visit(0)))
    assert (sales(made, 20).sl, sales(made, 20).decided) == (100.0, 1)
    assert (sales(made, 20.5).sl, sales(made, 20.5).decided) == (50.0, 2)


def test_short_abandons_are_told_apart_and_those_refused_at_the_door_were_not_offered() -> None:
    made = board(
        call("lab-1", visit(-60, -57, "abandoned"), ended=-57),
        call("lab-2", visit(-60, -20, "abandoned"), ended=-20),
        call("lab-3", visit(-60, -60, "full"), ended=-59),
        call("lab-4", visit(-60, -20, "closed"), ended=-19),  # thrown out when the last agent went
        call("lab-5", visit(-60, -58, "answered")),
    )
    tile, figure = sales(made), made.at(NOON).figures
    assert (tile.offered, tile.abandoned, tile.short, tile.full, tile.refused) == (4, 2, 1, 1, 1)
    assert (tile.in_time, tile.decided, tile.sl) == (1, 3, 33.3)
    assert (figure.abandoned.value, figure.abandoned.n, figure.abandoned.share) == (1, 3, 33.3)


def test_who_is_called_back_was_offered_once_when_they_joined_and_waits_without_holding_the_line() -> None:
    made = board(
        call("lab-1", visit(-300, -280, "left"), ended=-270),  # pressed the key
        call("lab-cxcb-b-1", visit(-270, -200, "answered"), ended=-190),  # their line was busy
        call("lab-cxcb-b-2", visit(-180)),
    )
    tile = sales(made)
    assert (tile.offered, tile.left, tile.answered, tile.abandoned, tile.decided) == (1, 1, 0, 0, 1)
    assert (tile.waiting, tile.longest, tile.since, tile.state) == (1, None, (), "ok")
    made.call(call("lab-cxcb-b-2", visit(-180, -10, "answered")))
    assert (sales(made).waiting, sales(made).answered, sales(made).sl) == (0, 0, 0.0)


# Needs


@pytest.mark.parametrize(
    ("waits", "there", "state", "why"),
    [
        ([], 1, "ok", ()),
        ([-59], 1, "ok", ()),
        ([-61], 1, "watch", ("longest",)),
        ([-121], 1, "act", ("longest",)),
        ([-1], 0, "act", ("nobody",)),
        ([-1] * 6, 1, "act", ("waiting",)),
        ([-121] + [-1] * 5, 0, "act", ("longest", "waiting", "nobody")),
    ],
)
def test_a_queue_needs_somebody_by_its_callers_and_its_agents(
    waits: list[float], there: int, state: str, why: tuple[str, ...]
) -> None:
    seats = [seat(f"a{number}", "on_call", "sales") for number in range(there)] + [seat("off", "offline", "sales")]
    made = board(*(call(f"lab-{n}", visit(joined)) for n, joined in enumerate(waits)), seats=seats)
    tile = sales(made)
    assert (tile.state, tile.why) == (state, why)


def test_a_queue_is_not_called_deserted_before_any_agent_is_known() -> None:
    assert sales(board(call("lab-1", visit(-1)))).state == "ok"


def test_shares_say_nothing_before_ten_visits() -> None:
    nine = [call(f"lab-{n}", visit(-900, -800, "abandoned"), ended=-800) for n in range(9)]
    assert sales(board(*nine)).state == "ok"
    tile = sales(board(*nine, call("lab-9", visit(-900, -800, "abandoned"), ended=-800)))
    assert (tile.state, tile.why) == ("watch", ("sl", "abandoned"))


def test_a_closed_queue_is_closed_unless_somebody_still_waits_in_it() -> None:
    shut = Shut(why="holiday", title="Nowruz", opens=NOON + 3600)
    made = board(seats=[seat("a", "ready", "sales")])
    made.define({("lab", "sales"): QueueFacts()}, {("lab", "sales"): shut})
    assert (sales(made).state, sales(made).closed) == ("closed", shut)
    made.call(call("lab-1", visit(-200)))
    assert (sales(made).state, sales(made).closed) == ("act", shut)


def test_queues_come_by_need_then_by_the_longest_wait() -> None:
    told: list[tuple[str, Any, float | None]] = [
        ("a", "closed", None), ("b", "ok", None), ("c", "act", NOON), ("d", "act", NOON - 9), ("e", "watch", None),
    ]  # fmt: skip
    tiles = [QueueTile(server="lab", name=name, state=state, longest=longest) for name, state, longest in told]
    assert "".join(tile.name for tile in by_need(tiles)) == "dceba"


# Agents, calls, figures


def test_agents_count_in_each_of_their_queues_and_once_on_top() -> None:
    made = board(
        seats=[
            seat("a", "ready", "sales", "gold"),
            seat("b", "ready", "sales", "gold", paused_in=("sales",)),
            seat("c", "paused", "sales"),
            seat("d", "offline", "gold"),
        ]
    )
    shown = made.at(NOON)
    sales_tile, gold = shown.queues["lab:sales"], shown.queues["lab:gold"]
    assert (sales_tile.free, sales_tile.of, sales_tile.seats.paused) == (1, 3, 2)
    assert (gold.free, gold.of, gold.seats.offline) == (2, 2, 1)
    assert (shown.figures.agents.free, shown.figures.agents.of) == (2, 3)
    made.seats([seat("a", "on_call", "sales")], gone=["lab:b"])
    assert made.at(NOON).queues["lab:gold"].free == 0


def talking(since: float, hold: float | None = None) -> CallRecord:
    talk = Talk(channels=("A", "B"), numbers=(None, None), from_=at(since))
    holds = () if hold is None else (Hold(channel="B", from_=at(hold)),)
    return call(
        "lab-1", visit(since - 5, since, "answered"), talks=(talk,), holds=holds,
        caller=Caller(number="0912", name="Kaveh"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("record", "why", "since"),
    [
        (talking(-899), None, None),
        (talking(-901), "talk", -901),
        (talking(-500, hold=-119), None, None),
        (talking(-1000, hold=-121), "hold", -121),
    ],
)
def test_a_long_hold_and_a_long_talk_may_need_somebody(record: CallRecord, why: str | None, since: float) -> None:
    made = board(record, seats=[seat("a", "on_call", "sales", call="lab-1")])
    shown = made.at(NOON)
    assert [(one.why, one.since - NOON, one.agent) for one in shown.calls] == ([(why, since, "lab:a")] if why else [])
    assert shown.agents["lab:a"].caller_name == "Kaveh"
    made.call(replace(record, ended_at=at(0)))
    assert not made.at(NOON).calls


def test_a_mood_that_falls_goes_before_a_hold_and_an_alert_keeps_its_words() -> None:
    made = board(talking(-1000, hold=-200))
    made.mood("lab-1", -0.2, "worsening", NOON - 60)
    made.mood("lab-1", -0.6, "worsening", NOON - 30)
    made.mood("lab-1", -0.8, "worsening", NOON - 10)
    (one,) = made.at(NOON).calls
    assert (one.why, one.since, one.mood_line) == ("mood", NOON - 30, (-0.2, -0.6, -0.8))
    made.mood("lab-1", -0.3, "improving", NOON)
    made.alert("lab-1", NOON, "Wants a manager")
    (one,) = made.at(NOON).calls
    assert (one.why, one.words) == ("alert", "Wants a manager")
    made.unheard("lab-1")
    assert [one.why for one in made.at(NOON).calls] == ["hold"]


def test_satisfaction_is_over_all_queues_and_the_calls_of_none_of_them() -> None:
    made = board(call("lab-1", visit(-9, -5, "answered")))
    made.answers(
        {"sales": Answers(today={"5": 3, "2": 1}, before={"4": 2}), "": Answers(today={"4": 1}, before={"2": 2})}
    )
    shown = made.at(NOON)
    assert (shown.figures.csat.mean, shown.figures.csat.share, shown.figures.csat.n) == (4.2, 80.0, 5)
    assert shown.figures.csat.before == 3.0
    assert (shown.queues["lab:sales"].csat_mean, shown.queues["lab:sales"].csat_n) == (4.25, 4)


def test_hidden_queues_are_nowhere_and_figures_of_a_choice_are_of_that_choice() -> None:
    made = board(
        call("lab-1", visit(-9, queue="gold")), call("lab-2", visit(-90)), call("lab-3", visit(-5, queue="vip"))
    )
    made.define({("lab", "vip"): QueueFacts(hidden=True)}, {})
    shown = made.at(NOON)
    assert shown.queues.keys() == {"lab:gold", "lab:sales"}
    assert (shown.figures.waiting.value, shown.figures.longest.queue) == (2, "lab:sales")
    gold = figures([shown.queues["lab:gold"]], [])
    assert (gold.waiting.value, gold.longest.since, gold.sl.value) == (1, NOON - 9, None)


def test_the_trend_has_each_quarter_of_an_hour_by_itself() -> None:
    made = board(
        call("lab-1", visit(-1000, -990, "answered")),  # the quarter before the last
        call("lab-2", visit(-800, -700, "answered")),
        call("lab-3", visit(10, 15, "answered")),
        call("lab-4", visit(-905, -895, "answered")),
    )
    trend = made.at(NOON + 20).figures.sl.trend
    assert trend[-3:] == ((NOON - 1800, 100.0), (NOON - 900, 0.0), (NOON, 100.0))
    assert made.at(NOON + 20).figures.waiting.before == 1  # at noon less a quarter of an hour


# Patches


def test_a_patch_holds_what_changed_and_nothing_when_only_time_went_by() -> None:
    made = board(call("lab-1", visit(-5)), seats=[seat("a", "ready", "sales"), seat("b", "ready", "sales")])
    before = made.at(NOON)
    assert patch(before, made.at(NOON + 1)) is None
    made.seats([seat("a", "on_call", "sales", call="lab-9", caller="0912")], gone=["lab:b"])
    changed = patch(before, made.at(NOON + 2))
    assert changed is not None
    assert changed.keys() == {"at", "queues", "agents", "figures"}
    assert changed["agents"]["lab:b"] is None
    assert changed["agents"]["lab:a"]["caller"] == "0912"
    assert changed["figures"].keys() == {"agents"}
    assert msgspec.convert(changed["queues"]["lab:sales"], QueueTile).free == 0


def test_the_open_view_tells_of_no_caller() -> None:
    made = board(talking(-1000), seats=[seat("a", "on_call", "sales", call="lab-1", caller="0912")])
    plain = msgspec.to_builtins(made.at(NOON))
    assert plain["calls"]
    text = msgspec.json.encode(open_view(plain))
    assert b"0912" not in text
    assert b"Kaveh" not in text
    assert b"lab-1" not in text
    assert msgspec.convert(plain, BoardSnapshot) == made.at(NOON)
