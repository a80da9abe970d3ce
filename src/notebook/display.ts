import { escapeHtml } from "../report/index.ts";

/** A thing in several forms, by media type; a viewer shows the richest that it knows. Pictures are in base64. */
export type MediaBundle = Readonly<Record<string, unknown>>;

/** The name by which Jupyter's TypeScript kernels ask a value how it is shown. */
const jupyterDisplay = Symbol.for("Jupyter.display");

/** What a cell of a notebook shows. At the end of a cell it is shown by itself; `show` shows it wherever it is called. */
export interface Display {
  /** Its forms; `text/plain` is always among them. */
  readonly forms: MediaBundle;
}

/** A display of these forms, which the kernel understands too. */
export function displayOf(text: string, forms: MediaBundle = {}): Display {
  const bundle = { ...forms, "text/plain": text };
  const display = { forms: bundle };
  Object.defineProperty(display, jupyterDisplay, { value: () => bundle });
  return display;
}

/** A part of a page; `style` holds rules for it alone. */
export function htmlDisplay(text: string, html: string): Display {
  return displayOf(text, { "text/html": `<div class="tensorface"><style>${style}</style>${html}</div>` });
}

/** A picture file inside a page. */
export function dataUrl(bytes: Uint8Array, format: string): string {
  return `data:image/${format};base64,${Buffer.from(bytes).toString("base64")}`;
}

export function captionHtml(caption: string): string {
  return caption === "" ? "" : `<figcaption>${escapeHtml(caption)}</figcaption>`;
}

// Colours come from the viewer: notebooks are light or dark.
const style = `
.tensorface figure { margin: 0; } .tensorface figcaption { font-size: 0.85em; opacity: 0.75; margin-top: 3px; overflow-wrap: anywhere; }
.tensorface img { max-width: 100%; height: auto; display: block; border-radius: 3px; }
.tensorface .grid { display: grid; gap: 10px; } .tensorface .grid img { width: 100%; }
.tensorface table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 4px 0; }
.tensorface caption { text-align: left; font-weight: 600; padding-bottom: 4px; white-space: nowrap; }
.tensorface th, .tensorface td { padding: 3px 12px 3px 6px; text-align: left !important; } .tensorface .right { text-align: right !important; }
.tensorface .bar { height: 8px; max-width: 480px; background: rgba(128, 128, 128, 0.25); border-radius: 4px; margin: 4px 0; }
.tensorface .bar div { height: 100%; background: #1b4965; border-radius: 4px; }
`;
