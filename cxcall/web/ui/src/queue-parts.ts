// Parts of the pages of queues: the section in sight, and finding by a part of a name.

/** A name as it is compared: capital letters, the two forms of Persian letters and joints tell nothing apart. */
export function folded(text: string): string {
  return text
    .trim()
    .toLocaleLowerCase("en")
    .replace(/[يى]/g, "ی")
    .replace(/ك/g, "ک")
    .replace(/[أإآ]/g, "ا")
    .replace(/[ةۀ]/g, "ه")
    .replace(/[\u200c\u200d\u064b-\u0655]/g, "")
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
}

/** The section in sight is marked in the list of sections. */
export function marking(root: HTMLElement): IntersectionObserver {
  const links = (): NodeListOf<HTMLAnchorElement> => root.querySelectorAll<HTMLAnchorElement>(".toc a");
  const seen = new IntersectionObserver((entries) => {
    const at = entries.filter((entry) => entry.isIntersecting).at(0);
    if (!at) return;
    for (const link of links()) {
      if (link.hash === `#${at.target.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-80px 0px -70% 0px" });
  for (const link of links()) {
    const section = document.getElementById(link.hash.slice(1));
    if (section) seen.observe(section);
  }
  return seen;
}

/** Rows of the list of queues by a part of a name or number. */
class QueueFind extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("input", (event) => this.#find((event.target as HTMLInputElement).value));
    const field = this.querySelector("input");
    if (field?.value) this.#find(field.value);
  }

  #find(text: string): void {
    const wanted = folded(text);
    for (const card of document.querySelectorAll<HTMLElement>(".queues .card")) {
      const rows = [...card.querySelectorAll<HTMLElement>("[data-queue]")];
      for (const row of rows) row.hidden = !folded(row.dataset.queue ?? "").includes(wanted);
      const none = card.querySelector<HTMLElement>("[data-none]");
      if (none) none.hidden = rows.some((row) => !row.hidden);
    }
  }
}

customElements.define("cx-find", QueueFind);
