"""A ready survey to begin with, as data: satisfaction, recommendation, a comment, a call-back when it went badly.

Its prompts are named, not made: PROMPTS has the words of each in Persian and English, and whoever makes the prompts
puts their ids in with `with_prompts`. Numbers are written as words, for speech engines; # is «مربع» to Persian callers.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cxcall.surveys.script import (
    Branch,
    Case,
    Comment,
    Condition,
    HandOver,
    Key,
    Part,
    Question,
    Say,
    Script,
    Texts,
    Thank,
)

PROMPTS: Mapping[str, Texts] = {
    "survey.welcome": {
        "fa": "از تماس شما سپاسگزاریم. مایلیم چند پرسش کوتاه دربارهٔ این تماس از شما بپرسیم.",
        "en": "Thank you for your call. We would like to ask you a few short questions about it.",
    },
    "survey.csat": {
        "fa": "از این تماس چقدر رضایت داشتید؟ لطفاً عددی از یک تا پنج را فشار دهید؛ یک یعنی بسیار ناراضی و پنج یعنی "
        "بسیار راضی. اگر مایل نیستید در آینده در نظرسنجی شرکت کنید، عدد نُه را فشار دهید.",
        "en": "How satisfied were you with this call? Please press a key from one to five. One means very "
        "dissatisfied, and five means very satisfied. If you would rather not be asked in future, press nine.",
    },
    "survey.nps": {
        "fa": "چقدر احتمال دارد ما را به دوستان یا همکاران خود پیشنهاد کنید؟ لطفاً عددی از صفر تا ده را وارد کنید؛ "
        "صفر یعنی به‌هیچ‌وجه و ده یعنی به احتمال بسیار زیاد.",
        "en": "How likely are you to recommend us to a friend or colleague? Please enter a number from zero to ten. "
        "Zero means not at all likely, and ten means extremely likely.",
    },
    "survey.comment": {
        "fa": "اگر توضیح بیشتری دارید، لطفاً پس از شنیدن بوق صحبت کنید و در پایان کلید مربع را فشار دهید. در غیر این "
        "صورت، پس از بوق فقط کلید مربع را فشار دهید.",
        "en": "If you would like to tell us more, please speak after the tone, and press the hash key when you have "
        "finished. Otherwise, simply press the hash key after the tone.",
    },
    "survey.call_back_offer": {
        "fa": "متأسفیم که انتظار شما برآورده نشد. اگر مایلید در این باره با شما تماس بگیریم، عدد یک و در غیر این صورت "
        "عدد دو را فشار دهید.",
        "en": "We are sorry that we did not meet your expectations. If you would like us to call you back about this, "
        "press one. Otherwise, press two.",
    },
    "survey.call_back": {
        "fa": "سپاسگزاریم. همکاران ما با شما تماس خواهند گرفت. خدانگهدار.",
        "en": "Thank you. One of our colleagues will call you back. Goodbye.",
    },
    "survey.thanks": {
        "fa": "از پاسخ‌های شما سپاسگزاریم. خدانگهدار.",
        "en": "Thank you for your answers. Goodbye.",
    },
    "survey.wrong_key": {
        "fa": "عددی که وارد کردید معتبر نیست.",
        "en": "Sorry, that is not one of the choices.",
    },
    "survey.no_input": {
        "fa": "پاسخی از شما دریافت نشد.",
        "en": "Sorry, we did not receive an answer.",
    },
    "survey.opt_out": {
        "fa": "از این پس برای نظرسنجی مزاحم شما نخواهیم شد. سپاسگزاریم. خدانگهدار.",
        "en": "You will not be asked again. Thank you, and goodbye.",
    },
}
"""Words of the prompts by name and language."""

SATISFACTION: tuple[Texts, ...] = (
    {"fa": "بسیار ناراضی", "en": "Very dissatisfied"},
    {"fa": "ناراضی", "en": "Dissatisfied"},
    {"fa": "متوسط", "en": "Neither"},
    {"fa": "راضی", "en": "Satisfied"},
    {"fa": "بسیار راضی", "en": "Very satisfied"},
)
"""What the keys 1–5 mean."""


def default_script() -> Script:
    """The ready survey; its prompts are the names of PROMPTS."""
    parts = (
        Say(id="welcome", prompt="survey.welcome"),
        _satisfaction(),
        _recommendation(),
        Comment(id="comment", title={"fa": "نظر صوتی", "en": "Comment"}, prompt="survey.comment", seconds=60),
        Branch(
            id="went_badly",
            cases=(
                Case(when=Condition(of="answer", part="csat", at_most=2), next="offer"),
                Case(when=Condition(of="answer", part="nps", at_most=3), next="offer"),
            ),
            next="thanks",
        ),
        _offer(),
        Thank(id="thanks", prompt="survey.thanks"),
        HandOver(id="call_back", prompt="survey.call_back", to="call_back"),
    )
    return Script(languages=("fa", "en"), parts=parts, opt_out_key="9", opt_out_prompt="survey.opt_out")


def with_prompts(script: Script, ids: Mapping[str, str]) -> Script:
    """The script with each prompt that `ids` names put in place of its name; others stay as they are."""
    parts = tuple(_named(part, ids) for part in script.parts)
    return msgspec.structs.replace(
        script, parts=parts, opt_out_prompt=ids.get(script.opt_out_prompt, script.opt_out_prompt)
    )


def _named(part: Part, ids: Mapping[str, str]) -> Part:
    changes = {name: ids[getattr(part, name)] for name in part.prompt_fields if getattr(part, name) in ids}
    return msgspec.structs.replace(part, **changes)


def _satisfaction() -> Question:
    return Question(
        id="csat",
        title={"fa": "رضایت از تماس", "en": "Satisfaction with the call"},
        kind="scale",
        measure="csat",
        prompt="survey.csat",
        keys=tuple(
            Key(key=str(value), label=label, value=float(value)) for value, label in enumerate(SATISFACTION, start=1)
        ),
        wrong_key_prompt="survey.wrong_key",
        no_input_prompt="survey.no_input",
    )


def _recommendation() -> Question:
    return Question(
        id="nps",
        title={"fa": "پیشنهاد به دیگران", "en": "Would recommend us"},
        kind="nps",
        measure="nps",
        prompt="survey.nps",
        wrong_key_prompt="survey.wrong_key",
        no_input_prompt="survey.no_input",
    )


def _offer() -> Question:
    return Question(
        id="offer",
        title={"fa": "درخواست تماس مجدد", "en": "Wants a call-back"},
        kind="yes_no",
        prompt="survey.call_back_offer",
        keys=(
            Key(key="1", label={"fa": "بله", "en": "Yes"}, next="call_back"),
            Key(key="2", label={"fa": "خیر", "en": "No"}, next="thanks"),
        ),
        retries=1,
        wrong_key_prompt="survey.wrong_key",
        no_input_prompt="survey.no_input",
        next="thanks",
    )
