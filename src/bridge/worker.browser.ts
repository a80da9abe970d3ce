import type { Line } from "./index.ts";

/** A page's worker, or within one `self`. */
interface MessageTarget {
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

/** The line to a worker, or from a worker to its page. */
export function workerLine(target: MessageTarget): Line {
  return {
    send: (message, transfer) => target.postMessage(message, { transfer: [...transfer] }),
    receive: (listener) => target.addEventListener("message", ({ data }) => listener(data)),
  };
}
