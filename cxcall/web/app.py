"""The web application: pages, API and live channel put together.

How a page is added: write `cxcall/web/pages/NAME.py` with `routes: web.RouteTableDef` or `routes() -> list[RouteDef]`,
every handler marked by `@needs(…)` or `@public` (access.py), a template (render.py), its Persian words in
`locale/fa/NAME.po`, and append the module to PAGES below; a resource of the API likewise to API. A page in the menu
also gets a line in navigation.py. A page module that can find things has
`async def search(request, text) -> Group | None` (searches.py) and is then asked by the search box and Ctrl K.
A start fails when a route does not say who may open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import ModuleType

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus, Commands
from cxcall.settings import Settings
from cxcall.web import (
    access,
    api,
    assets,
    call_recordings,
    csrf,
    dialplan,
    errors,
    health,
    hub,
    keys,
    live,
    metrics,
    observe,
    prompt_files,
    queue_titles,
    reason,
    recounts,
    removed,
    render,
    security,
    session,
    sound_files,
    words,
)
from cxcall.web.api import limits
from cxcall.web.pages import (
    alerts,
    asterisk,
    call_detail,
    calls,
    customer_import,
    customer_import_run,
    customer_merge,
    customer_profile,
    customers,
    desk,
    desk_member,
    desk_queues,
    follow_up,
    follow_ups,
    help_keys,
    home,
    live_calls,
    login,
    my_results,
    prompt,
    prompts,
    search,
    survey_asking,
    survey_builder,
    survey_list,
    survey_opt_outs,
    survey_phone,
    survey_publish,
    survey_rules,
    users,
    voice,
    webhooks,
)
from cxcall.web.pages import settings as settings_page
from cxcall.web.pages.agents import PAGES as AGENT_PAGES
from cxcall.web.pages.alerting import PAGES as ALERT_PAGES
from cxcall.web.pages.call_backs import PAGES as CALL_BACK_PAGES
from cxcall.web.pages.floor import acting, bar, roles, told
from cxcall.web.pages.hours import PAGES as HOURS_PAGES
from cxcall.web.pages.intents import PAGES as INTENT_PAGES
from cxcall.web.pages.own_reports.registry import PAGES as OWN_PAGES
from cxcall.web.pages.quality.registry import PAGES as QUALITY_PAGES
from cxcall.web.pages.quality_cards.registry import PAGES as SCORECARD_PAGES
from cxcall.web.pages.quality_plans.registry import PAGES as QUALITY_PLAN_PAGES
from cxcall.web.pages.queues import PAGES as QUEUE_PAGES
from cxcall.web.pages.queues import editor as queue_editor
from cxcall.web.pages.report_lists import PAGES as REPORT_LIST_PAGES
from cxcall.web.pages.reports.registry import PAGES as REPORT_PAGES
from cxcall.web.pages.routing import PAGES as ROUTING_PAGES
from cxcall.web.pages.routing import loading as routing_loading
from cxcall.web.pages.schedules.registry import PAGES as SCHEDULE_PAGES
from cxcall.web.pages.speech import (
    call_sound,
    call_turns,
    category_editor,
    category_list,
    category_loading,
    category_sample,
    figures,
    knowledge,
    listening_page,
    live_call,
    recorder,
    running,
    search_page,
    uploads,
    voicemail,
)
from cxcall.web.pages.staffing import PAGES as STAFFING_PAGES
from cxcall.web.pages.wallboard import PAGES as WALLBOARD_PAGES
from cxcall.web.pages.wallboard import helping

PAGES: tuple[ModuleType, ...] = (
    home, login, search, desk, desk_queues, told, live_calls, live_call, bar, acting, roles,
    *OWN_PAGES, *SCHEDULE_PAGES, *REPORT_LIST_PAGES, calls, call_detail, call_sound, call_turns,
    search_page, running, listening_page, uploads, voicemail, recorder,
    customers, customer_import, customer_profile, customer_merge, users, asterisk, settings_page, help_keys,
    follow_ups, follow_up, alerts, webhooks, voice, my_results, prompts, prompt,
    figures, category_list, category_editor, knowledge,
    survey_list, survey_publish, survey_phone, survey_builder, survey_rules, survey_asking, survey_opt_outs,
    *QUEUE_PAGES, *WALLBOARD_PAGES, *AGENT_PAGES, *ALERT_PAGES, *HOURS_PAGES,
    *CALL_BACK_PAGES, *INTENT_PAGES, *ROUTING_PAGES, *STAFFING_PAGES, *REPORT_PAGES,
    *QUALITY_PAGES, *SCORECARD_PAGES, *QUALITY_PLAN_PAGES,
)  # fmt: skip
API: tuple[ModuleType, ...] = (api, health, metrics, dialplan, prompt_files, reason)

LARGEST_BODY = 32 * 1024 * 1024  # a customer list to import; guests are held to far less (session.py)


def init_app(
    *,
    settings: Settings,
    engine: AsyncEngine,
    bus: Bus,
    commands: Commands,
    clock: keys.Clock = lambda: datetime.now(UTC),
) -> web.Application:
    """An application ready to be served.

    `clock` is the time now (aware UTC). Raises assets.AssetsMissing when the browser files were not built.
    """
    built = assets.load()
    app = web.Application(
        client_max_size=LARGEST_BODY,
        middlewares=[
            metrics.middleware,
            observe.middleware,
            errors.middleware,
            limits.middleware,
            session.middleware,
            observe.limit,
            csrf.middleware,
            access.guard(home.sign_in_first),
        ],
    )
    app[keys.SETTINGS] = settings
    app[keys.ENGINE] = engine
    app[keys.BUS] = bus
    app[keys.COMMANDS] = commands
    app[keys.CLOCK] = clock
    app[keys.ASSETS] = built
    app[keys.LIVE] = hub.Hub()
    app[desk.MUTED] = desk_member.Muted()
    customer_import_run.setup(app)
    call_recordings.setup(app)
    sound_files.setup(app)
    survey_builder.setup(app)
    queue_editor.setup(app)
    routing_loading.setup(app)
    category_loading.setup(app)
    category_sample.setup(app)
    recounts.setup(app)
    knowledge.setup(app)
    helping.setup(app)
    app[keys.SEARCHES] = tuple(module.search for module in PAGES if hasattr(module, "search"))
    for language in words.LANGUAGES:
        words.catalogue(language)
    queue_titles.setup(app)
    render.setup(app, built)
    metrics.setup(app)
    limits.setup(app)
    removed.setup(app)
    app.on_response_prepare.append(security.add_headers)
    app.on_shutdown.append(_close_sockets)
    app.add_routes([assets.route(built), *live.routes, *_routes(PAGES), *_routes(API)])
    access.check_all_marked(app)
    return app


async def _close_sockets(app: web.Application) -> None:
    await app[keys.LIVE].close_all()


def _routes(modules: Iterable[ModuleType]) -> Iterable[web.AbstractRouteDef]:
    for module in modules:
        yield from module.routes() if callable(module.routes) else module.routes
