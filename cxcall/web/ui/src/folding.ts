// Text as people mean it, for finding in it: the same rules as cxcall/letters.py, with the way back to the text itself.

const SAME: Record<string, string> = { ي: "ی", ى: "ی", ك: "ک", آ: "ا", أ: "ا", إ: "ا", ٱ: "ا", ة: "ه", ۀ: "ه", ؤ: "و", ئ: "ی", "’": "'" };
const NOTHING = /[\u0300-\u036f\u064b-\u065f\u0670\u0621\u0640\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/;

/** One letter as it is compared; "" for what does not count. */
function folded(letter: string): string {
  const same = SAME[letter];
  if (same) return same;
  if (NOTHING.test(letter)) return "";
  if (/\s/.test(letter)) return " ";
  const code = letter.charCodeAt(0);
  if (code >= 0x06f0 && code <= 0x06f9) return String(code - 0x06f0);
  if (code >= 0x0660 && code <= 0x0669) return String(code - 0x0660);
  return code < 128 ? letter.toLowerCase() : letter.normalize("NFKD").charAt(0).toLowerCase();
}

export type Folded = { text: string; places: number[] };

/** `text` for comparing; `places[i]` is where letter i of it stands in `text`. */
export function fold(text: string): Folded {
  const letters: string[] = [];
  const places: number[] = [];
  for (let n = 0; n < text.length; n += 1) {
    const one = folded(text.charAt(n));
    if (!one || (one === " " && letters.at(-1) === " ")) continue;
    letters.push(one);
    places.push(n);
  }
  return { text: letters.join(""), places };
}
