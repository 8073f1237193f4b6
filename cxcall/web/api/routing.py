"""`/routing`: the rules as draft and as published, their problems, versions, and decisions that are only tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cxcall.customers.number import withheld
from cxcall.routing import explain
from cxcall.routing.checking import can_publish
from cxcall.routing.phrases import PLAIN
from cxcall.routing.rule import Rule, RuleSet
from cxcall.store import rule_publishing, rule_sets
from cxcall.store.errors import Conflict
from cxcall.store.rule_sets import NoSuchVersion
from cxcall.web.access import Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.paging import bad_cursor
from cxcall.web.api.routing_shapes import (
    Because,
    CallToTry,
    Decided,
    DraftRule,
    NewRule,
    ProblemList,
    PublishBody,
    RuleList,
    RuleProblem,
    RulesQuery,
    RuleVersionList,
    RuleVersionsQuery,
    ShownRule,
    ShownRuleVersion,
    WholeDraft,
)
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import Expected, etag, expected_version
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.routing import loading, trying
from cxcall.web.pages.routing.acts import with_rule, without_rule
from cxcall.web.pages.routing.loading import Around, new_rule_id, rule_of, seal
from cxcall.web.problems import Problem

ADMINS = (Role.ADMIN,)


async def list_rules(asked: Asked[RulesQuery, None]) -> RuleList:
    """What is published, or the draft with `of=draft`."""
    here = await _around(asked)
    rules = here.draft.rules if asked.query.of == "draft" else here.published
    begin = 0
    if asked.query.after is not None:
        begin = next((n for n, rule in enumerate(rules.rules, 1) if rule.id == asked.query.after), 0)
        if not begin:
            raise bad_cursor()
    until = begin + asked.query.limit
    items = [_shown(rule, place) for place, rule in enumerate(rules.rules, 1)][begin:until]
    return RuleList(
        items=items, next=items[-1].id if items and until < len(rules.rules) else None, version=here.draft.version,
        published=here.base, age_every=rules.age_every, age_most=rules.age_most,
    )  # fmt: skip


async def create_rule(asked: Asked[None, NewRule]) -> Answer:
    """Add a rule to the draft; it holds once the draft is published."""
    here = await _around(asked)
    made = _rule(asked.body, new_rule_id())
    rules = list(here.draft.rules.rules)
    rules.insert(len(rules) if asked.body.place is None else asked.body.place - 1, made)
    after = await _save(asked, here, msgspec.structs.replace(here.draft.rules, rules=tuple(rules)))
    return _answer(after, made.id, {"Location": f"{ROOT}/routing/rules/{made.id}"})


async def get_rule(asked: Asked[None, None]) -> Answer:
    """A rule of the draft."""
    here = await _around(asked)
    return _answer(here.draft.rules, _found(here.draft.rules, asked).id)


async def replace_rule(asked: Asked[None, NewRule]) -> Answer:
    """Change a rule of the draft as a whole; with If-Match nobody's change is overwritten unseen."""
    here = await _around(asked)
    known = _found(here.draft.rules, asked)
    wanted = asked.request.headers.get("If-Match")
    if wanted is not None and wanted.strip().strip('"') != seal(known):
        raise Problem(412, "This was changed meanwhile. Load it again and repeat the change.")
    changed = _rule(asked.body, known.id)
    rules = with_rule(here.draft.rules, changed)
    if asked.body.place is not None:
        others = [rule for rule in rules.rules if rule.id != known.id]
        others.insert(asked.body.place - 1, changed)
        rules = msgspec.structs.replace(rules, rules=tuple(others))
    return _answer(await _save(asked, here, rules), known.id)


async def delete_rule(asked: Asked[None, None]) -> None:
    """Take a rule out of the draft."""
    here = await _around(asked)
    await _save(asked, here, without_rule(here.draft.rules, _found(here.draft.rules, asked).id))


async def save_draft(asked: Asked[None, WholeDraft]) -> Answer:
    """The whole draft at once. 409 or 412 when somebody else changed it since `version`."""
    version = expected_version(asked.request, asked.body.version)
    body = asked.body
    given = tuple(_rule(one, one.id or new_rule_id()) for one in body.rules)
    rules = RuleSet(rules=given, age_every=body.age_every, age_most=body.age_most)
    async with asked.engine.begin() as conn:
        try:
            after = await rule_sets.save_draft(conn, rules, version=version.number, by=asked.who.name, now=asked.now)
        except Conflict as error:
            raise version.outdated() from error
        await note_act(asked, conn, "routing.change", "routing:rules")
    items = [_shown(rule, place) for place, rule in enumerate(after.rules.rules, 1)]
    value = RuleList(
        items=items, next=None, version=after.version, published=after.base, age_every=after.rules.age_every,
        age_most=after.rules.age_most,
    )  # fmt: skip
    return Answer(value=value, headers={"ETag": etag(after.version)})


async def check_rules(asked: Asked[None, None]) -> ProblemList:
    """What is wrong with the draft; with an error it can't be published."""
    here = await _around(asked)
    return ProblemList(items=[
        RuleProblem(rule=one.rule, field=one.field, code=one.code, severity=one.severity, sentence=one.text)
        for one in here.problems()
    ])  # fmt: skip


async def publish_rules(asked: Asked[None, PublishBody]) -> ShownRuleVersion:
    """The draft holds from the next call on. 422 with its errors, 409 when another version holds than `base`."""
    here = await _around(asked)
    wrong = here.problems()
    if not can_publish(wrong):
        errors = [
            {"detail": one.text, "pointer": f"#/{one.rule}/{one.field}"} for one in wrong if one.severity == "error"
        ]
        raise Problem(422, "The rules can't be published as they are, see errors.", errors=errors)
    base = here.base if isinstance(asked.body.base, msgspec.UnsetType) else asked.body.base
    try:
        async with asked.engine.begin() as conn:
            made = await rule_publishing.publish(
                conn, here.draft, base=base, by=asked.who.name, now=asked.now, day=loading.today(),
                note=asked.body.note,
            )  # fmt: skip
            await note_act(asked, conn, "routing.publish", "routing:rules", {"version": made.n})
    except Conflict as error:
        raise Problem(409, "Somebody else published or changed rules meanwhile.") from error
    loading.tell(asked.request, made.n)
    return _version(made)


async def list_versions(asked: Asked[RuleVersionsQuery, None]) -> RuleVersionList:
    after = asked.query.after
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 10):
        raise bad_cursor()
    async with asked.engine.connect() as conn:
        rows = await rule_sets.history(conn, limit=asked.query.limit + 1, before=int(after) if after else None)
    shown = rows[: asked.query.limit]
    items = [
        ShownRuleVersion(n=row.n, made_at=row.made_at, by=row.by, note=row.note, rules=row.count, restores=row.restores)
        for row in shown
    ]
    return RuleVersionList(items=items, next=str(shown[-1].n) if len(rows) > len(shown) else None)


async def restore_version(asked: Asked[None, None]) -> ShownRuleVersion:
    """That version holds again, as a new one; the draft is left alone."""
    said = asked.path["n"]
    n = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
    here = await _around(asked)
    try:
        async with asked.engine.begin() as conn:
            older = await rule_sets.get(conn, n)
            if older is not None and not can_publish(here.problems(older.rules)):
                raise Problem(422, "These rules name what does not exist any more.")
            made = await rule_sets.roll_back(conn, n, base=here.base, by=asked.who.name, now=asked.now)
            await note_act(asked, conn, "routing.restore", "routing:rules", {"version": made.n, "restores": n})
    except NoSuchVersion as error:
        raise Problem(404, "There is no such version.") from error
    except Conflict as error:
        raise Problem(409, "Somebody else published rules meanwhile.") from error
    loading.tell(asked.request, made.n)
    return _version(made)


async def decide_call(asked: Asked[None, CallToTry]) -> Decided:
    """What would become of a call, with the reasons. Nothing is kept."""
    body = asked.body
    zone = ZoneInfo(asked.request.app[SETTINGS].site.timezone)
    question = trying.Asked(
        at=(body.at or asked.now).astimezone(zone), number="" if withheld(body.number) else body.number,
        called=body.called, queue=body.queue, server=body.server, language=body.language, sentence=body.said,
        keys=body.keys,
    )  # fmt: skip
    async with asked.engine.connect() as conn:
        here = await loading.around(conn)
        rules = here.draft.rules if body.rules == "draft" else here.published
        dry = await trying.dry_run(asked.request, conn, question, rules)
    story = [
        Because(rule=one.rule, rule_name=one.rule_name, because=one.because, does=one.does)
        for one in explain.story(dry.decision, PLAIN)
    ]
    customer = dry.facts.customer
    return Decided(decision=dry.decision, story=story, customer_id=customer.id if customer else None, floor=dry.floor)


async def _around(asked: Asked[Any, Any]) -> Around:
    async with asked.engine.connect() as conn:
        return await loading.around(conn)


async def _save(asked: Asked[Any, Any], here: Around, rules: RuleSet) -> RuleSet:
    if rules == here.draft.rules:
        return rules
    try:
        async with asked.engine.begin() as conn:
            after = await rule_sets.save_draft(
                conn, rules, version=here.draft.version, by=asked.who.name, now=asked.now
            )
            await note_act(asked, conn, "routing.change", "routing:rules")
    except Conflict as error:
        raise Expected(number=here.draft.version, by_header=False).outdated() from error
    return after.rules


def _found(rules: RuleSet, asked: Asked[Any, Any]) -> Rule:
    rule = rule_of(rules, asked.path["id"])
    if rule is None:
        raise Problem(404, "There is no such rule in the draft.")
    return rule


def _rule(body: NewRule | DraftRule, rule_id: str) -> Rule:
    fields = {name: getattr(body, name) for name in body.__struct_fields__ if name not in ("place", "expires", "id")}
    try:
        return msgspec.convert({**msgspec.to_builtins(fields), "id": rule_id, "expires": body.expires}, Rule)
    except msgspec.ValidationError as error:
        raise Problem(422, str(error), errors=[{"detail": str(error), "pointer": "#/expires"}]) from error


def _shown(rule: Rule, place: int) -> ShownRule:
    same: Mapping[str, Any] = {
        name: getattr(rule, name) for name in ShownRule.__struct_fields__ if name not in ("place", "expires")
    }
    return ShownRule(place=place, expires=rule.expires.isoformat() if rule.expires else None, **same)


def _answer(rules: RuleSet, rule_id: str, headers: Mapping[str, str] | None = None) -> Answer:
    place, rule = next((place, rule) for place, rule in enumerate(rules.rules, 1) if rule.id == rule_id)
    return Answer(value=_shown(rule, place), headers={"ETag": f'"{seal(rule)}"', **(headers or {})})


def _version(made: rule_sets.Version) -> ShownRuleVersion:
    return ShownRuleVersion(
        n=made.n, made_at=made.made_at, by=made.by, note=made.note, rules=len(made.rules.rules), restores=made.restores
    )


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="routing", scope=Scope.ROUTING_READ, roles=ADMINS, **fields)


def _write(**fields: Any) -> Endpoint:
    return Endpoint(tag="routing", scope=Scope.ROUTING_WRITE, roles=ADMINS, **fields)


ENDPOINTS = (
    _read(path="/routing/rules", handler=list_rules, summary="List routing rules", query=RulesQuery, gives=RuleList),
    _write(method="POST", path="/routing/rules", handler=create_rule, summary="Add a routing rule to the draft",
           body=NewRule, gives=ShownRule, status=201, problems=(409,), gives_headers=("Location", "ETag")),
    _write(method="PUT", path="/routing/rules", handler=save_draft, summary="Save the whole draft of the rules",
           body=WholeDraft, gives=RuleList, problems=(409, 412, 428), headers=("If-Match",), gives_headers=("ETag",)),
    _read(path="/routing/rules/problems", handler=check_rules, summary="What is wrong with the draft",
          gives=ProblemList),
    _write(method="POST", path="/routing/rules/publish", handler=publish_rules, summary="Publish the draft",
           body=PublishBody, gives=ShownRuleVersion, problems=(409,)),
    _read(path="/routing/rules/versions", handler=list_versions, summary="List published versions of the rules",
          query=RuleVersionsQuery, gives=RuleVersionList),
    _write(method="POST", path="/routing/rules/versions/{n}/restore", handler=restore_version,
           summary="Publish an older version again", gives=ShownRuleVersion, problems=(404, 409, 422)),
    _read(path="/routing/rules/{id}", handler=get_rule, summary="One rule of the draft", gives=ShownRule,
          problems=(404,), gives_headers=("ETag",)),
    _write(method="PUT", path="/routing/rules/{id}", handler=replace_rule, summary="Change a rule of the draft",
           body=NewRule, gives=ShownRule, problems=(404, 409, 412), headers=("If-Match",), gives_headers=("ETag",)),
    _write(method="DELETE", path="/routing/rules/{id}", handler=delete_rule, summary="Take a rule out of the draft",
           status=204, problems=(404, 409)),
    Endpoint(method="POST", path="/routing/decide", handler=decide_call, summary="Try a decision", tag="routing",
             scope=Scope.ROUTING_READ, roles=ADMINS, body=CallToTry, gives=Decided),
)  # fmt: skip
