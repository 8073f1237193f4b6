"""The HTTP API under `/api/v1`: one table of operations, from which routes and the OpenAPI document are made."""

from __future__ import annotations

from aiohttp import web

from cxcall.web.api import (
    agent_lists,
    agents,
    alert_rules,
    alerts,
    articles,
    audit,
    board,
    calendars,
    call_backs,
    calls,
    categories,
    closures,
    customer_files,
    customer_imports,
    customer_merges,
    customer_notes,
    customers,
    docs,
    events,
    floor,
    hints,
    intents,
    me,
    notes,
    pause_reasons,
    prompts,
    queue_servers,
    queues,
    routing,
    routing_why,
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
        *intents.ENDPOINTS,
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
        *floor.ENDPOINTS,
        *board.ENDPOINTS,
        *queues.ENDPOINTS,
        *queue_servers.ENDPOINTS,
        *closures.ENDPOINTS,
        *calendars.ENDPOINTS,
        *call_backs.ENDPOINTS,
        *routing_why.ENDPOINTS,
        *routing.ENDPOINTS,
        *tasks.ENDPOINTS,
        *alerts.ENDPOINTS,
        *alert_rules.ENDPOINTS,
        *agents.ENDPOINTS,
        *agent_lists.ENDPOINTS,
        *pause_reasons.ENDPOINTS,
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
