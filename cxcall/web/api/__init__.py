"""The HTTP API under `/api/v1`: one table of operations, from which routes and the OpenAPI document are made."""

from __future__ import annotations

from aiohttp import web

from cxcall.web.api import (
    alerts,
    articles,
    audit,
    calls,
    categories,
    customer_files,
    customer_imports,
    customer_merges,
    customer_notes,
    customers,
    docs,
    events,
    hints,
    me,
    notes,
    prompts,
    speech_figures,
    speech_search,
    survey_askings,
    survey_responses,
    surveys,
    tasks,
    tokens,
    transcripts,
    users,
    webhooks,
)
from cxcall.web.api.endpoint import Endpoint
from cxcall.web.api.handle import route

ENDPOINTS: tuple[Endpoint, ...] = docs.described(
    (
        *calls.ENDPOINTS,
        *notes.ENDPOINTS,
        *events.ENDPOINTS,
        *transcripts.ENDPOINTS,
        *speech_search.ENDPOINTS,
        *hints.ENDPOINTS,
        *speech_figures.ENDPOINTS,
        *categories.ENDPOINTS,
        *articles.ENDPOINTS,
        *customers.ENDPOINTS,
        *customer_notes.ENDPOINTS,
        *customer_merges.ENDPOINTS,
        *customer_files.ENDPOINTS,
        *customer_imports.ENDPOINTS,
        *surveys.ENDPOINTS,
        *survey_askings.ENDPOINTS,
        *survey_responses.ENDPOINTS,
        *prompts.ENDPOINTS,
        *tasks.ENDPOINTS,
        *alerts.ENDPOINTS,
        *webhooks.ENDPOINTS,
        *tokens.ENDPOINTS,
        *users.ENDPOINTS,
        *audit.ENDPOINTS,
        *me.ENDPOINTS,
    )
)


def routes() -> list[web.RouteDef]:
    """Every operation of the table, and the page that describes them."""
    return [*(route(endpoint) for endpoint in ENDPOINTS), docs.page(ENDPOINTS)]
