"""The journal: appended, rotated, compressed, capped, read from any position, and whole after a crash."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cxcall.store.journal import Journal, JournalBusy


def one(number: int) -> bytes:
    return f"Event: Test\r\nNumber: {number:06d}\r\n\r\n".encode()


SIZE = len(one(0))


def everything(journal: Journal, position: int = 0) -> bytes:
    return b"".join(chunk for _, chunk in journal.read(position))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "lab"


def test_what_was_appended_is_read_back_from_any_position(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=10 * SIZE)
    ends = [journal.append(one(number)) for number in range(35)]
    assert ends == [SIZE * (number + 1) for number in range(35)]
    assert everything(journal) == b"".join(one(number) for number in range(35))
    assert everything(journal, 17 * SIZE) == b"".join(one(number) for number in range(17, 35))
    assert everything(journal, 35 * SIZE) == b""
    journal.close()


def test_a_position_counts_all_bytes_ever_written_over_restarts(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=10 * SIZE)
    for number in range(25):
        journal.append(one(number))
    journal.close()
    again = Journal(folder, segment_bytes=10 * SIZE)
    assert again.end == 25 * SIZE
    assert again.append(one(25)) == 26 * SIZE
    assert everything(again, 24 * SIZE) == one(24) + one(25)
    again.close()


def test_older_segments_are_compressed_and_read_as_before(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=100 * SIZE)
    for number in range(350):
        journal.append(one(number))
    before = everything(journal)
    journal.compress()
    assert sorted(path.suffix for path in folder.glob("*.ami*")) == [".ami", ".gz", ".gz", ".gz"]
    assert everything(journal) == before
    assert everything(journal, 150 * SIZE) == before[150 * SIZE :]
    assert journal.size_on_disk() < len(before) / 2
    journal.close()


def test_a_segment_compressed_while_it_is_read_is_still_found(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=10 * SIZE)
    for number in range(25):
        journal.append(one(number))
    reading = journal.read(0)
    first = next(reading)[1]
    journal.compress()
    assert first + b"".join(chunk for _, chunk in reading) == b"".join(one(number) for number in range(25))
    journal.close()


def test_the_cap_removes_the_oldest_segments(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=10 * SIZE, cap_bytes=25 * SIZE)
    for number in range(60):
        journal.append(one(number))
    journal.prune(now=0)
    assert journal.size_on_disk() <= 25 * SIZE
    assert everything(journal).endswith(one(59))
    assert everything(journal, 0)[:SIZE] == one(journal.begin // SIZE)
    journal.close()


def test_old_segments_go_but_not_what_open_calls_still_need(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=10 * SIZE, keep_days=1)
    for number in range(35):
        journal.append(one(number))
    journal.pinned = 15 * SIZE
    in_a_week = folder.stat().st_mtime + 7 * 86_400
    journal.prune(in_a_week)
    assert journal.begin == 10 * SIZE
    journal.pinned = journal.end
    journal.prune(in_a_week)
    assert journal.begin == 30 * SIZE
    journal.close()


@pytest.mark.parametrize("torn", [b"Event: Half\r\nNum", b"\x00" * 500, b"Event: X\r\n\r"])
def test_what_a_crash_left_half_written_is_cut_off(folder: Path, torn: bytes) -> None:
    journal = Journal(folder)
    journal.append(one(1))
    journal.append(one(2))
    journal.close()
    with next(folder.glob("*.ami")).open("ab") as file:
        file.write(torn)
    again = Journal(folder)
    assert again.end == 2 * SIZE
    again.append(one(3))
    assert everything(again) == one(1) + one(2) + one(3)
    again.close()


def test_a_damaged_compressed_segment_is_read_as_far_as_it_goes(folder: Path) -> None:
    journal = Journal(folder, segment_bytes=100 * SIZE)
    for number in range(150):
        journal.append(one(number))
    journal.compress()
    packed = next(folder.glob("*.gz"))
    data = packed.read_bytes()
    packed.write_bytes(data[:200] + b"\xff" * 20 + data[220:-40])
    assert everything(journal).endswith(b"".join(one(number) for number in range(100, 150)))
    journal.close()


def test_a_full_disk_leaves_the_journal_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(folder)
    journal.append(one(1))
    write, tries = os.write, []

    def half_then_full(fd: int, data: bytes) -> int:
        tries.append(data)
        if len(tries) == 1:
            return write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half_then_full)
        with pytest.raises(OSError, match="No space"):
            journal.append(one(2))
    assert journal.end == SIZE
    assert journal.append(one(3)) == 2 * SIZE
    assert everything(journal) == one(1) + one(3)
    journal.close()


def test_two_processes_can_not_write_the_same_journal(folder: Path) -> None:
    journal = Journal(folder)
    with pytest.raises(JournalBusy, match="Another cxcall"):
        Journal(folder)
    journal.close()
    Journal(folder).close()


def test_only_the_owner_may_read_it(folder: Path) -> None:
    journal = Journal(folder)
    journal.append(one(1))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.ami"))
    journal.close()


def test_it_can_be_forced_to_the_disk_while_it_is_written(folder: Path) -> None:
    journal = Journal(folder)
    journal.append(one(1))
    journal.sync()
    journal.close()


def test_files_of_others_in_its_folder_are_left_alone(tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("copy of yesterday.ami", "backup.ami.gz", "notes.tmp", "backup.ami.gz.tmp")]
    for other in others:
        other.write_bytes(b"x")
    journal = Journal(tmp_path, segment_bytes=SIZE)
    for number in range(3):
        journal.append(one(number))
    journal.compress()
    assert [segment.start for segment in journal.segments()] == [0, SIZE, 2 * SIZE]
    journal.pinned = 3 * SIZE
    journal.prune(now=1e10)
    assert [segment.start for segment in journal.segments()] == [2 * SIZE]
    assert all(other.read_bytes() == b"x" for other in others)
    journal.close()


def test_compressing_onto_a_full_disk_leaves_the_segment_and_no_half_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(folder, segment_bytes=SIZE)
    for number in range(3):
        journal.append(one(number))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cxcall.store.journal.shutil.copyfileobj", full)
        with pytest.raises(OSError, match="No space"):
            journal.compress()
    assert list(folder.glob("*.tmp")) == []
    assert everything(journal) == one(0) + one(1) + one(2)
    journal.compress()
    assert everything(journal) == one(0) + one(1) + one(2)
    journal.close()
