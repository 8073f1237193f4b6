"""A model put into the site's folder: fetched or copied, unpacked, tried in a process of its own, then moved in place.

Archives are other people's: names that lead out of the folder, links and devices are refused, and so is more than a
model ever has. What is half done lies in a folder that nobody looks into and is taken away at the end.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import ANY, Model, at

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MOST_BYTES = 12 << 30
_MOST_FILES = 5_000
_DEADLINE = 30.0
"""Seconds without a byte from a server."""
_TRIAL = 600.0
_PIECE = 1 << 20

Say = Callable[[str], None]


class InstallError(Exception):
    """A sentence that says what to do. `code` 2: what was asked for can't be; 1: it failed."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def install(*, language: str, source: str, folder: Path, sha256: str = "", say: Say) -> Model:
    """Put the model for `language` from `source` (a folder, an archive or an address) into `folder`/LANGUAGE."""
    if not (_LANGUAGE.fullmatch(language) or language == ANY):
        raise InstallError(f"{language!r} is no language. Write two or three letters, like fa or en.")
    if not source:
        raise InstallError(
            f"Say where the model is: `cxcall speech install {language} --from FILE`, with a model's archive or folder "
            "that was fetched on a machine with internet, or set speech.source to where this site keeps models."
        )
    source = source.replace("{language}", language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=folder) as work:
            return _placed(_unpacked(source, Path(work), sha256, say), language, folder / language, say)
    except OSError as error:
        raise InstallError(f"{error.filename or folder} can't be written: {error.strerror}.", code=1) from error


def _placed(model: Model, language: str, folder: Path, say: Say) -> Model:
    target = folder / model.name
    if target.exists():
        raise InstallError(f"{target} is there already. Take it away first if it is to be replaced.")
    say(f"Trying {model.name} …")
    _try(model.path, language)
    folder.mkdir(parents=True, exist_ok=True)
    Path(model.path).rename(target)
    return at(str(target), language)


def _unpacked(source: str, work: Path, sha256: str, say: Say) -> Model:
    """The model, whole, in a folder below `work`."""
    files = work / "files"
    place = Path(source)
    if urlsplit(source).scheme in ("http", "https"):
        place = _fetched(source, work, say)
    if place.is_dir():
        name = place.resolve().name
        shutil.copytree(place, files / name, symlinks=False)
    elif place.is_file():
        _check(place, sha256)
        files.mkdir()
        say(f"Unpacking {place.name} …")
        _unpack(place, files)
        name = re.sub(r"\.(zip|tar|tgz|tar\.\w+)$", "", place.name)
    else:
        raise InstallError(f"There is no {source}. Name a folder, a .zip or .tar file, or an address.")
    return _model_in(files, name, source)


def _model_in(files: Path, name: str, source: str) -> Model:
    """The model, at the top or up to two folders down."""
    trouble = EngineError(f"There is no model in {source}.")
    for pattern in (".", "*", "*/*"):
        for folder in sorted(files.glob(pattern)) if pattern != "." else [files]:
            if not folder.is_dir() or not any(
                (folder / mark).is_file() for mark in ("am/final.mdl", "model.bin", "final.mdl")
            ):
                continue
            if folder == files:
                folder = files.rename(files.with_name(name))
            try:
                return at(str(folder))
            except EngineError as error:
                trouble = error
    raise InstallError(
        f"{source} can't be used: {trouble} A Vosk model has am/final.mdl in it, a Whisper model for CTranslate2 "
        "model.bin."
    )


def _check(file: Path, sha256: str) -> None:
    if not sha256:
        return
    with file.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != sha256:
        raise InstallError(f"{file.name} is not the file that was meant: its SHA-256 is {found}. Fetch it again.")


def _fetched(address: str, work: Path, say: Say) -> Path:
    name = PurePosixPath(urlsplit(address).path).name or "model"
    target = work / name
    say(f"Fetching {name} …")
    try:
        with urllib.request.urlopen(address, timeout=_DEADLINE) as answer, target.open("wb") as out:  # noqa: S310 http or https only
            _copy(answer, out, name)
    except urllib.error.HTTPError as error:
        raise InstallError(f"{address} answers {error.code} {error.reason}. Correct the address.", code=1) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        why = getattr(error, "reason", error)
        raise InstallError(
            f"{address} is out of reach ({why}). Fetch the file where it is reached, carry it here and name it "
            "with --from.",
            code=1,
        ) from error
    return target


def _unpack(archive: Path, files: Path) -> None:
    entries = _zipped if zipfile.is_zipfile(archive) else _tarred if tarfile.is_tarfile(archive) else None
    if entries is None:
        raise InstallError(f"{archive.name} is neither a .zip nor a .tar file. Name the archive of a model.")
    left = _MOST_BYTES
    try:
        for count, (name, source) in enumerate(entries(archive)):
            if count >= _MOST_FILES or left <= 0:
                raise InstallError(f"{archive.name} has more in it than any model. It was not installed.")
            target = files / _safe(name, archive)
            target.parent.mkdir(parents=True, exist_ok=True)
            with source as content, target.open("wb") as out:
                left -= _copy(content, out, archive.name, left)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise InstallError(f"{archive.name} is broken: {error}. Fetch it again.") from error


def _safe(name: str, archive: Path) -> Path:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or name.startswith("/") or ".." in parts or any(":" in part for part in parts):
        raise InstallError(f"{archive.name} wants to write outside its folder ({name!r}). It was not installed.")
    return Path(*parts)


def _zipped(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as file:
        for entry in file.infolist():
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise InstallError(f"{archive.name} has a link in it ({entry.filename!r}). It was not installed.")
            if not entry.is_dir():
                yield entry.filename, file.open(entry)


def _tarred(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(archive) as file:
        for entry in file:
            if entry.isdir():
                continue
            content = file.extractfile(entry) if entry.isreg() else None
            if content is None:
                raise InstallError(f"{archive.name} has a link in it ({entry.name!r}). It was not installed.")
            yield entry.name, content


def _copy(source: IO[bytes], target: IO[bytes], name: str, most: int = _MOST_BYTES) -> int:
    """Copy in pieces; what an archive says of its sizes is not believed."""
    copied = 0
    while piece := source.read(_PIECE):
        copied += len(piece)
        if copied > most:
            raise InstallError(f"{name} is larger than any model. It was not installed.")
        target.write(piece)
    return copied


def _try(path: str, language: str) -> None:
    """Load it and let it hear a second of noise, in a process of its own: a broken model can end the process."""
    command = [sys.executable, "-m", "cxcall.speech.engines.trial", path, "en" if language == ANY else language]
    try:
        done = subprocess.run(  # noqa: S603 our own module
            command, capture_output=True, timeout=_TRIAL, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InstallError("The model took too long to load. It was not installed.", code=1) from None
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise InstallError(said or "The model is broken: it ends the program that loads it. It was not installed.")
