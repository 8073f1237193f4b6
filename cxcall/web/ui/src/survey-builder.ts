// <cx-builder>: the cards of a survey, each a form. A form is sent while one types and when a button in it is pressed; the
// answer is the whole flow and is put in place without touching what is being typed. One request at a time, in order.
import { morph } from "./morph.ts";
import { ask, t, typing } from "./page.ts";
import { toast, undo } from "./toast.ts";

const QUIET_MS = 900;

class Builder extends HTMLElement {
  #timer = 0;
  #dirty = new Set<string>();
  #chain: Promise<void> = Promise.resolve();
  #end = new AbortController();

  connectedCallback(): void {
    const { signal } = this.#end;
    this.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event, QUIET_MS), { signal });
    this.addEventListener("change", (event) => this.#typed(event, 50), { signal });
    this.addEventListener("focusin", (event) => this.#near(event.target as Element), { signal });
    addEventListener("pagehide", () => this.#flush(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#end = new AbortController();
  }

  /** New parts go below the card one was in last. */
  #near(target: Element): void {
    const part = target.closest<HTMLElement>("[data-part]")?.dataset.part;
    const after = this.querySelector<HTMLSelectElement>("#after");
    if (part && after) after.value = part;
  }

  /** Alt and an arrow move the card one is in, Ctrl Z outside of fields takes the last change back. */
  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.shiftKey) return;
    const target = event.target as HTMLElement;
    if (event.altKey && (event.code === "ArrowUp" || event.code === "ArrowDown") && !(target instanceof HTMLSelectElement)) {
      const way = event.code === "ArrowUp" ? "up" : "down";
      const button = target.closest("[data-part]")?.querySelector<HTMLButtonElement>(`button[value=${way}]`);
      if (!button) return;
      event.preventDefault();
      button.focus();
      button.click();
    } else if (event.code === "KeyZ" && (event.ctrlKey || event.metaKey) && !typing(target)) {
      event.preventDefault();
      this.querySelector<HTMLButtonElement>("button[form=undo]:not(:disabled)")?.click();
    }
  }

  #typed(event: Event, wait: number): void {
    const target = event.target as HTMLInputElement;
    const form = target.form;
    if (!form?.matches("[data-part]") || target.name.startsWith("make.")) return;
    this.#dirty.add(form.id);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    for (const id of this.#dirty) this.#queue(() => this.#send(id, "save", true));
    this.#dirty.clear();
  }

  #submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    event.preventDefault();
    const value = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    this.#dirty.delete(form.id);
    this.#flush();
    this.#queue(() => this.#send(form.id, value, false));
  }

  #queue(act: () => Promise<void>): void {
    this.#chain = this.#chain.then(act, act);
  }

  async #send(id: string, act: string, auto: boolean): Promise<void> {
    const form = document.getElementById(id);
    if (!(form instanceof HTMLFormElement)) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    if (act) body.set("do", act);
    this.#say(t("Saving"));
    try {
      const headers: Record<string, string> = auto ? { "X-Autosave": "1" } : {};
      const slow = act.startsWith("make") ? 40_000 : 15_000;
      const response = await ask(form.action, { method: "POST", body, headers, keepalive: auto }, slow);
      if (response.status === 401) document.dispatchEvent(new CustomEvent("cx:signed-out"));
      if (!response.ok) throw new Error(String(response.status));
      this.#put(await response.text(), id, act, auto);
    } catch {
      this.#say(t("Not saved, will try again"));
      if (auto) {
        this.#dirty.add(id);
        this.#timer = window.setTimeout(() => this.#flush(), 3000);
      } else toast(t("The server did not answer. Try again."), { bad: true });
    }
  }

  #put(text: string, id: string, act: string, auto: boolean): void {
    const next = document.implementation.createHTMLDocument().importNode(this, false);
    next.innerHTML = text;
    const [button, after] = [document.activeElement?.closest<HTMLButtonElement>("button"), this.#after()];
    const held = { form: button?.form?.id ?? "", value: button?.value ?? "" };
    morph(this, next);
    // What is typed wins over what was stored; after an act the fields show what the server has.
    for (const form of this.querySelectorAll("form")) if (!this.#dirty.has(form.id) && (!auto || !form.contains(document.activeElement))) form.reset();
    const select = this.querySelector<HTMLSelectElement>("#after");
    if (select) select.value = [...select.options].some((one) => one.value === after) ? after : "";
    const flow = this.querySelector<HTMLElement>(".flow");
    this.#say(flow?.dataset.bad ? "" : t("Saved"));
    if (!auto && flow) this.#done(flow, id, act, held);
    this.dispatchEvent(new CustomEvent("cx:draft", { bubbles: true }));
  }

  #after(): string {
    return this.querySelector<HTMLSelectElement>("#after")?.value ?? "";
  }

  /** Focus stays on the button that was pressed, goes to a new card, or beside one that is gone. */
  #done(flow: HTMLElement, id: string, act: string, held: { form: string; value: string }): void {
    const { focus, done } = flow.dataset;
    if (done) toast(done, act === "remove" ? { action: undo(() => this.querySelector<HTMLFormElement>("#undo")?.requestSubmit()) } : {});
    const same = held.value && document.querySelector<HTMLButtonElement>(`#${CSS.escape(held.form)} button[value="${CSS.escape(held.value)}"]:not([tabindex])`);
    const card = focus ? document.getElementById(`part-${focus}`) : null;
    const fresh = act.startsWith("insert") || act === "duplicate" || act === "remove";
    if (card && fresh) {
      card.scrollIntoView({ block: "nearest" });
      card.querySelector<HTMLElement>("h3")?.focus();
    } else if (act === "add-key" || act === "add-case") document.querySelector<HTMLElement>(`#${CSS.escape(id)} .rows > :nth-last-child(2) :is(input, select)`)?.focus();
    else if (same && !same.disabled) same.focus();
    else if (same || !document.activeElement || document.activeElement === document.body) (card ?? flow).querySelector<HTMLElement>("h2, h3")?.focus();
  }

  #say(text: string): void {
    const place = this.querySelector<HTMLElement>("[data-saved]");
    if (place) place.textContent = text;
  }
}

customElements.define("cx-builder", Builder);
