"""What is found in a voicemail folder, and what is no message however much it looks like one."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxcall.media.voicemail_folder import BadMessage, Seen, Unfinished, look, parse
from tests.unit.media.mailbox import BEGAN, TEXT, Mailbox

LATER = BEGAN + 3600.0


def seen(folder: Path) -> Seen:
    return look(folder, "IR", LATER)


def said(caller: str = "", msg_id: str = "", at: object = BEGAN, seconds: object = 2) -> str:
    return TEXT.format(mailbox="1001", caller=caller, at=at, id=msg_id, seconds=seconds)


def test_a_message_tells_who_left_it_when_and_for_how_long(tmp_path: Path) -> None:
    Mailbox(tmp_path).leave()
    (left,) = seen(tmp_path).left.values()
    message = left.message
    assert (message.id, message.mailbox) == ("1795000000-00000001", "1001@default")
    assert (message.number, message.name) == ("+989123456789", "Maryam Hosseini")
    assert (message.at, message.seconds) == (datetime.fromtimestamp(BEGAN, UTC), 2.0)
    assert left.sound.name == "msg0000.wav"


@pytest.mark.parametrize(
    ("caller", "number", "name"),
    [
        ('"Sara" <1004>', "1004", "Sara"),
        ("<09123456789>", "+989123456789", ""),
        ("09123456789", "+989123456789", ""),
        ('"Anonymous" <anonymous>', "", ""),
        ("Unknown", "", ""),
        ('"مریم \u202eحسینی" <+989123456789>', "+989123456789", "مریم \u202eحسینی"),
        ('"<b>" <1004\x00; rm>', "", ""),
        ("", "", ""),
    ],
)
def test_the_caller_is_read_as_asterisk_writes_it(caller: str, number: str, name: str) -> None:
    message = parse(said(caller), "1001@default", "IR")
    assert (message.number, message.name) == (number, name)


def test_the_best_sound_of_a_message_is_taken_and_gsm_will_do(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    file = box.leave(0, ending="gsm", msg_id="a")
    assert seen(tmp_path).left["a"].sound.suffix == ".gsm"
    file.with_suffix(".WAV").write_bytes(file.with_suffix(".gsm").read_bytes())
    file.with_suffix(".wav").touch()
    box.rest(file)
    assert seen(tmp_path).left["a"].sound.suffix == ".WAV", "an empty file is no sound"


def test_a_message_is_the_same_wherever_its_owner_puts_it(tmp_path: Path) -> None:
    for mailbox, ids in ((Mailbox(tmp_path / "with"), "1795000000-00000001"), (Mailbox(tmp_path / "without"), "../x")):
        file = mailbox.leave(3, msg_id=ids)
        before = set(seen(mailbox.folder).left)
        old = mailbox.place("Old")
        for each in file.parent.glob("msg0003.*"):
            each.rename(old / each.name.replace("0003", "0000"))
        assert set(seen(mailbox.folder).left) == before
    assert all("/" not in one and "." not in one for one in before), "an id is safe as a file's name"


def test_a_message_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    box.leave(0, seconds="", msg_id="a")
    box.leave(1, text="", msg_id="b")
    file = box.leave(2, msg_id="c")
    os.utime(file.with_suffix(".wav"), (LATER, LATER - 1))
    box.leave(3, msg_id="d", inside="tmp")
    found = seen(tmp_path)
    assert (found.left, found.bad, found.unfinished) == ({}, {}, 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no message at all", "MissingSectionHeaderError"),
        ("[other]\na=b\n", r"no part \[message\]"),
        (said(at="soon"), "origtime is no number"),
        (said(at="nan"), "origtime is no number"),
        (said(at=10**30), "origtime is no time"),
        (said(at=-5), "origtime is no time"),
        (said(seconds="inf"), "duration is no number"),
        (said() + "x" * 70_000, "too long"),
    ],
)
def test_a_file_that_makes_no_sense_is_named_with_a_reason(tmp_path: Path, text: str, why: str) -> None:
    file = Mailbox(tmp_path).leave(text=text)
    found = seen(tmp_path)
    assert found.left == {}
    with pytest.raises(BadMessage, match=why):
        raise BadMessage(found.bad[file])


def test_hostile_files_do_no_harm(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    secret = tmp_path / "secret.txt"
    secret.write_text(said(msg_id="secret"))
    box.place().joinpath("msg0000.txt").symlink_to(secret)
    os.mkfifo(box.place() / "msg0001.txt")
    (box.place() / "msg0002.txt").mkdir()
    box.place().joinpath("msg0003.txt").write_bytes(b"[message]\norigtime=\xff\xfe\nduration=1\n[message]\n")
    box.leave(4, msg_id="e", ending="")
    linked = box.leave(5, msg_id="f", ending="")
    linked.with_suffix(".wav").symlink_to("/etc/hostname")
    box.leave(6, msg_id="g")
    found = seen(tmp_path)
    assert set(found.left) == {"g"}
    assert len(found.bad) + len(found.unread) == 6
    assert parse(said("%(origtime)s ${SHELL}"), "1001@default", "IR").number == ""


def test_a_folder_that_is_empty_or_can_not_be_read_says_that_nothing_is_known(tmp_path: Path) -> None:
    assert not seen(tmp_path).there
    nothing = seen(tmp_path / "none")
    assert (nothing.there, nothing.unread) == (False, {tmp_path / "none"})
    assert nothing.hides(tmp_path / "none/default/1001")
    (tmp_path / "default/1001").mkdir(parents=True)
    assert seen(tmp_path).there


def test_a_text_without_a_duration_is_not_finished() -> None:
    with pytest.raises(Unfinished):
        parse(said(seconds=""), "1001@default", "IR")
