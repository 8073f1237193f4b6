// htmx with our token and our way of saying that something failed. Every hx-form also works as a plain form.
import htmx from "htmx.org/dist/htmx.esm.js";
import { csrf, t } from "./page.ts";
import { toast } from "./toast.ts";

type WithRequest = CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>;

document.addEventListener("htmx:config:request", (event) => {
  (event as unknown as WithRequest).detail.ctx.request.headers["X-CSRF-Token"] = csrf();
});
document.addEventListener("htmx:error", () => toast(t("The server did not answer. Try again."), { bad: true }));

// After a swap that the person asked for, focus goes to the changed region's heading.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-focus-heading]") : null;
  const heading = target?.querySelector<HTMLElement>("h1, h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
});

export default htmx;
