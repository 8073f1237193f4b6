"""The written examples of categories, and how many of them are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Hit
from cxcall.speech.spotting import spot
from cxcall.speech.templates import ready_made
from cxcall.speech.transcript import Speaker, Turn

DATA = Path(__file__).parent / "data"
WORDS_A_SECOND = 2.5
_SPEAKERS: dict[str, Speaker] = {"c": "customer", "a": "agent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Turns, and the categories that should be found in them. `held`: nobody wrote phrases to fit it."""

    language: str
    line: int
    wanted: frozenset[str]
    turns: tuple[Turn, ...]
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    examples: int
    right: int
    precision: float
    recall: float
    missed: Counter[str]
    wrong: Counter[str]


def turns(*said: str, seconds: float | None = None) -> tuple[Turn, ...]:
    """`c: …` and `a: …` as turns one after the other; each as long as its words need, or `seconds`."""
    made: list[Turn] = []
    at = 0.0
    for n, one in enumerate(said, 1):
        speaker, _, text = one.strip().partition(": ")
        end = at + (seconds or len(text.split()) / WORDS_A_SECOND)
        made.append(Turn(n=n, speaker=_SPEAKERS[speaker], start=at, end=end, text=text))
        at = end + 0.5
    return tuple(made)


def examples(language: str) -> list[Example]:
    lines = (DATA / f"categories.{language}.txt").read_text(encoding="utf-8").splitlines()
    read: list[Example] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        wanted, _, said = line.partition(" = ")
        read.append(
            Example(
                language=language,
                line=number,
                wanted=frozenset(wanted.split()) - {"-"},
                turns=turns(*said.split(" | ")),
                held=len(read) % 3 == 2,
            )
        )
    return read


def found(example: Example, catalogue: Catalogue) -> dict[str, Hit]:
    return {hit.category: hit for hit in spot(example.turns, catalogue, began=0.0)}


def score(examples: Iterable[Example], catalogue: Catalogue | None = None) -> Score:
    """How well the ready-made categories do: by category and example, what was found against what was meant."""
    catalogue = catalogue or Catalogue(ready_made())
    missed, wrong = Counter[str](), Counter[str]()
    hits = number = right = 0
    for example in examples:
        number += 1
        got = found(example, catalogue).keys()
        hits += len(got & example.wanted)
        right += got == example.wanted
        missed.update(example.wanted - got)
        wrong.update(got - example.wanted)
    return Score(
        examples=number,
        right=right,
        precision=hits / max(1, hits + wrong.total()),
        recall=hits / max(1, hits + missed.total()),
        missed=missed,
        wrong=wrong,
    )
