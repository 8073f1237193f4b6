// What the server says about this page: words, digits, time, token.

const meta = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

const table = JSON.parse(document.getElementById("words")?.textContent || "{}") as Record<string, string>;

/** The word in the reader's language; `{name}` is filled from `values`. Every word is listed in ui_words.py. */
export function t(english: string, values: Record<string, string> = {}): string {
  return (table[english] ?? english).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

export const language = document.documentElement.lang || "en";
export const csrf = (): string => meta("csrf");

const persian = meta("digits") === "persian";
export const digits = (text: string): string =>
  persian ? text.replace(/\d/g, (d) => String.fromCharCode(0x06f0 + Number(d))) : text;

// The clock of the server when the first byte of this page arrived, against ours at that moment.
const arrived = (): number => {
  const entry = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  return performance.timeOrigin + (entry?.responseStart ?? 0);
};
const offset = Number(meta("clock")) * 1000 - arrived();
/** Milliseconds since 1970 by the server's clock. */
export const now = (): number => performance.timeOrigin + performance.now() + offset;

const clockFormat = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: meta("timezone") || "UTC" });
/** A moment as 10:46:12 on the site's clock. */
export const clockTime = (ms: number): string => digits(clockFormat.format(ms));

/** m:ss, from an hour on h:mm:ss; the same as the server's clock filter. */
export function duration(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return digits(h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`);
}

/** Whether `target` takes typed text, so that single keys are letters there. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])"))
  );
}

/** Fetch one of our own pages or post to it, with the headers the server expects, at most `limit` milliseconds. */
export function ask(path: string, init: RequestInit = {}, limit = 10_000): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("X-Fragment", "1");
  if (init.method && init.method !== "GET") headers.set("X-CSRF-Token", csrf());
  return fetch(path, { ...init, headers, signal: init.signal ?? AbortSignal.timeout(limit) });
}
