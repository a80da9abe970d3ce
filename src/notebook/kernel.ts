import type { MediaBundle } from "./display.ts";

/** Where displays go. */
export interface Kernel {
  /** Shows something. With an id it can be replaced afterwards, wherever it stands. */
  show(forms: MediaBundle, id?: string): Promise<void>;
  /** Replaces what was shown under an id. */
  replace(forms: MediaBundle, id: string): Promise<void>;
}

interface DenoJupyter {
  broadcast(type: string, content: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * How long a cell waits after it has shown something. The kernel may say that a cell is over before its last outputs have left: who runs
 * notebooks from the command line then loses them. Without a wait 10 of 270 cells lost theirs, with 20 ms none of 90.
 */
const settleMs = 60;

/** The kernel that this code runs in; outside of all, displays become lines of text. */
export function currentKernel(write: (text: string) => void = (text) => void process.stdout.write(`${text}\n`)): Kernel {
  const jupyter = denoJupyter();
  if (jupyter === undefined) return textKernel(write);
  const send = async (type: string, data: MediaBundle, id: string | undefined): Promise<void> => {
    await jupyter.broadcast(type, { data, metadata: {}, transient: id === undefined ? {} : { display_id: id } });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
  };
  return {
    show: (forms, id) => send("display_data", forms, id),
    replace: (forms, id) => send("update_display_data", forms, id),
  };
}

function textKernel(write: (text: string) => void): Kernel {
  const show = async (forms: MediaBundle): Promise<void> => write(String(forms["text/plain"]));
  return { show, replace: show };
}

function denoJupyter(): DenoJupyter | undefined {
  const deno: unknown = Reflect.get(globalThis, "Deno");
  if (typeof deno !== "object" || deno === null) return undefined;
  try {
    const jupyter: unknown = Reflect.get(deno, "jupyter");
    return isJupyter(jupyter) ? jupyter : undefined;
  } catch {
    // Outside of its Jupyter kernel Deno refuses to be asked.
    return undefined;
  }
}

function isJupyter(value: unknown): value is DenoJupyter {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "broadcast") === "function";
}
