// L, W and B: listen, whisper, join: the row the focus is in, else the bar of the page's call. Once a session the
// person is asked first, since a key is pressed sooner than meant and somebody's phone rings.
import { t, typing } from "./page.ts";

const MODES: Record<string, string> = { KeyL: "listen", KeyW: "whisper", KeyB: "join" };
const ASKED = "cx-step-in";

function button(mode: string): HTMLButtonElement | null {
  const wanted = `[data-monitor="${mode}"]`;
  const row = document.activeElement?.closest<HTMLElement>("tr, li, [data-agent]");
  return row?.querySelector<HTMLButtonElement>(wanted) ?? document.querySelector<HTMLButtonElement>(`#step-in ${wanted}`);
}

/** Ask once; whoever said yes is not asked again until the browser is closed. */
function sure(then: () => void): void {
  if (sessionStorage.getItem(ASKED)) {
    then();
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "step-ask");
  const text = Object.assign(document.createElement("p"), { id: "step-ask" });
  text.textContent = t("Your phone will ring, and you are in this call once you answer. Go on?");
  const yes = Object.assign(document.createElement("button"), { type: "button", className: "btn pri", textContent: t("Go on") });
  const no = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: t("Cancel") });
  yes.addEventListener("click", () => {
    sessionStorage.setItem(ASKED, "1");
    dialog.close();
    then();
  });
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const row = Object.assign(document.createElement("div"), { className: "row" });
  row.append(yes, no);
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
}

let gone = 0;

document.addEventListener("keydown", (event) => {
  if (event.code === "KeyG") gone = Date.now();
  const mode = MODES[event.code];
  if (!mode || event.defaultPrevented || event.isComposing || event.repeat || typing(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || Date.now() - gone < 1500) return;
  if (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]")) return;
  const found = button(mode);
  if (!found || found.disabled) return;
  event.preventDefault();
  sure(() => button(mode)?.click());
});
