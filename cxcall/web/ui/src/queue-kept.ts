// What was typed into a queue and the server does not have yet, kept in this browser by the page's address.

const PREFIX = "cxcall:draft:"; // who signs out leaves none behind (signed-out.ts)

export class Kept {
  #key: string;

  constructor(path: string) {
    this.#key = PREFIX + path;
  }

  put(body: string): void {
    try {
      localStorage.setItem(this.#key, body);
    } catch {
      // No room in this browser: it is still in the page.
    }
  }

  /** What was kept, which is not kept any more. */
  take(): string {
    const body = localStorage.getItem(this.#key) ?? "";
    this.forget();
    return body;
  }

  /** The server has `body`; something else that was kept meanwhile stays. */
  drop(body: string): void {
    if (localStorage.getItem(this.#key) === body) this.forget();
  }

  forget(): void {
    localStorage.removeItem(this.#key);
  }
}
