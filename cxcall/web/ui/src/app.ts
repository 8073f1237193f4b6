// Everything a page may use; small enough to be one file.
import "./htmx.ts";
import "./live-pill.ts";
import "./refresh.ts";
import "./clocks.ts";
import "./menu.ts";
import "./theme.ts";
import "./dialogs.ts";
import "./copy.ts";
import "./file.ts";
import "./filters.ts";
import "./autosave.ts";
import "./keys.ts";
import "./signed-out.ts";
import "./desk.ts";
import "./calls.ts";
import "./player.ts";
import "./recorder.ts";
