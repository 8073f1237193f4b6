"""`/customers`: profiles, found, made and changed. Numbers may be written in any usual way and come back as E.164."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.profile import LARGEST_VALUE, Language, Profile, Tier, read_profile, value_text
from cxcall.customers.profile import Problem as FieldProblem
from cxcall.store import customer_pages, customers, managers
from cxcall.store.calls import CallFilter
from cxcall.store.customer_pages import CustomerFilter, CustomerRow
from cxcall.store.customers import Customer, NoSuchCustomer, NumberTaken
from cxcall.store.errors import Conflict
from cxcall.store.paging import BadCursor
from cxcall.web import keys
from cxcall.web.api.acts import note_act
from cxcall.web.api.calls import CallList, listed, phones_of
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import After, Limit, PageQuery, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

Word = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=50)]
Value = Annotated[
    float, msgspec.Meta(gt=-LARGEST_VALUE, lt=LARGEST_VALUE, description="The site's own figure: money a year, points.")
]
Manager = Annotated[
    str, msgspec.Meta(max_length=200, description="Who looks after the customer: a user's id, or a login name.")
]
LISTS = frozenset({"numbers", "emails", "tags"})
FIELDS = ("name", "numbers", "emails", "company", "city", "tier", "language", "tags", "value", "manager")


class CustomerQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list; all that are given must fit."""

    limit: Limit = 50
    after: After | None = None
    text: Annotated[Word | None, msgspec.Meta(description="Beginnings of words, of numbers, or their last digits.")] = (
        None
    )
    tier: Tier | None = None
    tag: Word | None = None
    first_contact: Annotated[bool, msgspec.Meta(description="Only those made by a call and not named yet.")] = False
    order: Annotated[Literal["name", "newest"], msgspec.Meta(description="What the list is sorted by.")] = "name"


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A profile to make: at least a name or a number. The first number is the main one."""

    name: Text = ""
    numbers: Texts = []
    emails: Texts = []
    company: Text = ""
    city: Text = ""
    tier: Tier | None = None
    language: Language | None = None
    tags: Texts = []
    value: Value | None = None
    manager: Manager | None = None


class CustomerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different; what is not named stays, lists are replaced whole, null empties a field.

    `version` is the one the change is based on (or use If-Match).
    """

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET
    name: Text | msgspec.UnsetType | None = msgspec.UNSET
    numbers: Texts | msgspec.UnsetType | None = msgspec.UNSET
    emails: Texts | msgspec.UnsetType | None = msgspec.UNSET
    company: Text | msgspec.UnsetType | None = msgspec.UNSET
    city: Text | msgspec.UnsetType | None = msgspec.UNSET
    tier: Tier | msgspec.UnsetType | None = msgspec.UNSET
    language: Language | msgspec.UnsetType | None = msgspec.UNSET
    tags: Texts | msgspec.UnsetType | None = msgspec.UNSET
    value: Value | msgspec.UnsetType | None = msgspec.UNSET
    manager: Manager | msgspec.UnsetType | None = msgspec.UNSET


class ShownCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A profile. Numbers are E.164, the main one first. `first_contact`: made by a call, nobody has named it yet."""

    id: str
    version: int
    name: str
    numbers: list[str]
    emails: list[str]
    company: str
    city: str
    tier: Tier | None
    language: Language | None
    tags: list[str]
    value: float | None
    manager: str | None
    first_contact: bool
    origin: Literal["call", "person", "import"]
    first_contact_at: Time | None
    created_at: Time
    updated_at: Time


class ListedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A profile in a list, with the number of its calls and the time of the last one."""

    id: str
    name: str
    numbers: list[str]
    emails: list[str]
    company: str
    city: str
    tier: Tier | None
    language: Language | None
    tags: list[str]
    first_contact: bool
    created_at: Time
    calls: int
    last_call_at: Time | None


class CustomerList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers; `next` is null on the last one."""

    items: list[ListedCustomer]
    next: str | None


async def list_customers(asked: Asked[CustomerQuery, None]) -> CustomerList:
    query = asked.query
    wanted = CustomerFilter(text=query.text or "", tier=query.tier, tag=query.tag, first_contact=query.first_contact)
    try:
        async with asked.engine.connect() as conn:
            found = await customer_pages.page(conn, wanted, order=query.order, limit=query.limit, after=query.after)
    except BadCursor as error:
        raise bad_cursor() from error
    return CustomerList(items=[_row(row) for row in found.rows], next=found.next)


async def create_customer(asked: Asked[None, NewCustomer]) -> Answer:
    """Earlier calls of the numbers that had no customer become this one's. 409 when a number is another customer's."""
    written = {field: getattr(asked.body, field) for field in FIELDS}
    async with asked.engine.begin() as conn:
        profile = _read(written, asked.country, await managers.by_name(conn))
        try:
            customer = await customers.create(conn, profile)
        except NumberTaken as error:
            raise number_taken(error) from error
        await note_act(asked, conn, "customer.create", f"customer:{customer.id}")
    told(asked, customer.id)
    return _answer(customer, {"Location": f"{ROOT}/customers/{customer.id}"})


async def get_customer(asked: Asked[None, None]) -> Answer:
    """The id of a customer that was merged into another one gives that one."""
    async with asked.engine.connect() as conn:
        return _answer(await found_customer(asked, conn))


async def change_customer(asked: Asked[None, CustomerChange]) -> Answer:
    """Calls of a number that is taken away stay with the customer; its next call makes a new profile."""
    changes = {field: value for field in FIELDS if (value := getattr(asked.body, field)) is not msgspec.UNSET}
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        known = await found_customer(asked, conn)
        profile = _read({**asdict(known.profile), **changes}, asked.country, await managers.by_name(conn))
        try:
            customer = await customers.change(conn, known.id, profile, version=version.number)
        except NumberTaken as error:
            raise number_taken(error) from error
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "customer.change", f"customer:{customer.id}", {"changed": sorted(changes)})
    told(asked, customer.id)
    return _answer(customer)


async def list_customer_calls(asked: Asked[PageQuery, None]) -> CallList:
    """Newest first. Agents get those of their own phones."""
    async with asked.engine.connect() as conn:
        customer = await found_customer(asked, conn)
    wanted = CallFilter(customer_id=customer.id, extension=phones_of(asked.who))
    return await listed(asked, wanted, asked.query.limit, asked.query.after)


async def found_customer(asked: Asked[Any, Any], conn: AsyncConnection) -> Customer:
    """The customer of the path. Raises Problem 404."""
    customer = await customers.get(conn, asked.path["id"])
    if customer is None:
        raise Problem(404, str(NoSuchCustomer.__doc__))
    return customer


def told(asked: Asked[Any, Any], customer_id: str) -> None:
    """Let the pages that show this customer fetch it anew."""
    asked.request.app[keys.BUS].publish(f"customer:{customer_id}", {"id": customer_id})


def number_taken(error: NumberTaken) -> Problem:
    where = {"detail": str(error), "pointer": "#/numbers"}
    return Problem(409, str(error), errors=[where], number=error.number, customer_id=error.owner_id)


def _read(written: Mapping[str, Any], country: str, names: Mapping[str, str]) -> Profile:
    profile, problems = read_profile({**written, "value": value_text(written["value"])}, country, names)
    if problems:
        errors = [{"detail": str(problem), "pointer": _pointer(problem, written)} for problem in problems]
        raise Problem(422, "The profile can't be taken as it is, see errors.", errors=errors)
    return profile


def _pointer(problem: FieldProblem, written: Mapping[str, Any]) -> str:
    """The field, and which one of a list when that can be told."""
    value = written.get(problem.field)
    if problem.field in LISTS and isinstance(value, (list, tuple)) and problem.value in value:
        return f"#/{problem.field}/{value.index(problem.value)}"
    return f"#/{problem.field}"


def shown(customer: Customer) -> ShownCustomer:
    """A customer as the API shows one."""
    profile = customer.profile
    return ShownCustomer(
        id=customer.id,
        version=customer.version,
        name=profile.name,
        numbers=list(profile.numbers),
        emails=list(profile.emails),
        company=profile.company,
        city=profile.city,
        tier=profile.tier,
        language=profile.language,
        tags=list(profile.tags),
        value=profile.value,
        manager=profile.manager,
        first_contact=customer.first_contact,
        origin=customer.origin,
        first_contact_at=customer.first_contact_at,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )


def _row(row: CustomerRow) -> ListedCustomer:
    values = {name: getattr(row, name) for name in ListedCustomer.__struct_fields__}
    return ListedCustomer(**{**values, **{field: list(values[field]) for field in LISTS}})


def _answer(customer: Customer, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(value=shown(customer), headers={"ETag": etag(customer.version), **(headers or {})})


ENDPOINTS = (
    Endpoint(
        method="GET", path="/customers", handler=list_customers, summary="List and find customers", tag="customers",
        scope=Scope.CUSTOMERS_READ, query=CustomerQuery, gives=CustomerList,
    ),
    Endpoint(
        method="POST", path="/customers", handler=create_customer, summary="Make a customer", tag="customers",
        scope=Scope.CUSTOMERS_WRITE, body=NewCustomer, gives=ShownCustomer, status=201, problems=(409,),
        gives_headers=("Location", "ETag"),
    ),
    Endpoint(
        method="GET", path="/customers/{id}", handler=get_customer, summary="One customer", tag="customers",
        scope=Scope.CUSTOMERS_READ, gives=ShownCustomer, gives_headers=("ETag",),
    ),
    Endpoint(
        method="PATCH", path="/customers/{id}", handler=change_customer, summary="Change a customer",
        tag="customers", scope=Scope.CUSTOMERS_WRITE, body=CustomerChange, gives=ShownCustomer,
        problems=(409, 412, 428), headers=("If-Match",), gives_headers=("ETag",),
    ),
    Endpoint(
        method="GET", path="/customers/{id}/calls", handler=list_customer_calls, summary="Calls with a customer",
        tag="customers", scope=Scope.CALLS_READ, query=PageQuery, gives=CallList,
    ),
)  # fmt: skip
