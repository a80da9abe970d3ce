import type { Transferable as NodeTransferable } from "node:worker_threads";
import type { Line } from "./index.ts";

/** A thread, or within one its `parentPort`. */
interface ThreadPort {
  postMessage(message: unknown, transfer: readonly NodeTransferable[]): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

/** The line to a thread, or from a thread to who started it: its `parentPort`. */
export function threadLine(port: ThreadPort): Line {
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node's own list of what can be transferred has other names for the same
    send: (message, transfer) => port.postMessage(message, transfer as readonly NodeTransferable[]),
    receive: (listener) => void port.on("message", listener),
  };
}
