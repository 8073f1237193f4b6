// <cx-queue>: the form of a queue. It is sent while one types and when a button in it is pressed; the answer is put in
// place without touching what is being typed. One request at a time, in order. Ctrl S applies, by a page of its own.
// What the server does not have yet is kept in this browser (queue-kept.ts), and sent when the page is opened again.
import { morph } from "./morph.ts";
import { ask, t, typing } from "./page.ts";
import { Kept } from "./queue-kept.ts";
import { folded, marking } from "./queue-parts.ts";
import { toast, undo } from "./toast.ts";

const QUIET_MS = 900;
const AGAIN_MS = 3000;
const MOST_LEAVING = 60_000; // bytes a browser still sends for a page that is gone

class QueueEditor extends HTMLElement {
  #timer = 0;
  #dirty = false;
  #leaving = false;
  #chain: Promise<void> = Promise.resolve();
  #end = new AbortController();
  #seen: IntersectionObserver | null = null;
  #kept = new Kept("");

  connectedCallback(): void {
    const { signal } = this.#end;
    this.#kept = new Kept(location.pathname);
    this.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event), { signal });
    this.addEventListener("change", (event) => this.#typed(event), { signal });
    addEventListener("pagehide", () => this.#gone(), { signal });
    addEventListener("beforeunload", (event) => this.#unloading(event), { signal });
    addEventListener("online", () => this.#flush(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#seen = marking(this);
    this.#restore();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#seen?.disconnect();
    this.#end.abort();
    this.#end = new AbortController();
  }

  get #form(): HTMLFormElement | null {
    return this.querySelector<HTMLFormElement>("form#queue");
  }

  get #flow(): HTMLElement | null {
    return this.querySelector<HTMLElement>("#flow");
  }

  /** What was typed when the server could not be reached, or the session was over, is sent now. */
  #restore(): void {
    const body = this.#kept.take();
    if (body) this.#queue(() => this.#send("save", false, new URLSearchParams(body)));
  }

  /** Ctrl S applies, Alt and an arrow move the member one is in, Ctrl Z outside of fields takes the last change back. */
  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.shiftKey) return;
    const target = event.target as HTMLElement;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.code === "KeyS") {
      event.preventDefault();
      this.querySelector<HTMLButtonElement>("[data-apply]:not(:disabled)")?.click();
    } else if (control && event.code === "KeyZ" && !typing(target)) {
      event.preventDefault();
      this.querySelector<HTMLButtonElement>("button[form=undo]:not(:disabled)")?.click();
    } else if (event.altKey && (event.code === "ArrowUp" || event.code === "ArrowDown")) {
      const way = event.code === "ArrowUp" ? "up" : "down";
      const button = target.closest("[data-member]")?.querySelector<HTMLButtonElement>(`button[value^="${way}:"]:not(:disabled)`);
      if (!button) return;
      event.preventDefault();
      button.click();
    } else if (event.code === "Escape") {
      const open = target.closest<HTMLDetailsElement>("details#add[open]");
      if (!open) return;
      event.preventDefault();
      open.open = false;
      open.querySelector("summary")?.focus();
    }
  }

  #typed(event: Event): void {
    const target = event.target as HTMLInputElement;
    if (target.matches("[data-find]")) {
      const wanted = folded(target.value);
      for (const one of this.querySelectorAll<HTMLElement>("[data-name]")) one.hidden = !folded(one.dataset.name ?? "").includes(wanted);
      return;
    }
    if (target.form?.id !== "queue" || /^(add|new_)/.test(target.name)) return;
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#flush(), event.type === "change" ? 50 : QUIET_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (!this.#dirty || this.#leaving) return;
    if (this.#flow?.dataset.outdated) return; // theirs is not overwritten while one types on
    this.#dirty = false;
    this.#queue(() => this.#send("save", true));
  }

  #keep(): void {
    const body = this.#body("save");
    if (body) this.#kept.put(body.toString());
  }

  /** The page goes with something typed in it: the browser sends it on, and keeps it as long as nobody has it. */
  #gone(): void {
    clearTimeout(this.#timer);
    const form = this.#form;
    const body = this.#body("save");
    if (!this.#dirty || this.#leaving || !form || !body || this.#flow?.dataset.outdated) return;
    const sent = body.toString();
    this.#kept.put(sent);
    if (sent.length > MOST_LEAVING) return;
    const told = ask(form.action, { method: "POST", body, headers: { "X-Autosave": "1" }, keepalive: true });
    void told.then((response) => response.ok && this.#kept.drop(sent)).catch(() => undefined);
  }

  /** What can't be saved as it stands would be gone: the browser asks first. */
  #unloading(event: BeforeUnloadEvent): void {
    if (!this.#leaving && this.querySelector("[data-saved][data-state=unsaved], #flow[data-unsaved='1']")) event.preventDefault();
  }

  #submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    event.preventDefault();
    if (this.#leaving) return;
    clearTimeout(this.#timer);
    if (form.id !== "queue" || button?.value === "apply") {
      this.#leave(form, button);
      return;
    }
    this.#dirty = false;
    this.#queue(() => this.#send(button?.value || "save", false));
  }

  /** To a page of its own (applied, taken back, discarded), after all that was typed is saved. */
  #leave(form: HTMLFormElement, button: HTMLButtonElement | null): void {
    this.#queue(async () => {
      if (this.#dirty) {
        this.#dirty = false;
        await this.#send("save", true);
        if (this.#dirty || this.#flow?.dataset.unsaved) return;
      }
      if (this.#leaving) return;
      this.#leaving = true;
      if (button?.value === "apply") {
        this.#say(t("Applying"), "saving");
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: "apply" }));
      }
      form.submit();
    });
  }

  #queue(act: () => Promise<void>): void {
    this.#chain = this.#chain.then(act, act);
  }

  #body(act: string): URLSearchParams | null {
    const form = this.#form;
    if (!form) return null;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "do" && name !== "csrf") body.append(name, value);
    }
    body.set("do", act);
    return body;
  }

  async #send(act: string, auto: boolean, kept: URLSearchParams | null = null): Promise<void> {
    const form = this.#form;
    const body = kept ?? this.#body(act);
    if (!form || !body || this.#leaving) return;
    this.#say(t("Saving"), "saving");
    try {
      const headers: Record<string, string> = auto ? { "X-Autosave": "1" } : {};
      const response = await ask(form.action, { method: "POST", body, headers }, 20_000);
      if (response.status === 401 || response.status === 403) document.dispatchEvent(new CustomEvent("cx:signed-out"));
      if (!response.ok) throw new Error(String(response.status));
      this.#put(await response.text(), auto, act, kept !== null);
      if (!this.#flow?.dataset.outdated) this.#kept.forget();
    } catch {
      this.#say(t("Not saved, will try again"), "unsaved");
      if (kept) this.#kept.put(kept.toString());
      else this.#keep();
      if (!auto) toast(t("The server did not answer. Try again."), { bad: true });
      this.#dirty = true;
      this.#timer = window.setTimeout(() => this.#flush(), AGAIN_MS);
    }
  }

  #put(text: string, auto: boolean, act: string, restored: boolean): void {
    const next = document.implementation.createHTMLDocument().importNode(this, false);
    next.innerHTML = text;
    const current = this.querySelector<HTMLAnchorElement>(".toc a[aria-current]")?.hash;
    morph(this, next);
    if (current) this.querySelector(`.toc a[href="${current}"]`)?.setAttribute("aria-current", "true");
    const flow = this.#flow;
    this.#moved(flow?.dataset.here ?? "");
    const bad = Boolean(flow?.dataset.bad);
    // What is typed wins over what was stored; after an act the fields show what the server has.
    if (!auto && !this.#dirty && (!bad || restored)) this.#form?.reset();
    this.#say(bad ? "" : t("Saved"), bad ? "" : "saved");
    const edited = document.querySelector("[data-edited]");
    const told = this.querySelector<HTMLTemplateElement>("#edited");
    if (edited && told) edited.replaceChildren(told.content.cloneNode(true));
    const version = this.querySelector<HTMLInputElement>("#queue [name=version]")?.value ?? "";
    for (const other of document.querySelectorAll<HTMLInputElement>("[data-version]")) other.value = version;
    if (auto) return;
    if (act.startsWith("remove:") && !bad) {
      toast(t("Removed from the members"), { action: undo(() => this.querySelector<HTMLButtonElement>("button[form=undo]")?.click()) });
    }
    const focus = flow?.dataset.focus && document.getElementById(flow.dataset.focus);
    if (focus instanceof HTMLButtonElement && focus.disabled) focus.closest<HTMLElement>("[data-member]")?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
    else if (focus) focus.focus();
    else if (bad) this.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }

  /** What was new has an address of its own once it is kept. */
  #moved(here: string): void {
    if (!here || here === location.pathname) return;
    history.replaceState(null, "", here);
    this.#kept.forget();
    this.#kept = new Kept(here);
  }

  #say(text: string, state: string): void {
    const place = this.querySelector<HTMLElement>("[data-saved]");
    if (!place) return;
    place.textContent = text;
    place.dataset.state = state;
  }
}

customElements.define("cx-queue", QueueEditor);
