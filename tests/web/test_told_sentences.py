"""Sentences that other rooms keep or answer with are known to the pages, so that Persian readers get Persian."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cxcall
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import Model, choose
from cxcall.store import recordings, speech_jobs
from cxcall.web import presentation
from cxcall.web.pages.listener_words import said
from cxcall.web.presentation import Presentation
from tests.support.call_centre import call_centre
from tests.support.talk_stage import talk_stage
from tests.web.reading import browsing

ROOM = Path(cxcall.__file__).parent
TOLD_IN = (
    "asterisk/acts/*.py", "asterisk/ami/client.py", "asterisk/ami/protocol.py", "asterisk/probe.py",
    "asterisk/provision/*.py", "asterisk/surveys/*.py",
    "asterisk/tap/*.py", "asterisk/recording/*.py", "media/answers.py", "media/engines.py", "media/filling.py",
    "media/jobs.py", "media/sources.py", "media/recording/*.py", "speech/engines/models.py",
    "speech/engines/opening.py", "speech/engines/sound.py", "speech/engines/vosk.py", "speech/engines/whisper.py",
    "store/speech_jobs.py",
)  # fmt: skip
"""Modules whose sentences reach a page as they come."""
ELSEWHERE = frozenset({
    "{} is nothing a switch can do.", "This utterance has ended; begin another.", "A survey did not come to an end.",
    "There is no folder {}. Name the folder of a model.",
    "{} is no model: a Vosk model has am/final.mdl in it, a Whisper model for CTranslate2 model.bin.",
    "Parts in which neither phone sent anything are missing: times in this recording are too early.",
    "There is no {} for the language {}.{} Put one into the folder that speech.models names, with"
    " `cxcall speech install {}`.",
    "{} refuses us ({}): check {}.",
})  # fmt: skip
"""Told to no reader of pages (mistakes of ours, commands, the API), or put together from more and tried below."""
FA = Presentation(language="fa", digits="persian", calendar="jalali")
_SENTENCE = re.compile(r"[A-Z{].* .*([.?]|: \{\})", re.DOTALL)


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence of these modules with where it stands; {} is what is put into it."""
    for pattern in TOLD_IN:
        for file in sorted(ROOM.glob(pattern)):
            tree = ast.parse(file.read_text("utf-8"))
            skipped = {id(node) for part in ast.walk(tree) for node in _not_told(part)}
            for node in ast.walk(tree):
                text = _text(node)
                if text is not None and id(node) not in skipped and _SENTENCE.fullmatch(text):
                    yield text, f"{file.relative_to(ROOM)}:{getattr(node, 'lineno', 0)}"


def _not_told(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, what is logged, the pieces of a longer text."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "log":
        yield from ast.walk(node)
    if isinstance(node, ast.JoinedStr):
        yield from node.values


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


@pytest.fixture
def persian() -> None:
    presentation.use(FA)


@pytest.mark.usefixtures("persian")
def test_every_sentence_of_these_modules_is_told_in_persian() -> None:
    found = {text: where for text, where in sentences() if text not in ELSEWHERE}
    assert len(found) > 80, "the modules are read"
    english = [f"{where} {text}" for text, where in found.items() if _is_english(text.replace("{}", "x1"))]
    assert not english, "\n".join(english)


@pytest.mark.usefixtures("persian")
@pytest.mark.parametrize("engine", ["", "vosk"])
@pytest.mark.parametrize("installed", [(), ("en",)])
def test_a_missing_model_is_told_in_persian(engine: str, installed: tuple[str, ...]) -> None:
    models = [Model(language=code, engine="vosk", name="m", path="p", source="given") for code in installed]
    with pytest.raises(EngineError) as error:
        choose(models, "fa", engine)
    told = said(str(error.value))
    assert "مدل گفتار" in told or "vosk" in told
    assert "There is no" not in told
    assert ("en" in told.striptags().split("نصب است")[-1]) == bool(installed)


@pytest.mark.usefixtures("persian")
@pytest.mark.parametrize("mend", ["ari_user and ari_password", "ari_url and ari.conf"])
def test_a_refusal_of_ari_is_told_in_persian(mend: str) -> None:
    assert not _is_english(f"http://10.0.0.2:8088/ari refuses us (401): check {mend}.")


def _is_english(sentence: str) -> bool:
    """Whether the sentence itself is shown as it came, what is put into it aside."""
    shown = re.sub(r"<bdi.*?</bdi>", "", said(sentence))
    return not re.search("[؀-ۿ]", shown)


@pytest.mark.usefixtures("persian")
def test_a_reason_within_a_sentence_is_told_in_persian_too_and_a_strangers_words_are_quoted() -> None:
    told = said("Asterisk did not begin to listen: There is no connection to lab now.")
    assert told == 'استریسک شنیدن را آغاز نکرد: اکنون اتصال به <bdi dir="ltr">lab</bdi> برقرار نیست.'
    told = said("Asterisk does not record this call: No such <channel>")
    assert told.endswith(': <bdi dir="ltr">No such &lt;channel&gt;</bdi>')


@pytest.mark.usefixtures("persian")
def test_what_says_most_is_taken_and_what_nobody_knows_stays_as_it_came() -> None:
    assert "بارگذاری نمی‌شود. آیا کامل است؟" in said(
        "The Vosk model in /m can't be loaded. Is it whole? Install it again."
    )
    assert said("It snows <here>.") == "It snows &lt;here&gt;."
    assert "“" not in said("Asterisk refused the login of “cx”: No.")


async def test_kept_sentences_are_shown_in_the_readers_language(tmp_path: Path) -> None:
    async with call_centre(tmp_path, language="fa") as centre, browsing(centre) as browser:
        talk = await talk_stage(centre, text=False)
        async with centre.engine.begin() as conn:
            await speech_jobs.make(conn, "recording", talk.recording, now=centre.now)
            job = await speech_jobs.take(conn, now=centre.now)
            assert job is not None
            await speech_jobs.fail(conn, job, "call.flac is no WAV file.", now=centre.now, for_good=True)
        for path in ("/admin/speech", talk.path):
            page = await browser.page("admin", path)
            assert "call.flac فایل WAV نیست." in page.text
        async with centre.engine.begin() as conn:
            await recordings.change(conn, talk.recording, now=centre.now, state="failed", problem="Nobody talked.")
        assert "کسی صحبت نکرد." in (await browser.page("admin", talk.path)).one("#unheard").text
