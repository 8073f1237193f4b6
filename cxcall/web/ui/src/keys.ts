// Keyboard shortcuts, by the key's place (event.code), so that they are the same on every layout.
// Single keys act only outside of fields and when the person left them on (body[data-shortcuts], WCAG 2.1.4).
import { openPalette } from "./palette.ts";
import { typing } from "./page.ts";

const THEN_MS = 1500;
let went = 0;

function go(code: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`.nav a[data-go="${code}"]`);
  link?.click();
  return link !== null;
}

/** J and K: from row to row of the first [data-list] on the page. */
function row(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>("[data-list] [data-row]")];
  if (!links.length) return false;
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
  return true;
}

function single(event: KeyboardEvent): boolean {
  if (Date.now() - went < THEN_MS) {
    went = 0;
    return go(event.code);
  }
  if (event.key === "?" || event.key === "؟") {
    location.href = "/help/keys";
    return true;
  }
  switch (event.code) {
    case "KeyG":
      went = Date.now();
      return true;
    case "KeyJ":
      return row(1);
    case "KeyK":
      return row(-1);
    case "Slash":
      return event.shiftKey ? false : openPalette();
    default:
      return false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    if (openPalette()) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]")) return;
  if (single(event)) event.preventDefault();
});
