// <cx-heat>: arrow keys move over the cells of a map of hours, Enter opens the calls of one. Only one cell is a tab stop.
// In pages from right to left the left arrow goes on to the next hour, as people see it.

class Heat extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", this.#move);
    this.addEventListener("focusin", this.#hold);
    this.#links().forEach((link, n) => (link.tabIndex = n ? -1 : 0));
  }

  disconnectedCallback(): void {
    this.removeEventListener("keydown", this.#move);
    this.removeEventListener("focusin", this.#hold);
  }

  #links(): HTMLAnchorElement[] {
    return [...this.querySelectorAll<HTMLAnchorElement>("td a")];
  }

  #hold = (event: FocusEvent): void => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    for (const link of this.#links()) link.tabIndex = link === event.target ? 0 : -1;
  };

  #move = (event: KeyboardEvent): void => {
    const cell = event.target instanceof Element ? event.target.closest("td") : null;
    const step = this.#step(event.code);
    if (!cell || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const rows = [...this.querySelectorAll<HTMLTableRowElement>("tbody tr, tfoot tr")];
    let row = rows.findIndex((one) => one.contains(cell)) + step[0];
    let column = cell.cellIndex + step[1];
    for (; rows[row]?.cells[column]; row += step[0], column += step[1]) {
      const link = rows[row]?.cells[column]?.querySelector<HTMLAnchorElement>("a");
      if (link) return link.focus();
    }
  };

  #step(code: string): [number, number] | undefined {
    const on = document.documentElement.dir === "rtl" ? -1 : 1;
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -on], ArrowRight: [0, on] };
    return steps[code];
  }
}

customElements.define("cx-heat", Heat);
