"""How many talks one core follows: `python -m benchmarks.speech [--calls 3] [--seconds 30]`, JSON on stdout, 3 minutes.

Two-party talks are made of recorded English with real pauses over a line's noise. In one run, stream by stream, each
is decoded by ours (gate, warm recognisers, 200 ms, no dither) and as is usual (a new recogniser a stream, every 20 ms
given to it and a partial text asked for, nothing left out). The model of Vosk at hand is Korean, so its words are only
compared with what it makes of each sentence alone; Whisper's are compared with what was said.

Latencies are those of one worker that takes jobs in order: the jobs of a stream and their processor times are measured,
then as many streams, shifted in time, are put into one queue as give 50 and 90 % of a core.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import vosk

from cxcall.speech.engines import models
from cxcall.speech.engines.engine import Decoding, Engine
from cxcall.speech.engines.opening import open_engine
from cxcall.speech.gate import Voices
from cxcall.speech.utterance import Begun, Chunk, Ended, Event, Paused, Utterances
from tests.support import spoken
from tests.support.spoken import Samples

FRAME = 320
BED = -60.0
BUSY = 0.2
"""Seconds behind, from which on nothing is decoded at a pause."""


@dataclass(frozen=True, slots=True)
class Side:
    """One stream: its sound, and where which words are said."""

    sound: Samples
    said: list[tuple[float, float, str, Samples]]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is given at `at`, and the processor seconds it took. `ended`: for a final text, the voice's end."""

    at: float
    took: float
    kind: str
    ended: float = 0.0


@dataclass(slots=True)
class Ours:
    jobs: list[Job] = field(default_factory=list)
    texts: list[tuple[float, float, str]] = field(default_factory=list)
    gate: float = 0.0

    @property
    def cpu(self) -> float:
        return self.gate + sum(job.took for job in self.jobs)


def talks(calls: int, seconds: float) -> list[Side]:
    """Both sides of each call: one speaks, a pause, the other speaks."""
    prompts = [(one, spoken.samples(one)) for one in spoken.prompts(60)]
    chance = random.Random(7)
    sides = []
    for call in range(calls):
        said: tuple[list[Any], list[Any]] = ([], [])
        at, turn = 1.0, 0
        chance.shuffle(prompts)
        for prompt, sound in prompts:
            length = len(sound) / spoken.RATE
            if at + length > seconds - 1:
                continue
            said[turn % 2].append((at, at + length, prompt.text, sound))
            at, turn = at + length + chance.uniform(0.5, 1.5), turn + 1
        for side in (0, 1):
            whole = spoken.noise(seconds, BED, seed=2 * call + side).astype(np.int32)
            for start, _, _, sound in said[side]:
                place = int(start * spoken.RATE)
                whole[place : place + len(sound)] += sound
            sides.append(Side(spoken.ulaw(whole.clip(-32_768, 32_767).astype(np.int16)), said[side]))
    return sides


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def ours(engine: Engine, voices: Voices, side: Side) -> Ours:
    """The stream through gate and engine, every job timed."""
    utterances, done, data = Utterances(voices=voices), Ours(), side.sound.tobytes()
    decoding: Decoding | None = None
    begun: Begun | None = None
    for at in range(0, len(data), FRAME):
        now = (at + FRAME) / 16_000
        events: list[Event]
        events, took = timed(partial(utterances.feed, data[at : at + FRAME], now))
        done.gate += took
        for event in events:
            if isinstance(event, Begun):
                begun = event
                decoding, took = timed(engine.begin)
                done.jobs.append(Job(now, took, "begin"))
            elif decoding is None or begun is None:
                continue
            elif isinstance(event, Chunk):
                done.jobs.append(Job(now, timed(partial(decoding.feed, event.pcm))[1], "feed"))
            elif isinstance(event, Paused):
                done.jobs.append(Job(now, timed(decoding.pause)[1], "pause"))
            elif isinstance(event, Ended):
                heard, took = timed(decoding.finish)
                done.jobs.append(Job(now, took, "finish", event.end))
                done.texts.append((begun.start, event.end, heard.text))
    return done


def usual(model: Any, side: Side) -> tuple[list[tuple[float, float, str]], float]:
    """A new recogniser, every frame and a partial text for each."""

    def decode() -> list[tuple[float, float, str]]:
        recogniser, data, texts = vosk.KaldiRecognizer(model, 8_000.0), side.sound.tobytes(), []
        recogniser.SetWords(True)
        for at in range(0, len(data), FRAME):
            if recogniser.AcceptWaveform(data[at : at + FRAME]):
                texts.append(json.loads(recogniser.Result()))
            else:
                json.loads(recogniser.PartialResult())
        texts.append(json.loads(recogniser.FinalResult()))
        return [(word["start"], word["end"], word["word"]) for text in texts for word in text.get("result", [])]

    texts, took = timed(decode)
    return texts, took


def alone(engine: Engine, sound: Samples) -> str:
    """What the same model makes of one sentence by itself, without chance."""
    decoding, quiet = engine.begin(), bytes(4_800)
    decoding.feed(quiet + sound.tobytes() + quiet)
    return decoding.finish().text


def within(texts: list[tuple[float, float, str]], start: float, end: float) -> str:
    """What was heard in the middle of a span."""
    return " ".join(text for begin, stop, text in texts if start - 0.5 < (begin + stop) / 2 < end + 0.5)


def latencies(streams: list[Ours], seconds: float, load: float) -> dict[str, Any]:
    """From the end of a voice to its text when streams take `load` of one core."""
    each = sum(one.cpu for one in streams) / len(streams) / seconds
    count = max(1, round(load / each))
    chance = random.Random(3)
    jobs: list[tuple[float, int, Job]] = []
    for place in range(count):
        shift = chance.uniform(0, seconds)
        jobs += [(job.at + shift, place, job) for job in streams[place % len(streams)].jobs]
    waits, free, left_out = list[float](), 0.0, dict[int, float]()
    for at, place, job in sorted(jobs, key=lambda one: one[0]):
        took = job.took + left_out.pop(place, 0.0) if job.kind == "finish" else job.took
        if job.kind == "pause" and free - at > BUSY:
            left_out[place] = job.took
            continue
        if job.kind == "feed":
            left_out.pop(place, None)
        free = max(free, at) + took / (1 - each_gate(streams, seconds) * count)
        if job.kind == "finish":
            waits.append(free - at + job.at - job.ended)
    p50, p95 = np.percentile(waits, [50, 95])
    return {"streams": count, "utterances": len(waits), "p50_s": round(float(p50), 2), "p95_s": round(float(p95), 2)}


def each_gate(streams: list[Ours], seconds: float) -> float:
    """The part of a core that the gate of one stream takes."""
    return sum(one.gate for one in streams) / len(streams) / seconds


def told(streams: list[Ours], seconds: float) -> dict[str, Any]:
    cpu = sum(one.cpu for one in streams) / len(streams) / seconds
    return {
        "cpu_per_audio_s": round(cpu, 4),
        "of_it_gate": round(each_gate(streams, seconds), 4),
        "streams_per_core": round(1 / cpu, 1),
        "end_of_voice_to_text": {f"load_{share}": latencies(streams, seconds, share / 100) for share in (50, 90)},
    }


def of_vosk(sides: list[Side], seconds: float) -> dict[str, Any]:
    """Ours and the usual way side by side."""
    model = models.choose(models.find(), "ko", "vosk")
    engine, plain, voices = open_engine(model), vosk.Model(model.path), Voices()
    streams, taken = [], 0.0
    wrong = {"ours": 0, "usual": 0}
    letters = 0
    for side in sides:
        streams.append(ours(engine, voices, side))
        words, took = usual(plain, side)
        taken += took
        for start, end, _, sound in side.said:
            truth = alone(engine, sound)
            for name, texts in (("ours", streams[-1].texts), ("usual", words)):
                errors, count = spoken.letter_errors(truth, within(texts, start, end))
                wrong[name] += errors
            letters += count
    result = told(streams, seconds)
    cpu = taken / len(sides) / seconds
    return {
        "model": model.name,
        "ours": result,
        "usual": {"cpu_per_audio_s": round(cpu, 4), "streams_per_core": round(1 / cpu, 1)},
        "ratio": round(cpu / result["cpu_per_audio_s"], 2),
        "letters_unlike_each_sentence_alone": {name: round(errors / letters, 3) for name, errors in wrong.items()},
    }


def of_whisper(sides: list[Side], seconds: float) -> dict[str, Any]:
    model = models.choose(models.find(), "en", "whisper")
    engine, voices = open_engine(model), Voices()
    streams = [ours(engine, voices, side) for side in sides]
    wrong = said = 0
    for side, stream in zip(sides, streams, strict=True):
        for start, end, text, _ in side.said:
            errors, words = spoken.word_errors(text, within(stream.texts, start, end))
            wrong, said = wrong + errors, said + words
    return {"model": model.name, "words_wrong": round(wrong / said, 3), "words": said, **told(streams, seconds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3, help="talks, of two streams each")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each")
    options = parser.parse_args()
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    os.environ["OMP_NUM_THREADS"] = "1"
    vosk.SetLogLevel(-1)
    sides = talks(options.calls, options.seconds)
    duty = sum(end - start for side in sides for start, end, _, _ in side.said) / len(sides) / options.seconds
    gaps = [later[0] - earlier[1] for side in sides for earlier, later in pairwise(side.said)]
    result = {
        "benchmark": "speech",
        "python": platform.python_version(),
        "streams": len(sides),
        "seconds": options.seconds,
        "speaking": round(duty, 2),
        "mean_pause_s": round(sum(gaps) / len(gaps), 1) if gaps else None,
        "busy_machine": round(os.getloadavg()[0], 1),
        "vosk": of_vosk(sides, options.seconds),
        "whisper": of_whisper(sides, options.seconds),
    }
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
