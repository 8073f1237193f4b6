// The session is over: say so, and offer the login, which comes back here. Nothing on the page is lost meanwhile.
import { t } from "./page.ts";
import { toast } from "./toast.ts";

let said = false;

document.addEventListener("cx:signed-out", () => {
  if (said) return;
  said = true;
  toast(t("You were signed out. Sign in again to go on."), {
    bad: true,
    action: {
      label: t("Sign in"),
      act: () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`),
    },
  });
});

// Who signs out leaves nothing typed behind for the next person at this computer.
document.addEventListener("submit", (event) => {
  if (!(event.target as Element).matches('form[action="/logout"]')) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("cxcall:draft:")) localStorage.removeItem(key);
});
