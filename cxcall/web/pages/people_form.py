"""What an administrator types about a person: read, folded, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from multidict import MultiMapping

from cxcall.web import passwords
from cxcall.web.access import Role
from cxcall.web.digits import typed
from cxcall.web.words import N_

EXTENSION = re.compile(r"[A-Za-z0-9_]+/\S+")
_BETWEEN = re.compile(r"[\s,،;؛]+")
MOST_EXTENSIONS = 10
LONGEST_EXTENSION = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    """The fields as typed, to be shown again, and what is wrong with them (field → untranslated sentence)."""

    name: str = ""
    display_name: str = ""
    role: str = Role.AGENT.value
    language: str = ""
    extensions: str = ""
    password: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def phones(self) -> tuple[str, ...]:
        """The extensions one by one."""
        return tuple(dict.fromkeys(part for part in _BETWEEN.split(self.extensions) if part))

    @property
    def changes(self) -> dict[str, object]:
        """As store.users takes them."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "role": self.role,
            "language": self.language or None,
            "extensions": self.phones,
        }


def read(form: MultiMapping[object], *, with_password: bool) -> PersonForm:
    """The form as sent; `errors` is empty when it can be used. A left-out password is made up by the caller."""
    read = PersonForm(
        name=typed(str(form.get("name", ""))),
        display_name=typed(str(form.get("display_name", ""))),
        role=str(form.get("role", "")),
        language=str(form.get("language", "")),
        extensions=typed(str(form.get("extensions", ""))),
        password=str(form.get("password", "")) if with_password else "",
    )
    return PersonForm(
        name=read.name,
        display_name=read.display_name,
        role=read.role,
        language=read.language,
        extensions=read.extensions,
        password=read.password,
        errors=_errors(read),
    )


def _errors(form: PersonForm) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not 1 <= len(form.name) <= 64:
        errors["name"] = N_("Give a name to sign in with, of at most 64 letters.")
    if len(form.display_name) > 100:
        errors["display_name"] = N_("The shown name may have at most 100 letters.")
    if form.role not in list(Role):
        errors["role"] = N_("Choose a role.")
    if form.language not in ("", "en", "fa"):
        errors["language"] = N_("Choose a language.")
    if any(not EXTENSION.fullmatch(phone) or len(phone) > LONGEST_EXTENSION for phone in form.phones):
        errors["extensions"] = N_("Write each phone as Asterisk names it, for example PJSIP/1001.")
    elif len(form.phones) > MOST_EXTENSIONS:
        errors["extensions"] = N_("A person can have at most 10 phones.")
    if form.password:
        fault = passwords.fault(form.password, form.name)
        if fault:
            errors["password"] = fault
    return errors
