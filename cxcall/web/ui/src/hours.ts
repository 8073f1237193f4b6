// <cx-hours>: keys in the grid of a week. Up and down change a time by a quarter of an hour; with Alt they go to the same
// field of the day before or after.

const DAY = 24 * 60;
const STEP = 15;
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";

class CxHours extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", this.#key);
  }

  disconnectedCallback(): void {
    this.removeEventListener("keydown", this.#key);
  }

  #key = (event: KeyboardEvent): void => {
    const field = (event.target as Element).closest<HTMLInputElement>("input[data-time]");
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.code];
    if (!field || !way || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (event.altKey) this.#go(field, way);
    else if (!field.readOnly) field.value = stepped(field.value, -way * STEP);
  };

  #go(field: HTMLInputElement, way: number): void {
    const column = field.dataset.column;
    if (!column) return;
    const all = [...this.querySelectorAll<HTMLInputElement>(`input[data-column="${column}"]`)];
    const next = all[all.indexOf(field) + way];
    next?.focus();
    next?.select();
  }
}

/** A time moved to the next quarter; an empty one begins at nine. */
function stepped(text: string, by: number): string {
  const persian = /[۰-۹]/.test(text) || (!text && document.querySelector<HTMLMetaElement>('meta[name="digits"]')?.content === "persian");
  const plain = text.replace(/[۰-۹]/g, (digit) => String(PERSIAN.indexOf(digit)));
  const found = /^(\d{1,2}):?(\d{2})?$/.exec(plain.trim());
  const now = found ? Number(found[1]) * 60 + Number(found[2] ?? 0) : 9 * 60 - by;
  const at = Math.max(0, Math.min(DAY, by > 0 ? Math.floor(now / STEP) * STEP + by : Math.ceil(now / STEP) * STEP + by));
  const shown = `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
  return persian ? shown.replace(/\d/g, (digit) => PERSIAN[Number(digit)]!) : shown;
}

customElements.define("cx-hours", CxHours);
