// Writes the floor's numbers into the page the server made: what has data-v in a queue or an agent, data-k in the figures.
import { digits, language, now, t } from "./page.ts";
import { type Board, type Figures, type Point, type Seat, type Tile, keyOf } from "./wallboard-model.ts";
import { isLate } from "./wallboard-order.ts";

const persian = digits("1") !== "1";

/** 1,234.5 in the reader's digits, as the server's number_text. */
export function numberText(value: number, decimals = 0): string {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
  return persian ? digits(text).replace(/[.,]/g, (sign) => (sign === "." ? "٫" : "٬")) : text;
}

const shareText = (value: number, decimals: number): string =>
  persian ? `\u061c${numberText(value, decimals)}٪` : `${numberText(value, decimals)}%`;

function write(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** A number in an isolated element of its own, so that it keeps its order in Persian text. */
function isolated(place: Element | null, text: string, dir: string): void {
  if (!place) return;
  const own = place.querySelector(":scope > bdi.num");
  if (own && own.getAttribute("dir") === dir) return write(own, text);
  const made = Object.assign(document.createElement("bdi"), { className: "num", dir, textContent: text });
  place.replaceChildren(made);
}

const number = (place: Element | null, value: number, decimals = 0): void => isolated(place, numberText(value, decimals), "ltr");

function share(place: Element | null, value: number | null, decimals = 0): void {
  if (value === null) place?.replaceChildren("–");
  else isolated(place, shareText(value, decimals), persian ? "rtl" : "ltr");
}

function clock(place: Element | null, since: number | null, limit: number | null, otherwise: string): void {
  if (!place) return;
  const own = place.querySelector("cx-clock");
  if (since === null) {
    if (own || !place.hasChildNodes()) place.replaceChildren(otherwise);
    return;
  }
  const made = own ?? document.createElement("cx-clock");
  const iso = new Date(since * 1000).toISOString();
  if (limit) made.setAttribute("limit-s", String(Math.round(limit)));
  else made.removeAttribute("limit-s");
  if (Date.parse(made.getAttribute("since") ?? "") !== Date.parse(iso)) made.setAttribute("since", iso);
  if (own) return;
  made.className = "num";
  place.replaceChildren(made);
}

/** A small line as SVG has it, oldest first; the server's view.line makes the same. */
export function line(points: Point[], width: number, height: number): string {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  if (values.length < 2) return "";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = (width - 4) / (values.length - 1);
  const y = (value: number): number => (most === least ? height / 2 : height - 3 - ((value - least) / (most - least)) * (height - 6));
  return values.map((value, n) => `${(2 + n * step).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
}

const KINDS: Record<string, string> = { act: "bad", watch: "warn", closed: "off", ok: "" };
const MARKS = [["on_call", "t"], ["ringing", "i"], ["wrap_up", "w"], ["paused", "p"], ["ready", "r"]] as const;
const MOST_MARKS = 14;

export function drawTile(place: Element, tile: Tile): void {
  const slot = (name: string): Element | null => place.querySelector(`[data-v="${name}"]`);
  place.setAttribute("data-state", tile.state);
  if (place.localName === "li") place.className = `tile ${KINDS[tile.state]}`;
  const colour = tile.state === "act" || tile.state === "watch" ? (KINDS[tile.state] ?? "") : "";
  const paint = (name: string, kind: string): void => slot(name)?.setAttribute("class", kind);
  number(slot("waiting"), tile.waiting);
  paint("waiting", tile.why.includes("waiting") || tile.why.includes("nobody") ? colour : "");
  clock(slot("longest"), tile.longest, tile.targets.longest_wait, digits("0:00"));
  paint("longest", tile.why.includes("longest") ? colour : "");
  for (const name of ["offered", "answered", "abandoned"] as const) number(slot(name), tile[name]);
  share(slot("rate"), tile.abandon_rate, 1);
  share(slot("sl"), tile.sl);
  slot("bar")?.setAttribute("width", String(tile.sl ?? 0));
  paint("bar", `fill ${tile.sl === null ? "" : tile.sl >= tile.targets.answer_share ? "good" : colour || "warn"}`);
  marks(slot("marks"), tile);
  const free = slot("free");
  if (free) write(free, t("{free} free of {of}", { free: numberText(tile.free), of: numberText(tile.of) }));
  slot("line")?.setAttribute("points", line(tile.line, 52, 22));
}

function marks(place: Element | null, tile: Tile): void {
  const shapes = MARKS.flatMap(([state, shape]) => Array<string>(tile.seats[state] ?? 0).fill(shape));
  const wanted = shapes.length > MOST_MARKS ? [] : shapes;
  if (!place || wanted.join() === [...place.children].map((child) => child.className).join()) return;
  place.replaceChildren(...wanted.map((className) => Object.assign(document.createElement("i"), { className })));
}

export function drawFigures(place: Element, board: Board, figures: Figures): void {
  const slot = (name: string): Element | null => place.querySelector(`[data-k="${name}"]`);
  const { sl, waiting, longest, abandoned, agents, csat } = figures;
  share(slot("sl"), sl.value);
  slot("sl")?.setAttribute("class", sl.value !== null && sl.target !== null && sl.value < sl.target ? "bad" : "");
  share(slot("sl-target"), sl.target);
  slot("sl-line")?.setAttribute("points", line(sl.trend.slice(-8), 70, 22));
  number(slot("waiting"), waiting.value);
  const by = waiting.before === null ? null : waiting.value - waiting.before;
  change(slot("waiting-change"), by, 0, "less", t("in 15 min"), t("as 15 min ago"));
  slot("waiting-line")?.setAttribute("points", line(waiting.trend, 70, 22));
  clock(slot("longest"), longest.since, longest.target, digits("0:00"));
  say(slot("longest-queue"), titleOf(board, longest.queue));
  share(slot("abandoned"), abandoned.share, 1);
  slot("abandoned")?.setAttribute("class", abandoned.share !== null && abandoned.target !== null && abandoned.share > abandoned.target ? "bad" : "");
  say(slot("abandoned-of"), t("{n} of {all} calls", { n: numberText(abandoned.value), all: numberText(abandoned.n) }));
  number(slot("free"), agents.free);
  number(slot("there"), agents.of);
  say(slot("busy"), t("{n} on calls, {away} away", { n: numberText(agents.on_call + agents.ringing), away: numberText(agents.paused) }));
  if (csat.mean === null) slot("csat")?.replaceChildren("–");
  else number(slot("csat"), csat.mean, 2);
  const few = csat.n < ENOUGH;
  slot("csat-value")?.classList.toggle("few", few);
  const since = csat.mean === null || csat.before === null ? null : Math.round((csat.mean - csat.before) * 100) / 100;
  if (few) say(slot("csat-change"), csat.n ? t("few answers") : "");
  else change(slot("csat-change"), since, 2, "more", t("on yesterday"), t("as yesterday"));
  satisfied(slot("csat-n"), csat.share, csat.n);
}

const ENOUGH = 30;

/** By how much a figure differs, coloured by good or bad; null: not known. */
function change(place: Element | null, by: number | null, decimals: number, better: string, words: string, same: string): void {
  if (!place) return;
  if (!by) return say(place, by === null ? "" : same);
  const made = document.createElement("span");
  made.className = `delta ${by > 0 === (better === "more") ? "up" : "down"}`;
  const number = Object.assign(document.createElement("bdi"), { className: "num", dir: "ltr" });
  number.textContent = (by > 0 ? "+" : "") + numberText(by, decimals);
  made.append(by > 0 ? "↑" : "↓", number);
  place.replaceChildren(made, ` ${words}`);
}

function satisfied(place: Element | null, part: number | null, n: number): void {
  if (part === null) return say(place, t("no answers yet"));
  const number = document.createElement("span");
  share(number, part);
  place?.replaceChildren(...number.childNodes, ` ${t("of {n} satisfied", { n: numberText(n) })}`);
}

function say(place: Element | null, text: string): void {
  if (place) write(place, text);
}

export function titleOf(board: Board, key: string): string {
  const tile = board.queues[key];
  if (!tile) return key.slice(key.indexOf(":") + 1);
  return tile.title[language] || Object.values(tile.title).find(Boolean) || tile.name;
}

const SHAPES: Record<string, string> = { ready: "ready", ringing: "ring", on_call: "talk", wrap_up: "wrap", paused: "pause", offline: "off" };

export function drawSeat(place: Element, seat: Seat, board: Board, reasons: Record<string, string>): void {
  const slot = (name: string): Element | null => place.querySelector(`[data-v="${name}"]`);
  drawWhere(slot("where"), seat, board);
  const state = slot("state");
  if (state) {
    write(state, stateText(seat, reasons));
    state.className = `state ${SHAPES[seat.state] ?? "off"} xs`;
  }
  clock(slot("for"), seat.state === "offline" ? null : seat.since, seat.limit, "–");
  drawSteps(place, seat.state === "on_call" ? seat.call : "", seat.name);
}

/** The buttons to step into the call of a row, made where there were none. */
function drawSteps(place: Element, call: string, name: string): void {
  let steps = place.querySelector<HTMLElement>("[data-steps]");
  if (!steps && call) {
    const mould = document.querySelector<HTMLTemplateElement>("template[data-steps-mould]")?.content.firstElementChild;
    if (!mould) return;
    steps = document.importNode(mould, true) as HTMLElement;
    for (const word of steps.querySelectorAll(".vh")) word.append(name);
    place.append(steps);
  }
  if (!steps) return;
  steps.hidden = !call;
  steps.querySelector("input[name=call]")?.setAttribute("value", call || "-");
}

/** What stands below a name; the minutes of a pause go on by themselves. */
export function drawWhere(place: Element | null, seat: Seat, board: Board): void {
  say(place, where(seat, board));
  place?.classList.toggle("bad", seat.state === "paused" && isLate(seat, now() / 1000));
}

function stateText(seat: Seat, reasons: Record<string, string>): string {
  switch (seat.state) {
    case "ready": return t("Ready");
    case "ringing": return t("Ringing");
    case "on_call": return t("On a call");
    case "wrap_up": return t("Wrap-up");
    case "paused": return seat.auto ? t("Missed a call") : seat.reason ? (reasons[seat.reason] ?? seat.reason) : t("Paused");
    default: return t("Offline");
  }
}

function where(seat: Seat, board: Board): string {
  if (seat.gone) return t("Phone not reachable");
  if (["on_call", "ringing", "wrap_up"].includes(seat.state)) {
    const queue = titleOf(board, `${seat.server}:${seat.queue}`);
    const talks = seat.state !== "wrap_up";
    // First, for the end is what is cut where there is little room, and half a number is none.
    if (talks && seat.caller && !seat.caller_name && !seat.held_since)
      return [`\u2066${digits(seat.caller)}\u2069`, queue].filter(Boolean).join(" · ");
    return [queue, seat.held_since ? t("on hold") : talks ? seat.caller_name : ""].filter(Boolean).join(" · ");
  }
  if (seat.state === "paused" && seat.limit && seat.since !== null) {
    const gone = Math.max(0, Math.floor((now() / 1000 - seat.since) / 60));
    return t("{n} of {limit} min", { n: digits(String(gone)), limit: digits(String(Math.round(seat.limit / 60))) });
  }
  if (seat.state === "offline") return "";
  return seat.queues.map((name) => titleOf(board, `${seat.server}:${name}`)).join(language === "fa" ? "، " : ", ");
}

/** What stands about a queue in the banner. */
export function drawBanner(place: Element | null, board: Board): void {
  const tile = board.queues[place?.getAttribute("data-banner") ?? ""];
  if (!place || !tile) return;
  const n = numberText(tile.waiting);
  say(place.querySelector('[data-v="banner-waiting"]'), tile.waiting === 1 ? t("{n} caller", { n }) : t("{n} callers", { n }));
  clock(place.querySelector('[data-v="longest"]'), tile.longest, tile.targets.longest_wait, digits("0:00"));
}

export const placeOf = (root: ParentNode, tile: Tile): Element | null => root.querySelector(`[data-tile="${CSS.escape(keyOf(tile))}"]`);
