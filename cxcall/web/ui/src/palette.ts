// Ctrl K: search and go. The server makes the list (/search), so the words and rights are its own.
import { ask, t } from "./page.ts";

const PAUSE_MS = 120;
let timer = 0;
let turn = 0;

function parts(): { dialog: HTMLDialogElement; input: HTMLInputElement; found: HTMLElement } | undefined {
  const dialog = document.getElementById("palette");
  if (!(dialog instanceof HTMLDialogElement)) return undefined;
  let input = dialog.querySelector("input");
  let found = dialog.querySelector<HTMLElement>(".found");
  if (!input || !found) {
    const ask = dialog.appendChild(Object.assign(document.createElement("div"), { className: "ask" }));
    input = ask.appendChild(Object.assign(document.createElement("input"), { type: "text", autocomplete: "off" }));
    const box = document.querySelector<HTMLInputElement>(".search input");
    input.placeholder = box?.placeholder ?? "";
    for (const [name, value] of Object.entries({
      "role": "combobox", "aria-expanded": "true", "aria-controls": "found", "aria-autocomplete": "list", "dir": "auto",
      "aria-label": dialog.getAttribute("aria-label") ?? "",
    })) input.setAttribute(name, value);
    found = dialog.appendChild(Object.assign(document.createElement("div"), { className: "found", id: "found" }));
    found.setAttribute("role", "listbox");
    found.setAttribute("aria-label", dialog.getAttribute("aria-label") ?? "");
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => void look(), PAUSE_MS);
    });
    dialog.addEventListener("keydown", choose);
  }
  return { dialog, input, found };
}

export function openPalette(): boolean {
  const all = parts();
  if (!all) return false;
  if (!all.dialog.open) all.dialog.showModal();
  all.input.select();
  void look();
  return true;
}

async function look(): Promise<void> {
  const all = parts();
  if (!all) return;
  const mine = ++turn;
  try {
    const response = await ask(`/search?q=${encodeURIComponent(all.input.value)}`);
    if (!response.ok) throw new Error(String(response.status));
    const text = await response.text();
    if (mine !== turn) return; // a later answer is on its way
    all.found.innerHTML = text;
  } catch {
    if (mine === turn) all.found.textContent = t("The server did not answer. Try again.");
  }
  mark(0);
}

function mark(at: number): void {
  const all = parts();
  const links = [...(all?.found.querySelectorAll<HTMLElement>("a") ?? [])];
  links.forEach((link, i) => {
    link.id = `found-${i}`;
    link.setAttribute("aria-selected", String(i === at));
  });
  links[at]?.scrollIntoView({ block: "nearest" });
  if (links[at]) all?.input.setAttribute("aria-activedescendant", `found-${at}`);
  else all?.input.removeAttribute("aria-activedescendant");
}

function choose(event: KeyboardEvent): void {
  const links = [...(parts()?.found.querySelectorAll<HTMLElement>("a") ?? [])];
  const at = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
  if (event.code === "ArrowDown") mark(Math.min(links.length - 1, at + 1));
  else if (event.code === "ArrowUp") mark(Math.max(0, at - 1));
  else if (event.code === "Enter" && !event.isComposing) links[at]?.click();
  else return;
  event.preventDefault();
}
