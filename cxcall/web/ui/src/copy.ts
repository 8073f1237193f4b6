// <cx-copy>: its text with a button that copies it. And: a number shown in Persian digits is copied in ASCII digits.
import { t } from "./page.ts";
import { toast } from "./toast.ts";

class Copy extends HTMLElement {
  connectedCallback(): void {
    if (this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.textContent = t("Copy");
    button.addEventListener("click", () => void this.#copy());
    this.append(" ", button);
  }

  async #copy(): Promise<void> {
    const source = this.querySelector<HTMLElement>("[data-copy]")?.dataset.copy ?? this.firstElementChild?.textContent ?? "";
    await navigator.clipboard?.writeText(source.trim());
    toast(t("Copied"));
  }
}

customElements.define("cx-copy", Copy);

document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  const node = selection?.anchorNode;
  const holder = (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>("[data-copy]");
  if (!holder || !selection || !holder.contains(selection.focusNode)) return;
  if (selection.toString().trim() !== holder.textContent?.trim()) return;
  event.clipboardData?.setData("text/plain", holder.dataset.copy ?? "");
  event.preventDefault();
});
