"""Words of the pages: English in the code is the key, Persian comes from `locale/fa/*.po`, one file a part.

In a template: `_("Sign in")`, `_("%(n)s calls", n=x|number)`, `ngettext("%(num)s call", "%(num)s calls", n)`; a per
cent sign of its own is written `%%` there. In a handler: `from cxcall.web.words import gettext as _`. A table of words
that is read before a request is known marks them with `N_` and passes them through `_` when shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

from cxcall.web.presentation import Language, current

LOCALE = Path(__file__).with_name("locale")
LANGUAGES: tuple[Language, ...] = ("en", "fa")

Catalogue = dict[tuple[str | None, str], tuple[str, ...]]


def N_(message: str) -> str:  # noqa: N802 - the name every extraction tool knows
    """Mark `message` for the catalogues without translating it yet."""
    return message


@cache
def catalogue(language: Language) -> Catalogue:
    """All words of `language`: (context, English) → its forms, singular first. Read once, at start.

    Where two files translate the same English, the first by name counts; a test sees to it that they agree.
    """
    words: Catalogue = {}
    for file in sorted((LOCALE / language).glob("*.po")):
        for key, forms in read_file(file, language).items():
            words.setdefault(key, forms)
    return words


def read_file(file: Path, language: Language) -> Catalogue:
    """The finished translations of one .po file. Raises babel's PoFileError for a broken one."""
    with file.open("rb") as stream:
        messages = [message for message in read_po(stream, locale=language, abort_invalid=True) if message.id]
    words: Catalogue = {}
    for message in messages:
        english = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if all(forms) and not message.fuzzy:
            words[(message.context, english)] = forms
    return words


def gettext(message: str) -> str:
    """`message` in the reader's language; English when it has no translation."""
    return catalogue(current().language).get((None, message), (message,))[0]


def ngettext(singular: str, plural: str, n: float) -> str:
    """The form of the reader's language that goes with `n`."""
    return _form(None, singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """As gettext, where one English word has several translations."""
    return catalogue(current().language).get((context, message), (message,))[0]


def npgettext(context: str, singular: str, plural: str, n: float) -> str:
    return _form(context, singular, plural, n)


def _form(context: str | None, singular: str, plural: str, n: float) -> str:
    language = current().language
    one = _plural_rule(language)(n) == "one"
    forms = catalogue(language).get((context, singular), (singular, plural))
    return forms[0] if one or len(forms) == 1 else forms[1]


@cache
def _plural_rule(language: Language) -> Callable[[float], str]:
    return Locale.parse(language).plural_form
