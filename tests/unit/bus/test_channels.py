from cxcall.bus import Bus, Message


def test_messages_are_numbered_above_the_epoch_and_reach_every_subscriber() -> None:
    bus, seen = Bus(epoch=1000), list[Message]()
    bus.subscribe("calls", seen.append)
    bus.publish("calls", {"id": "a"})
    bus.publish("other", {"id": "x"})
    bus.publish("calls", {"id": "b"})
    assert [(m.seq, m.data["id"]) for m in seen] == [(1001, "a"), (1002, "b")]


def test_a_reader_that_comes_back_gets_exactly_what_it_missed() -> None:
    bus = Bus(epoch=0)
    for n in range(5):
        bus.publish("calls", n)
    missed = bus.since("calls", 3)
    assert missed is not None
    assert [m.data for m in missed] == [3, 4]
    assert bus.since("calls", 5) == []


def test_a_reader_that_was_away_too_long_is_told_to_take_a_snapshot() -> None:
    bus = Bus(epoch=0, keep=3)
    for n in range(10):
        bus.publish("calls", n)
    assert bus.since("calls", 6) is None
    assert bus.since("calls", 7) is not None


def test_a_number_from_before_a_restart_is_never_taken_for_one_of_now() -> None:
    bus = Bus(epoch=5_000_000)
    bus.publish("calls", 1)
    assert bus.since("calls", 42) is None
    assert bus.since("calls", 6_000_000) is None
    assert bus.since("nothing yet", 42) is None
    assert bus.since("nothing yet", 5_000_000) == []


def test_who_unsubscribed_hears_nothing_more_even_in_the_middle_of_a_message() -> None:
    bus, seen = Bus(epoch=0), list[Message]()
    leave = bus.subscribe("calls", seen.append)
    bus.subscribe("calls", lambda _: leave())
    bus.publish("calls", 1)
    bus.publish("calls", 2)
    assert len(seen) <= 1


def test_channels_nobody_reads_are_forgotten_and_a_reader_that_comes_back_asks_for_a_snapshot() -> None:
    bus, seen = Bus(epoch=1000, most=10), list[Message]()
    bus.subscribe("calls", seen.append)
    bus.publish("call:0", "first")
    before = bus.seq("call:0")
    for number in range(1, 100):
        bus.publish(f"call:{number}", number)
        bus.publish("calls", number)
    assert len(bus._channels) <= 11
    assert len(seen) == 99
    assert bus.since("call:0", before) is None
    bus.publish("call:0", "again")
    assert bus.seq("call:0") > before + 1
    assert bus.since("call:0", before) is None
