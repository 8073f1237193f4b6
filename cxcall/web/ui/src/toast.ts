// Short results of one's own acts. They go after 6 s; errors and whatever the pointer or focus is on stay.
import { t } from "./page.ts";

const STAYS_MS = 6000;

export type Action = { label: string; act: () => void | Promise<void> };

/** Undo as the action of a toast. */
export const undo = (act: Action["act"]): Action => ({ label: t("Undo"), act });

export function toast(text: string, options: { action?: Action; bad?: boolean } = {}): void {
  const element = document.createElement("div");
  element.className = options.bad ? "toast bad" : "toast";
  element.append(Object.assign(document.createElement("span"), { textContent: text }));
  const end = element.appendChild(Object.assign(document.createElement("span"), { className: "end" }));
  const button = (label: string, act: () => void): void => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn s", textContent: label });
    made.addEventListener("click", act);
    end.append(made);
  };
  const { action } = options;
  if (action) {
    button(action.label, () => {
      element.remove();
      void action.act();
    });
  }
  if (options.bad) button(t("Close"), () => element.remove());
  document.getElementById("toasts")?.append(element);
  if (!options.bad) leave(element);
}

/** Remove `element` after a while, but not from under the pointer or the focus. */
export function leave(element: HTMLElement): void {
  const check = (): void => {
    if (element.matches(":hover, :focus-within")) window.setTimeout(check, 1000);
    else element.remove();
  };
  window.setTimeout(check, STAYS_MS);
}

// Toasts that the server wrote into the page (a result after a redirect).
for (const element of document.querySelectorAll<HTMLElement>("#toasts > .toast:not(.bad)")) leave(element);
if (document.querySelector("#toasts > .toast")) {
  const url = new URL(location.href);
  url.searchParams.delete("done");
  url.searchParams.delete("who");
  history.replaceState(history.state, "", url); // reloading the page doesn't say it again
}
