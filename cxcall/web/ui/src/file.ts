// <cx-file><input type="file" …></cx-file>: the field in the page's own words and digits; the browser writes its own in the
// browser's language. A file may also be dropped on it. Without this script the plain field is there.
import { t } from "./page.ts";

class File_ extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input[type=file]");
    if (!input || this.querySelector("label")) return;
    input.classList.add("vh");
    const button = Object.assign(document.createElement("label"), { className: "btn", htmlFor: input.id, textContent: t("Choose a file") });
    const name = document.createElement("bdi");
    const show = (): void => { name.textContent = input.files?.[0]?.name ?? t("No file chosen yet"); };
    this.append(button, name);
    show();
    input.addEventListener("change", show);
    this.addEventListener("dragover", (event) => event.preventDefault());
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
      show();
    });
  }
}

customElements.define("cx-file", File_);
