// Makes a part of the page look like newer HTML from the server while touching only what differs: focus, selection,
// what is being typed, scroll positions and open menus stay.
//
// `data-keep="x"`: an element that has the same value in both is left alone, with all that is in it.
// `data-key="x"` or an id: the same thing in both, wherever it stands among its siblings.

const keyOf = (node: Node): string | null => (node instanceof Element ? node.getAttribute("data-key") || node.id || null : null);

const same = (a: Node, b: Node): boolean => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

export function morph(now: Element, next: Element): void {
  const keep = now.getAttribute("data-keep");
  if (keep !== null && keep === next.getAttribute("data-keep")) return;
  if (now.isEqualNode(next)) return;
  // What is typed there is newer than what the server has; `data-editing` says the same of any element.
  if (now.localName === "cx-autosave" && now.getAttribute("key") === next.getAttribute("key")) return;
  if (now.hasAttribute("data-editing")) return;
  // A clock writes its own text from `since`; the text that came from the server is older than what it shows.
  if (now.localName === "cx-clock" && now.getAttribute("since") === next.getAttribute("since")) return;
  attributes(now, next);
  children(now, next);
}

function attributes(now: Element, next: Element): void {
  const stays = now.localName === "details" || now.localName === "dialog" ? "open" : "";
  for (const { name } of [...now.attributes]) if (name !== stays && !next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of [...next.attributes]) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
}

function children(now: Element, next: Element): void {
  let place: ChildNode | null = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    const found = find(place, wanted);
    if (found === null) {
      now.insertBefore(document.importNode(wanted, true), place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else bring(now, found, place);
    if (found instanceof Element) morph(found, wanted as Element);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (place) {
    const gone: ChildNode = place;
    place = place.nextSibling;
    gone.remove();
  }
}

/** Put `found` before `place`. What has the focus would lose it by being moved, so then all between is moved behind it. */
function bring(now: Element, found: ChildNode, place: ChildNode | null): void {
  if (!place || !found.contains(document.activeElement)) {
    now.insertBefore(found, place);
    return;
  }
  const after = found.nextSibling;
  for (let node: ChildNode | null = place; node && node !== found; ) {
    const following: ChildNode | null = node.nextSibling;
    now.insertBefore(node, after);
    node = following;
  }
}

/** The child from `place` on that `wanted` stands for: by key wherever it is, without a key only the next one. */
function find(place: ChildNode | null, wanted: Node): ChildNode | null {
  if (keyOf(wanted) === null) return place && same(place, wanted) ? place : null;
  for (let child = place; child; child = child.nextSibling) if (same(child, wanted)) return child;
  return null;
}
