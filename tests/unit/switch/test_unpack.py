"""Unpacking: never a half-made tree, one at a time, and one sentence when it can't be done."""

from __future__ import annotations

import importlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from cxcall.demo.switch import SwitchUnavailable, packages, tree_of_system


@pytest.fixture
def unpacking() -> ModuleType:
    return importlib.import_module("cxcall.demo.switch.unpack")  # the package's name `unpack` is the function


@pytest.fixture
def able_machine(unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_check_machine", lambda: None)


@pytest.mark.usefixtures("able_machine")
def test_a_tree_that_broke_off_half_way_is_made_anew(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def breaks(state: Path, deadline: float) -> list[Path]:
        (state.parent / "root/usr").mkdir()
        raise SwitchUnavailable("the network went away")

    monkeypatch.setattr(unpacking, "download", breaks)
    for _ in range(2):
        with pytest.raises(SwitchUnavailable, match="network went away"):
            unpacking.unpack(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


@pytest.mark.usefixtures("able_machine")
def test_what_a_killed_unpacking_left_is_removed(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "building-1/root/usr").mkdir(parents=True)
    monkeypatch.setattr(unpacking, "download", lambda state, deadline: [])
    monkeypatch.setattr(unpacking, "run", lambda *_: "Asterisk 22")
    tree = unpacking.unpack(tmp_path)
    assert sorted(file.name[:9] for file in tmp_path.iterdir()) == ["asterisk-", "lock"]
    assert str(tmp_path) in tree.asterisk[0]


@pytest.mark.usefixtures("able_machine")
def test_a_tree_whose_asterisk_does_not_run_is_not_kept(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_: object) -> str:
        raise SwitchUnavailable("libfoo.so.1: cannot open shared object file")

    monkeypatch.setattr(unpacking, "download", lambda state, deadline: [])
    monkeypatch.setattr(unpacking, "run", fails)
    with pytest.raises(SwitchUnavailable, match="libfoo"):
        unpacking.unpack(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


@pytest.mark.usefixtures("able_machine")
def test_of_two_at_once_one_unpacks_and_both_have_it(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built = []
    together = threading.Barrier(2)

    def build(root: Path, deadline: float) -> None:
        built.append(root)
        time.sleep(0.3)
        root.mkdir()

    def ask(_: int) -> object:
        together.wait(60)
        return unpacking.unpack(tmp_path)

    monkeypatch.setattr(unpacking, "_build", build)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(ask, range(2))
    assert len(built) == 1
    assert first == second


@pytest.mark.usefixtures("able_machine")
def test_waiting_for_another_has_a_limit(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unpacking, "_locked", lambda descriptor: False)
    with pytest.raises(SwitchUnavailable, match="too long"):
        unpacking.unpack(tmp_path, timeout=0.1)


def test_another_processor_is_told_in_a_sentence(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unpacking.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(unpacking, "run", lambda *_: "arm64\n")
    with pytest.raises(SwitchUnavailable, match=r"amd64.*this is arm64.*CXCALL_DEMO__ASTERISK=system"):
        unpacking.unpack(tmp_path)


def test_a_machine_without_debian_s_tools_is_told_which(
    unpacking: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unpacking.shutil, "which", lambda tool: None if tool == "dpkg-deb" else tool)
    with pytest.raises(SwitchUnavailable, match=r"dpkg-deb is not here.*CXCALL_DEMO__ASTERISK=system"):
        unpacking.unpack(tmp_path)


def test_a_machine_without_a_debian_archive_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def apt(command: list[str], *_: object, **__: object) -> str:
        return "http://archive.example/ubuntu/|Ubuntu|Ubuntu\n" if "--format" in command else ""

    monkeypatch.setattr(packages, "run", apt)
    with pytest.raises(SwitchUnavailable, match=r"no Debian archive.*CXCALL_DEMO__ASTERISK=system"):
        packages.download(tmp_path / "apt", time.monotonic() + 60)


def test_no_installed_asterisk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxcall.demo.switch.tree.shutil.which", lambda *_, **__: None)
    with pytest.raises(SwitchUnavailable, match="No asterisk is installed here"):
        tree_of_system()
