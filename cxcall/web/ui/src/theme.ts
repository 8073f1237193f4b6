// Light and dark at once, then told to the server; the form does the same without scripts.
import { ask } from "./page.ts";

const MEDIA: Record<string, string> = { system: "screen and (prefers-color-scheme: dark)", dark: "screen", light: "not all" };

export function setTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
  document.querySelector<HTMLLinkElement>("link#dark")?.setAttribute("media", MEDIA[theme] ?? "not all");
  document.querySelector("meta[name=color-scheme]")?.setAttribute("content", theme === "system" ? "light dark" : theme);
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const button = event.submitter;
  if (!form.matches("[data-themes]") || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  setTheme(button.value);
  const other = form.querySelector<HTMLButtonElement>(`button[value="${button.value === "dark" ? "light" : "dark"}"]`);
  other?.focus();
  void ask("/preferences", { method: "POST", body: new URLSearchParams({ theme: button.value }) }).catch(() => undefined);
});
