"""The document says what the API does: valid OpenAPI 3.1, every route in it, every answer as promised."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from cxcall.calls.record import CallRecord, jsonable
from cxcall.web.api import ENDPOINTS
from cxcall.web.api.openapi import document
from cxcall.web.api.scopes import SCOPES, Scope
from cxcall.web.api.tokens import ScopeName
from tests.store import make
from tests.web.api.conftest import Answer, Client, Site

DOC = document(ENDPOINTS)


def _check(answer: Answer, operation_id: str) -> None:
    """The answer's status is one of the operation's, and its body fits the schema given for it."""
    operation = next(
        operation
        for methods in DOC["paths"].values()
        for operation in methods.values()
        if operation["operationId"] == operation_id
    )
    told = operation["responses"][str(answer.status)]
    if "$ref" in told:
        told = DOC["components"]["responses"][told["$ref"].rpartition("/")[2]]
    if "content" not in told:
        assert answer.body == b""
        return
    (kind, content), *_ = told["content"].items()
    assert answer.kind == kind
    schema = {**content["schema"], "components": DOC["components"]}
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(answer.json)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOC["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOC).iter_errors()) == []


async def test_anyone_may_read_it_and_it_is_the_one_made_from_the_table(site: Site) -> None:
    answer = await site.client().get("/openapi.json")
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.json == DOC


async def test_every_route_is_in_the_document_and_the_other_way_round(site: Site) -> None:
    from cxcall.web.app import init_app

    app = init_app(settings=site.settings, engine=site.engine, bus=site.bus, commands=site.commands)
    routed = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/v1") and route.method != "HEAD"
    }
    told = {(method.upper(), path) for path, methods in DOC["paths"].items() for method in methods}
    assert routed == told


def test_every_operation_has_a_name_of_its_own_a_summary_and_a_scope_that_exists() -> None:
    names = [endpoint.name for endpoint in ENDPOINTS]
    assert len(names) == len(set(names))
    assert all(endpoint.summary for endpoint in ENDPOINTS)
    assert set(SCOPES) == set(Scope) - {Scope.ANY}
    used = {endpoint.scope for endpoint in ENDPOINTS} - {None, Scope.ANY}
    assert used == set(SCOPES) - {Scope.METRICS_READ}
    assert set(get_args(ScopeName)) == {scope.value for scope in SCOPES}, "a token can be made for each"


def test_nothing_in_the_document_leads_to_another_host() -> None:
    assert not re.search(r"https?://", str(DOC))


def test_the_schema_of_the_record_is_the_record() -> None:
    schema = {**DOC["components"]["schemas"]["CallRecord"], "components": DOC["components"]}
    validator = OAS31Validator(schema, format_checker=oas31_format_checker)
    for record in (
        make.queue_call(1),
        make.ringing(make.queue_call(2)),
        CallRecord(id=make.queue_call(1).id, server="x"),
    ):
        validator.validate(jsonable(record))
    assert set(DOC["components"]["schemas"]["CallRecord"]["required"]) == set(jsonable(make.queue_call(1)))
    assert not validator.is_valid({**jsonable(make.queue_call(1)), "outcome": "great"})
    assert not validator.is_valid({**jsonable(make.queue_call(1)), "started_at": 5})


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("list_calls", "/calls"),
        ("list_calls", "/calls?limit=0"),
        ("get_call", "/calls/{call}"),
        ("get_call", "/calls/none"),
        ("list_call_notes", "/calls/{call}/notes"),
        ("list_call_events", "/calls/{call}/events"),
        ("list_customers", "/customers"),
        ("get_customer", "/customers/{customer}"),
        ("list_customer_calls", "/customers/{customer}/calls"),
        ("list_customer_notes", "/customers/{customer}/notes"),
        ("list_customer_merges", "/customers/{customer}/merges"),
        ("list_tokens", "/tokens"),
        ("list_users", "/users"),
        ("get_user", "/users/{user}"),
        ("list_acts", "/audit"),
        ("who_am_i", "/me"),
        ("get_openapi", "/openapi.json"),
    ],
)
async def test_answers_are_as_the_document_promises(site: Site, admin: Client, operation: str, path: str) -> None:
    call = make.queue_call(1, name="زهرا")
    await site.store(call, make.ringing(make.queue_call(2)))
    await admin.put(f"/calls/{call.id}/notes", json={"text": "سلام", "version": 0})
    customer = (await admin.get("/customers")).json["items"][0]["id"]
    user = (await admin.get("/me")).json["id"]
    ids: dict[str, Any] = {"{call}": call.id, "{customer}": customer, "{user}": user}
    for name, value in ids.items():
        path = path.replace(name, value)
    _check(await admin.get(path), operation)


async def test_answers_to_changes_are_as_the_document_promises(admin: Client) -> None:
    made = await admin.post("/customers", json={"name": "Reza", "numbers": ["09123456789"]})
    _check(made, "create_customer")
    _check(await admin.post("/customers", json={"numbers": ["09123456789"]}), "create_customer")
    _check(await admin.patch(f"/customers/{made.json['id']}", json={"version": 1, "city": "Shiraz"}), "change_customer")
    _check(await admin.patch(f"/customers/{made.json['id']}", json={"version": 1, "city": "Yazd"}), "change_customer")
    _check(await admin.patch(f"/customers/{made.json['id']}", json={"city": "Yazd"}), "change_customer")
    notes = f"/customers/{made.json['id']}/notes"
    note = await admin.post(notes, json={"text": "سلام"})
    _check(note, "add_customer_note")
    _check(await admin.delete(f"{notes}/{note.json['id']}"), "remove_customer_note")
    _check(await admin.delete(f"{notes}/{note.json['id']}"), "remove_customer_note")
    other = await admin.post("/customers", json={"name": "R", "numbers": ["09351112233"]})
    await admin.post("/customers/merge", json={"kept": made.json["id"], "gone": other.json["id"]})
    merges = await admin.get(f"/customers/{made.json['id']}/merges")
    _check(merges, "list_customer_merges")
    undo = f"/customers/{made.json['id']}/merges/{merges.json['items'][0]['id']}/undo"
    _check(await admin.post(undo), "undo_customer_merge")
    _check(await admin.post(undo), "undo_customer_merge")
    token = await admin.post("/tokens", json={"name": "robot", "scopes": ["calls:read"]})
    _check(token, "make_token")
    _check(await admin.delete(f"/tokens/{token.json['token']['id']}"), "revoke_token")
    user = await admin.post("/users", json={"name": "sara", "role": "agent", "password": "long enough 1"})
    _check(user, "create_user")
    _check(await admin.post("/users", json={"name": "sara", "role": "agent", "password": "short"}), "create_user")


async def test_people_read_the_document_as_a_page_without_scripts_of_others(site: Site) -> None:
    for client in (site.client(), await site.by_session(await site.user("boss", "supervisor"))):
        answer = await client.get("//api/docs")
        page = answer.body.decode()
        assert (answer.status, answer.kind) == (200, "text/html")
        assert all(endpoint.full_path in page and f'id="{endpoint.name}"' in page for endpoint in ENDPOINTS)
        assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", page)
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
        assert "style=" not in page
