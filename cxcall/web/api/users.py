"""`/users`: who may sign in, for administrators. Nobody is removed, only disabled: what they did keeps its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from cxcall.store import users
from cxcall.store.errors import Conflict
from cxcall.store.users import LastAdmin, NameTaken, NoSuchUser, User
from cxcall.web import passwords
from cxcall.web.access import Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem
from cxcall.web.turned_out import Place, places_of, turn_out_of_all

RoleName = Literal["agent", "supervisor", "admin"]
Language = Literal["en", "fa"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\S", description="What they sign in with.")]
DisplayName = Annotated[str, msgspec.Meta(max_length=100)]
Extension = Annotated[
    str, msgspec.Meta(max_length=80, pattern=r"^[A-Za-z0-9_]+/\S+$", description="As Asterisk names it: PJSIP/1001.")
]
Extensions = Annotated[list[Extension], msgspec.Meta(max_length=10)]


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person to let in."""

    name: Name
    role: RoleName
    password: Annotated[str, msgspec.Meta(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]
    display_name: DisplayName = ""
    language: Language | None = None
    extensions: Extensions = []


class UserChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different; what is not named stays. `version` is the one it is based on (or use If-Match)."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET
    display_name: DisplayName | msgspec.UnsetType = msgspec.UNSET
    role: RoleName | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType | None = msgspec.UNSET
    extensions: Extensions | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may sign in, or could until disabled."""

    id: str
    version: int
    name: str
    display_name: str
    role: RoleName
    language: Language | None
    extensions: list[str]
    disabled: bool
    created_at: Time
    updated_at: Time


class UserList(msgspec.Struct, frozen=True, kw_only=True):
    """People by display name; `next` is null on the last page."""

    items: list[ListedUser]
    next: str | None


async def list_users(asked: Asked[PageQuery, None]) -> UserList:
    async with asked.engine.connect() as conn:
        everyone = await users.everyone(conn)
    shown, following = part(everyone, asked.query, lambda user: user.id)
    return UserList(items=[listed(user) for user in shown], next=following)


async def get_user(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        user = await users.get(conn, asked.path["id"])
    if user is None:
        raise Problem(404, "There is no such user.")
    return _answer(user)


async def create_user(asked: Asked[None, NewUser]) -> Answer:
    body = asked.body
    fault = passwords.fault(body.password, body.name)
    if fault:
        raise Problem(422, fault, errors=[{"detail": fault, "pointer": "#/password"}])
    hashed = await passwords.hash_password(body.password)
    async with asked.engine.begin() as conn:
        try:
            user = await users.create(
                conn,
                name=body.name,
                role=body.role,
                password_hash=hashed,
                display_name=body.display_name,
                extensions=body.extensions,
                language=body.language,
            )
        except NameTaken as error:
            raise _taken() from error
        about = {"name": user.name, "role": user.role}
        await note_act(asked, conn, "user.create", f"user:{user.id}", about)
    return _answer(user, {"Location": f"{ROOT}/users/{user.id}"})


async def change_user(asked: Asked[None, UserChange]) -> Answer:
    """A disabled user is signed out everywhere, also of their phone and its queues, and their tokens stop working. The
    last administrator stays one."""
    changes = {
        name: value
        for name in UserChange.__struct_fields__
        if name != "version" and (value := getattr(asked.body, name)) is not msgspec.UNSET
    }
    version = expected_version(asked.request, asked.body.version)
    places: tuple[Place, ...] = ()
    async with asked.engine.begin() as conn:
        before = await users.get(conn, asked.path["id"]) if changes.get("disabled") else None
        if before is not None and not before.disabled:
            places = await places_of(conn, asked.request, before)
        try:
            user = await users.change(conn, asked.path["id"], version=version.number, **changes)
        except NoSuchUser as error:
            raise Problem(404, "There is no such user.") from error
        except NameTaken as error:
            raise _taken() from error
        except LastAdmin as error:
            raise Problem(409, str(error)) from error
        except Conflict as error:
            raise version.outdated() from error
        about = {"name": user.name, "changed": sorted(changes)}
        await note_act(asked, conn, "user.change", f"user:{user.id}", about)
    if changes.get("disabled"):
        await turn_out_of_all(asked.request, user, places)
    return _answer(user)


def _taken() -> Problem:
    error = {"detail": "Someone else signs in with this name.", "pointer": "#/name"}
    return Problem(409, "This name is taken.", errors=[error])


def _answer(user: User, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(value=listed(user), headers={"ETag": etag(user.version), **(headers or {})})


def listed(user: User) -> ListedUser:
    """A user as the API shows one: without password and preferences."""
    values = {name: getattr(user, name) for name in ListedUser.__struct_fields__}
    return ListedUser(**{**values, "extensions": list(user.extensions)})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/users", handler=list_users, summary="List users", tag="users",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), query=PageQuery, gives=UserList,
    ),
    Endpoint(
        method="POST", path="/users", handler=create_user, summary="Let someone in", tag="users",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), body=NewUser, gives=ListedUser, status=201, problems=(409,),
        gives_headers=("Location", "ETag"),
    ),
    Endpoint(
        method="GET", path="/users/{id}", handler=get_user, summary="One user", tag="users",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), gives=ListedUser, gives_headers=("ETag",),
    ),
    Endpoint(
        method="PATCH", path="/users/{id}", handler=change_user, summary="Change or disable a user", tag="users",
        scope=Scope.USERS_ADMIN, roles=(Role.ADMIN,), body=UserChange, gives=ListedUser, problems=(409, 412, 428),
        headers=("If-Match",), gives_headers=("ETag",),
    ),
)  # fmt: skip
