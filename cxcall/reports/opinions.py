"""What customers said, how calls were led, who came again: the measures of surveys, speech and contacts.

Sums by family; times in seconds:

* answers: csat_good (4 or 5 of 5), csat_n, csat_sum, nps_promoters, nps_passives, nps_detractors, ces_good (6 or 7 of
  7), ces_n, survey_offered, survey_started, survey_finished
* speech: talks, talk_s, own_s and customer_s (seconds they spoke), silence_s, silence_n, the longest silence_max,
  overlap_s, interruptions_agent, interruptions_customer, words_agent, sentiment_sum, sentiment_n, trend_sum,
  mood_improving, mood_steady, mood_worsening
* resolution: fcr_n, fcr_resolved, fcr_open (not yet told)
* customers: customers, repeat_customers (each counted once in every row)
* fifths: fifths (all customers of the site as of last night, whatever the period)
"""

from __future__ import annotations

from collections.abc import Iterable

from cxcall.reports.definition import Row, Short
from cxcall.reports.measuring import TIMES, Measure, Spread, count, seconds, share, summed
from cxcall.reports.tally import Tally
from cxcall.surveys import score

_ANSWERS: frozenset[Row] = frozenset((*TIMES, "server", "queue", "agent", "team", "survey"))
_SPEECH: frozenset[Row] = frozenset((*TIMES, "server", "queue", "agent", "team", "category"))
_CONTACTS: frozenset[Row] = frozenset(
    ("day", "week", "month", "weekday", "server", "queue", "agent", "team", "segment", "rfm")
)
_PROMOTER, _PASSIVE, _DETRACTOR = 10, 8, 0
"""An answer that stands for its kind."""


def all_of_them() -> Iterable[Measure]:
    """The measures of these families."""
    yield from _of_answers()
    yield from _of_speech()
    yield from _of_contacts()


def _nps_score(tally: Tally) -> score.Score:
    return score.nps(
        {
            _PROMOTER: round(tally["nps_promoters"]),
            _PASSIVE: round(tally["nps_passives"]),
            _DETRACTOR: round(tally["nps_detractors"]),
        }
    )


def _nps(tally: Tally, short: Short) -> float | None:
    return _nps_score(tally).value


def _nps_spread(tally: Tally) -> tuple[float, float] | None:
    found = _nps_score(tally)
    return None if found.low is None or found.high is None else (found.low, found.high)


def _share_spread(good: str, n: str) -> Spread:
    def spread(tally: Tally) -> tuple[float, float] | None:
        return score.wilson(round(tally[good]), round(tally[n])) if tally[n] > 0 else None

    return spread


def _of_answers() -> Iterable[Measure]:
    a = ("answers",)
    for name in ("csat", "ces"):
        good, n = f"{name}_good", f"{name}_n"
        spread = _share_spread(good, n)
        yield share(name, a, _ANSWERS, summed(good), summed(n), scored=True, spread=spread)
    yield share("csat_mean", a, _ANSWERS, summed("csat_sum"), summed("csat_n"), unit="mean", scored=True)
    yield Measure(
        id="nps", unit="points", families=frozenset(a), rows=_ANSWERS, good="up", of=_nps,
        many=summed("nps_promoters", "nps_passives", "nps_detractors"), behind=None, scored=True, spread=_nps_spread,
    )  # fmt: skip
    for name in ("survey_offered", "survey_started", "survey_finished"):
        yield count(name, "answers", _ANSWERS, opens=False)
    yield share("response_rate", a, _ANSWERS, summed("survey_finished"), summed("survey_offered"))


def _of_speech() -> Iterable[Measure]:
    s = ("speech",)
    talks, talk = summed("talks"), summed("talk_s")
    yield count("talks", "speech", _SPEECH, opens=False)
    yield share("talk_share", s, _SPEECH, summed("own_s"), summed("own_s", "customer_s"), good="")
    yield share("silence", s, _SPEECH, summed("silence_s"), talk, good="down")
    yield count("silence_count", "speech", _SPEECH, good="down", of="silence_n", opens=False)
    yield seconds("silence_longest", s, _SPEECH, _longest_silence, n=talks, good="down")
    yield share("overlap", s, _SPEECH, summed("overlap_s"), talk, good="down")
    by_whom = ("interruptions_agent", "interruptions_customer")
    yield share("interruptions", s, _SPEECH, summed(*by_whom), talks, good="down", unit="mean")
    for name in by_whom:
        yield count(name, "speech", _SPEECH, good="down", opens=False)
    yield share("pace", s, _SPEECH, _words_by_60, summed("own_s"), good="", unit="per_minute")
    yield share("sentiment", s, _SPEECH, summed("sentiment_sum"), summed("sentiment_n"), unit="score", scored=True)
    moods = ("mood_improving", "mood_steady", "mood_worsening")
    yield share("mood_trend", s, _SPEECH, summed("trend_sum"), summed(*moods), unit="score", scored=True)
    for name in moods:
        yield count(name, "speech", _SPEECH, opens=False)


def _longest_silence(tally: Tally, short: Short) -> float | None:
    return tally.most.get("silence_max") if tally["talks"] else None


def _words_by_60(tally: Tally, short: Short) -> float:
    return tally["words_agent"] * 60


def _of_contacts() -> Iterable[Measure]:
    yield share("fcr", ("resolution",), _CONTACTS, summed("fcr_resolved"), summed("fcr_n"), scored=True)
    yield count("repeat", "customers", _CONTACTS, good="down", of="repeat_customers", opens=False)
    yield count("customers", "customers", _CONTACTS, opens=False)
    yield count("rfm", "fifths", frozenset(("rfm",)), of="fifths", opens=False)
    yield share("repeat_rate", ("customers",), _CONTACTS, summed("repeat_customers"), summed("customers"), good="down")
