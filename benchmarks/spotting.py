"""Finding phrases in what is said: 1,000 phrases in 10,000 turns, beside the usual way; and how well categories do.

    python -m benchmarks.spotting [--phrases 1000] [--turns 10000]

Talks are made of words of the written examples, English and Persian by turns; every fourth turn holds a phrase. The
usual way is one alternation of all phrases as a regular expression, over the same folded text, in the same run: it
knows neither who spoke nor order, time, endings or half-spaces. Prints JSON: CPU time in microseconds a turn, the
milliseconds it takes to make ready what is looked for, and how many of the written examples are found.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

from cxcall.letters import search_key
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Rule, Term
from cxcall.speech.spotting import Spotter
from cxcall.speech.templates import ready_made
from cxcall.speech.transcript import Speaker, Turn
from cxcall.speech.understanding import Talk
from tests.unit.speech.examples import examples, score

TURNS_A_TALK = 50
PHRASES_A_CATEGORY = 20


def sentences(language: str) -> list[list[str]]:
    return [turn.text.split() for example in examples(language) for turn in example.turns]


def phrases(count: int, chance: random.Random) -> list[str]:
    """Two to four words that stand together somewhere, half of each language; each once."""
    said = {language: [words for words in sentences(language) if len(words) > 2] for language in ("en", "fa")}
    made: dict[str, None] = {}
    while len(made) < count:
        words = chance.choice(said["en" if len(made) % 2 else "fa"])
        length = chance.randint(2, min(4, len(words)))
        start = chance.randrange(len(words) - length + 1)
        made[" ".join(words[start : start + length])] = None
    return list(made)


def talks(count: int, wanted: Sequence[str], chance: random.Random) -> list[list[Turn]]:
    words = {language: [word for words in sentences(language) for word in words] for language in ("en", "fa")}
    made: list[list[Turn]] = []
    for number in range(count // TURNS_A_TALK):
        spoken = words["en" if number % 2 else "fa"]
        talk = []
        for n in range(1, TURNS_A_TALK + 1):
            said = chance.choices(spoken, k=chance.randint(4, 20))
            if n % 4 == 0:
                said.insert(chance.randrange(len(said)), chance.choice(wanted))
            start = n * 6.0
            who: Speaker = "agent" if chance.random() < 0.5 else "customer"
            talk.append(Turn(n=n, speaker=who, start=start, end=start + len(said) / 2.5, text=" ".join(said)))
        made.append(talk)
    return made


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(count: int, turns: int) -> dict[str, object]:
    chance = random.Random(5)
    wanted = phrases(count, chance)
    said = talks(turns, wanted, chance)
    number = sum(map(len, said))
    groups = [wanted[at : at + PHRASES_A_CATEGORY] for at in range(0, len(wanted), PHRASES_A_CATEGORY)]
    categories = [
        Category(id=str(n), name={"en": str(n)}, rules=(Rule(says=Term(phrases=tuple(group))),))
        for n, group in enumerate(groups)
    ]
    catalogue = Catalogue(categories)
    keys = [search_key(phrase) for phrase in wanted]
    expression = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(keys, key=len, reverse=True)))})\b")

    def look() -> int:
        return sum(len(catalogue.look(turn.text, turn.speaker)[1]) for talk in said for turn in talk)

    def spot() -> None:
        for talk in said:
            spotter = Spotter(catalogue)
            for turn in talk:
                spotter.feed(turn)
            spotter.finish()

    def usual() -> int:
        return sum(len(expression.findall(search_key(turn.text))) for talk in said for turn in talk)

    look()  # words once folded are remembered, as they are in a service that runs
    seconds = {"look": cpu(look), "spot": cpu(spot), "re": cpu(usual)}
    return {
        "phrases": count,
        "turns": number,
        "build_ms": round(statistics.median(cpu(lambda: Catalogue(categories)) for _ in range(5)) * 1000, 1),
        "re_build_ms": round(cpu(lambda: re.compile(expression.pattern + "(?:)")) * 1000, 1),
        "look_us_per_turn": round(seconds["look"] / number * 1e6, 1),
        "spot_us_per_turn": round(seconds["spot"] / number * 1e6, 1),
        "re_us_per_turn": round(seconds["re"] / number * 1e6, 1),
        "re_to_look": round(seconds["re"] / seconds["look"], 1),
        "found": look(),
        "re_found": usual(),
        "talk_us_per_turn": live(Catalogue([*categories, *ready_made()]), said[:20]),
    }


def live(catalogue: Catalogue, said: Sequence[Sequence[Turn]]) -> dict[str, float]:
    """A whole live turn: feeling, hidden numbers, categories, hints."""
    taken = []
    for number, turns in enumerate(said):
        talk = Talk(catalogue, language="en" if number % 2 else "fa", began=0)
        taken += [cpu(partial(talk.turn, turn)) * 1e6 for turn in turns]
    cuts = statistics.quantiles(taken, n=20)
    return {"p50": round(cuts[9]), "p95": round(cuts[18])}


def accuracy() -> dict[str, object]:
    catalogue = Catalogue(ready_made())
    told: dict[str, object] = {}
    for language in ("en", "fa"):
        for held in (False, True):
            got = score([one for one in examples(language) if one.held is held], catalogue)
            told[f"{language} {'held out' if held else 'seen'}"] = {
                "examples": got.examples, "right": got.right, "precision": round(got.precision, 3),
                "recall": round(got.recall, 3), "missed": dict(got.missed), "wrong": dict(got.wrong),
            }  # fmt: skip
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--phrases", type=int, default=1000)
    asked.add_argument("--turns", type=int, default=10000)
    given = asked.parse_args()
    print(json.dumps({**measure(given.phrases, given.turns), "examples": accuracy()}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
