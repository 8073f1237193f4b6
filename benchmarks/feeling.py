"""How well feeling is read from what customers say: `python -m benchmarks.feeling`, JSON on stdout.

On the written examples of `tests/unit/speech/data`, by language and by set. `tuned`: the tables were mended until these
were right, so their figure flatters. `held_out`: written together with those by the author of the tables, its mistakes
never read: flatters too. `unseen`: written after the tables, indirect and ironic ones among them, its mistakes never
read: the one to believe (decision 182). `confusion` is
{what it is: {what was read: count}}, `wrong_sign` how many were read as the opposite. For English, VADER alone with its
own threshold of 0.05 stands beside it. No model, no network.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cxcall.speech import sentiment

DATA = Path(__file__).parent.parent / "tests" / "unit" / "speech" / "data"
ROUNDS = 5


class Example(NamedTuple):
    feeling: str
    set: str
    text: str


def examples(language: str) -> list[Example]:
    """What customers say and how they mean it, as written down."""
    with (DATA / f"feeling.{language}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Example(row["feeling"], row["set"], row["text"]) for row in rows]


def ours(language: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        feeling = sentiment.of_turn(text, language)
        return sentiment.word(feeling.value) if feeling else ""

    return read


def vader() -> Callable[[str], str]:
    analyser = SentimentIntensityAnalyzer()

    def read(text: str) -> str:
        value = analyser.polarity_scores(text)["compound"]
        return "positive" if value >= 0.05 else "negative" if value <= -0.05 else "neutral"

    return read


def measured(read: Callable[[str], str], said: Iterable[Example]) -> dict[str, Any]:
    """Accuracy over three classes, with where it errs."""
    pairs = Counter((one.feeling, read(one.text)) for one in said)
    n = sum(pairs.values())
    right = sum(count for (is_, seen), count in pairs.items() if is_ == seen)
    signs = sum(count for (is_, seen), count in pairs.items() if {is_, seen} == {"positive", "negative"})
    words = ("positive", "neutral", "negative")
    return {
        "n": n,
        "accuracy": round(right / n, 3),
        "wrong_sign": signs,
        "confusion": {is_: {seen: pairs[is_, seen] for seen in words} for is_ in words},
    }


def by_set(read: Callable[[str], str], said: list[Example]) -> dict[str, Any]:
    return {
        name: measured(read, [one for one in said if one.set == name]) for name in sorted({one.set for one in said})
    }


def microseconds(language: str, said: list[Example]) -> float:
    """Processor time of one turn in the mean, nothing remembered between rounds."""
    begun = time.process_time()
    for _ in range(ROUNDS):
        sentiment._weighed.cache_clear()
        for one in said:
            sentiment.of_turn(one.text, language)
    return round((time.process_time() - begun) / ROUNDS / len(said) * 1e6, 1)


def main() -> None:
    result: dict[str, Any] = {}
    for language in sentiment.LANGUAGES:
        said = examples(language)
        result[language] = by_set(ours(language), said)
        result[language]["microseconds_a_turn"] = microseconds(language, said)
    result["en"]["vader_alone"] = by_set(vader(), examples("en"))
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
