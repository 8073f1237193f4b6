"""`cxcall replay` as people and scripts call it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from cxcall.commands.replay import register

STREAMS = Path(__file__).parent / "streams"
ANSWERED = STREAMS / "queue_answered_agent_hangs_up.jsonl"
RAW = STREAMS / "queue_answered_agent_hangs_up.ami"


def run(*arguments: str | Path) -> Result:
    app = Typer()
    register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["replay", *map(str, arguments)])


def records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_stream_gives_one_json_object_a_call_a_line():
    result = run(ANSWERED)
    [call] = records(result)
    assert (result.exit_code, result.stderr) == (0, "")
    assert list(call) == [
        "id", "server", "linked_ids", "direction", "caller", "called", "started_at", "answered_at", "ended_at",
        "outcome", "ended_by", "hangup_cause", "legs", "talks", "queue_visits", "transfers", "holds", "gaps",
    ]  # fmt: skip
    assert call["caller"] == {
        "number": "5551234", "name": "José Müller", "channel": "PJSIP/trunk-00000002", "customer_id": None
    }  # fmt: skip
    assert (call["server"], call["called"], call["started_at"]) == ("lab", "800", "2026-11-21T20:34:59.660533Z")
    assert list(call["talks"][0]) == ["channels", "numbers", "from", "to"]


@pytest.mark.parametrize("format_", ["auto", "ami"])
def test_raw_bytes_give_the_same_as_json_lines(format_: str):
    assert run("--format", format_, RAW).stdout == run(ANSWERED).stdout


def test_one_json_array_and_gzip_are_read_too(tmp_path: Path):
    array, packed = tmp_path / "calls.json", tmp_path / "calls.jsonl.gz"
    lines = ANSWERED.read_text(encoding="utf-8").splitlines()
    array.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    packed.write_bytes(gzip.compress(ANSWERED.read_bytes()))
    assert run(array).stdout == run(packed).stdout == run(ANSWERED).stdout


def test_several_files_are_one_stream_wherever_it_was_rotated(tmp_path: Path):
    lines = ANSWERED.read_bytes().splitlines(keepends=True)
    parts = [tmp_path / "1", tmp_path / "2", tmp_path / "3"]
    for part, chosen in zip(parts, (lines[:40], lines[40:90], lines[90:]), strict=True):
        part.write_bytes(b"".join(chosen))
    assert run(*parts).stdout == run(ANSWERED).stdout


@pytest.mark.parametrize("stream", [ANSWERED, RAW], ids=["json", "ami"])
@pytest.mark.parametrize("size", [97, 1000, 7777])
def test_a_message_that_a_rotation_cut_in_two_is_read_whole(tmp_path: Path, stream: Path, size: int):
    data, parts = stream.read_bytes()[: 40 * size], []
    for begin in range(0, len(data), size):
        parts.append(tmp_path / f"{begin:06d}")
        parts[-1].write_bytes(data[begin : begin + size])
    whole = tmp_path / "whole"
    whole.write_bytes(data)
    assert run(*parts).stdout == run(whole).stdout


def test_a_file_that_was_cut_off_does_not_spoil_the_next(tmp_path: Path):
    cut = tmp_path / "cut.ami"
    cut.write_bytes(b"Event: Newchannel\r\nUniqueid: 17952")
    result = run("--strict", cut, RAW)
    assert (result.exit_code, result.stdout) == (1, run(ANSWERED).stdout)
    assert "1 unreadable: 1 × cut off" in result.stderr


def test_a_stream_may_come_through_a_pipe_packed_or_not():
    for data in (RAW.read_bytes(), gzip.compress(RAW.read_bytes())):
        app = Typer()
        register(app)
        app.callback()(lambda: None)
        assert CliRunner().invoke(app, ["replay", "-"], input=data).stdout == run(ANSWERED).stdout


def test_a_byte_order_mark_is_no_part_of_the_first_message(tmp_path: Path):
    for stream in (RAW, ANSWERED):
        marked = tmp_path / stream.name
        marked.write_bytes(b"\xef\xbb\xbf" + stream.read_bytes())
        result = run("--strict", marked)
        assert (result.exit_code, result.stdout) == (0, run(ANSWERED).stdout)


def test_an_endless_line_is_one_unreadable_line_and_what_follows_is_read(tmp_path: Path):
    long = tmp_path / "long.jsonl"
    long.write_bytes(b"x" * 5_000_000 + b"\n" + ANSWERED.read_bytes())
    result = run(long)
    assert (result.exit_code, result.stdout) == (0, run(ANSWERED).stdout)
    assert "1 unreadable: 1 × not JSON" in result.stderr


def test_an_array_that_was_cut_off_gives_the_calls_up_to_there(tmp_path: Path):
    lines = ANSWERED.read_text(encoding="utf-8").splitlines()
    cut, half = tmp_path / "cut.json", tmp_path / "half.jsonl"
    cut.write_text("[" + ",\n".join(lines[:100]) + ',\n{"Event": "Hang', encoding="utf-8")
    half.write_text("\n".join(lines[:100]), encoding="utf-8")
    result = run("--strict", cut)
    assert (result.exit_code, result.stdout) == (1, run(half).stdout)
    assert "not a whole JSON array" in result.stderr


def test_unreadable_lines_are_skipped_counted_and_named(tmp_path: Path):
    broken = tmp_path / "broken.jsonl"
    bad = b'{"cut\n\xff\xfe\n[1, 2]\n{"t": 1.0}\n{"Event": "Newchannel"}\n'
    broken.write_bytes(bad + ANSWERED.read_bytes())
    result, strict = run("--format", "ami-jsonl", broken), run("--format", "ami-jsonl", "--strict", broken)
    assert result.stdout == strict.stdout == run(ANSWERED).stdout
    assert (result.exit_code, strict.exit_code) == (0, 1)
    assert "5 unreadable: 2 × not JSON; 1 × not a JSON object; 1 × no event; 1 × Newchannel without" in result.stderr


def test_a_whole_stream_is_no_failure_under_strict():
    assert run("--strict", ANSWERED, RAW).exit_code == 0


@pytest.mark.parametrize("cut", [100, 1003, 20001, 40000])
def test_any_part_of_raw_bytes_is_accepted(tmp_path: Path, cut: int):
    head, tail = tmp_path / "head", tmp_path / "tail"
    head.write_bytes(RAW.read_bytes()[:cut])
    tail.write_bytes(RAW.read_bytes()[cut:])
    assert [run("--format", "ami", part).exit_code for part in (head, tail)] == [0, 0]


@pytest.mark.parametrize("cut", [7, 300, 5003, 40000])
def test_any_part_of_json_lines_is_known_as_such_and_accepted(tmp_path: Path, cut: int):
    head, tail = tmp_path / "head", tmp_path / "tail"
    head.write_bytes(ANSWERED.read_bytes()[:cut])
    tail.write_bytes(ANSWERED.read_bytes()[cut:])
    assert [run(part).exit_code for part in (head, tail)] == [0, 0]


def test_calls_still_up_at_the_end_have_no_end(tmp_path: Path):
    half = tmp_path / "half.jsonl"
    half.write_bytes(b"".join(ANSWERED.read_bytes().splitlines(keepends=True)[:100]))
    [call] = records(run(half))
    assert (call["ended_at"], call["outcome"] in {"in_progress", "answered"}) == (None, True)


def test_events_without_a_timestamp_take_the_time_of_t(tmp_path: Path):
    lines = [json.loads(line) for line in ANSWERED.read_text(encoding="utf-8").splitlines()]
    some, none = tmp_path / "some.jsonl", tmp_path / "none.jsonl"
    for line in lines[3:]:
        del line["Timestamp"]
    some.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for line in lines:
        line.pop("Timestamp", None)
    none.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    [some_call], [no_call], [call] = records(run(some)), records(run(none)), records(run(ANSWERED))
    assert abs(some_call["queue_visits"][0]["talk"] - call["queue_visits"][0]["talk"]) < 0.01
    assert abs(no_call["queue_visits"][0]["talk"] - call["queue_visits"][0]["talk"]) < 0.01
    assert no_call["started_at"] == "2026-11-21T20:34:59.000000Z"  # the second of the channel's birth


def test_two_recordings_without_timestamps_keep_their_own_time(tmp_path: Path):
    """Each recording's `t` begins anew; a channel is born in the second its Uniqueid tells."""
    both = [ANSWERED, STREAMS / "queue_abandoned_waiting.jsonl"]
    bare = []
    for stream in both:
        lines = [json.loads(line) for line in stream.read_text(encoding="utf-8").splitlines()]
        bare.append(tmp_path / stream.name)
        bare[-1].write_text("\n".join(json.dumps({k: v for k, v in x.items() if k != "Timestamp"}) for x in lines))
    timed, untimed = records(run(*both)), records(run(*bare))
    assert [call["outcome"] for call in untimed] == ["answered", "abandoned"]
    for one, other in zip(timed, untimed, strict=True):
        apart = datetime.fromisoformat(one["started_at"]) - datetime.fromisoformat(other["started_at"])
        assert abs(apart.total_seconds()) < 1.0


def test_raw_events_without_any_timestamp_take_the_second_of_the_newest_channel(tmp_path: Path):
    bare = tmp_path / "bare.ami"
    lines = [line for line in RAW.read_bytes().split(b"\r\n") if not line.startswith(b"Timestamp")]
    bare.write_bytes(b"\r\n".join(lines))
    [call] = records(run(bare))
    assert (call["outcome"], call["ended_by"], call["started_at"]) == (
        "answered", "agent", "2026-11-21T20:34:59.000000Z"
    )  # fmt: skip


def test_the_server_may_be_named():
    assert records(run("--server", "branch-2", ANSWERED))[0]["id"] == "branch-2-lab-1795293299.2"


def test_contexts_of_outside_lines_may_be_named(tmp_path: Path):
    own = tmp_path / "own.jsonl"
    own.write_bytes(ANSWERED.read_bytes().replace(b"from-trunk", b"gateway-in"))
    assert records(run(own))[0]["direction"] == "internal"
    assert records(run("--outside", "gateway", own))[0]["direction"] == "inbound"


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        ("eventtype,eventtime,cid_name\nCHAN_START,2026-11-21,x\n", []),
        ("1795293299|lab-1.2|support|NONE|ENTERQUEUE||5551234|1\n", []),
        ("hello there\n", []),
        ("\0\r\n" * 4000, []),
        ("{}\n", ["--format", "cel-csv"]),
        ("{}\n", ["--format", "queue-log"]),
        ("{}\n", ["--format", "pcap"]),
    ],
)
def test_what_can_not_be_read_yet_is_said_in_a_sentence_with_exit_2(tmp_path: Path, content: str, arguments: list[str]):
    file = tmp_path / "file"
    file.write_text(content, encoding="utf-8")
    result = run(*arguments, file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_missing_file_is_wrong_use_even_beside_a_good_one(tmp_path: Path):
    result = run(ANSWERED, tmp_path / "nowhere.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "does not exist" in result.stderr


def test_an_empty_file_holds_no_calls(tmp_path: Path):
    empty = tmp_path / "empty"
    empty.touch()
    result = run(empty)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_broken_gzip_is_read_as_far_as_it_goes(tmp_path: Path):
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(ANSWERED.read_bytes())[:-400])
    result = run(cut)
    assert (result.exit_code, run("--strict", cut).exit_code) == (0, 1)
    assert "cut off" in result.stderr


def test_a_reader_that_goes_away_is_no_error():
    script = (
        "import typer;from cxcall.commands.replay import register as r;a=typer.Typer();r(a);a.callback()(lambda:0);a()"
    )
    many = [str(ANSWERED)] * 1
    with subprocess.Popen(
        [sys.executable, "-c", script, "replay", *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
