// The page of one call: its player and its transcript; loaded by that page only.
import "./wave.ts";
import "./reader.ts";
