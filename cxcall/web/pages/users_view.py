"""What /admin/users shows: the list, one person, and the sentences about what was done or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxcall.store import users
from cxcall.web.pages.people_form import PersonForm
from cxcall.web.pages.secrets_view import Access, Secret
from cxcall.web.words import N_

TAKEN = N_("Someone else signs in with this name.")
LAST_ADMIN = N_("This is the last administrator who can sign in. Make another one first.")
CONFLICT = N_("Someone else changed this person meanwhile. Look at the fields and save again.")
NOT_YOURSELF = N_("You can't disable yourself.")

DONE = {
    "created": N_("%(name)s can sign in now."),
    "saved": N_("Saved."),
    "disabled": N_("%(name)s can't sign in any more."),
    "disabled-rings": N_(
        "%(name)s can't sign in any more. Asterisk did not answer: queues may still ring their phone."
    ),
    "enabled": N_("%(name)s can sign in again."),
    "signed-out": N_("%(name)s was signed out."),
    "revoked": N_("The token was revoked."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersView:
    people: Sequence[users.User]
    text: str
    role: str
    total: int
    roles: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """One person, or a new one (`person` None). `secret` is shown this once."""

    person: users.User | None
    form: PersonForm
    roles: Sequence[tuple[str, str]]
    access: Access | None = None
    secret: Secret | None = None
    error: str = ""
    myself: bool = False
