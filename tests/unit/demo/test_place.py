import socket
from pathlib import Path

import pytest

from cxcall.demo.place import DemoError, Place, made_up_passwords
from cxcall.demo.run import first_free_port
from cxcall.demo.staff import STAFF
from cxcall.web import passwords


def test_two_demos_can_not_share_a_folder(tmp_path: Path) -> None:
    with Place(tmp_path).claimed(), pytest.raises(DemoError, match="A demo is running"), Place(tmp_path).claimed():
        pass


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with Place(tmp_path).claimed():
        pass
    with Place(tmp_path).claimed():
        pass


def test_a_folder_that_can_not_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DemoError, match="can't be used"), Place(tmp_path / "file/demo").claimed():
        pass


def test_a_place_is_whole_only_when_the_logins_were_written(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.data.mkdir()
    assert place.passwords is None
    given = made_up_passwords()
    place.finished(given)
    assert place.passwords == given
    place.clear()
    assert place.passwords is None


def test_logins_are_for_us_only_to_read(tmp_path: Path) -> None:
    Place(tmp_path).finished(made_up_passwords())
    assert (tmp_path / "logins.json").stat().st_mode & 0o077 == 0


def test_a_broken_login_file_begins_anew(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.data.mkdir()
    (tmp_path / "logins.json").write_text('{"sara": 1}')
    assert place.passwords is None


def test_passwords_are_good_ones_and_made_up_each_time() -> None:
    one, other = made_up_passwords(), made_up_passwords()
    assert set(one) == {worker.login for worker in STAFF}
    assert not set(one.values()) & set(other.values())
    assert all(passwords.fault(password, login) is None for login, password in one.items())


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert first_free_port(port) > port
