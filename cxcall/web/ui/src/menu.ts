// <details class="menu" data-menu>: opens without us; we add arrow keys, Escape, and closing by a click elsewhere.
// One with fields in it is a form and no menu: Tab and the arrows are the fields' own, and it closes when left.

const isForm = (menu: Element): boolean =>
  menu.querySelector(".step-menu, .pop-menu :is(input:not([type=hidden]), select)") !== null;

const items = (menu: Element): HTMLElement[] => [...menu.querySelectorAll<HTMLElement>(".pop-menu :is(a, button)")];

function move(menu: HTMLDetailsElement, by: number | "first" | "last"): void {
  const all = items(menu);
  if (!all.length) return;
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = by === "first" ? 0 : by === "last" ? all.length - 1 : (at + by + all.length) % all.length;
  for (const item of all) item.tabIndex = -1;
  const next = all[to];
  if (!next) return;
  next.tabIndex = 0;
  next.focus();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const menu = (event.target as Element).closest<HTMLDetailsElement>("details[data-menu][open]");
  if (menu && event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = (event.target as Element).closest<HTMLDetailsElement>("details[data-menu]");
  if (!menu) return;
  if (event.code === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (isForm(menu)) return;
  else if (event.code === "ArrowDown") {
    const first = !menu.open || (event.target as Element).matches("summary");
    menu.open = true;
    move(menu, first ? "first" : 1);
  } else if (event.code === "ArrowUp" && menu.open) move(menu, -1);
  else if (event.code === "Home" && menu.open) move(menu, "first");
  else if (event.code === "End" && menu.open) move(menu, "last");
  else if (event.code === "Tab" && menu.open) {
    menu.open = false;
    return;
  } else return;
  event.preventDefault();
});
