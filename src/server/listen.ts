import ipaddr from "ipaddr.js";
import { reasonOf, TensorFaceError } from "../core/index.ts";
import { errnoOf } from "../files/files.node.ts";
import type { App } from "./context.ts";
import { listenAtAll } from "./plugins/addresses.ts";

export interface ListenOptions {
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes a free one. @default 8080 */
  readonly port?: number | undefined;
  /** Whether clients must show a token. */
  readonly hasToken: boolean;
}

/** Whether this machine alone has an address, in any spelling of it. */
function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || (ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback");
}

/**
 * Starts to listen and gives the address.
 * @throws {TF_INVALID_ARGUMENT} when other machines could reach it and no token is set, or the port is taken
 */
export async function listen(app: App, options: ListenOptions): Promise<string> {
  const { host = "127.0.0.1", port = 8080 } = options;
  if (!isLoopback(host) && !options.hasToken) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${host}" can be reached by other machines, and no token is set`, {
      hint: "Set a token (--token, or TENSORFACE_TOKEN), or listen on 127.0.0.1.",
    });
  }
  try {
    return await listenAtAll(app, { host, port });
  } catch (cause) {
    const errno = errnoOf(cause) ?? reasonOf(cause);
    const at = host.includes(":") ? `[${host}]` : host;
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `cannot listen on ${at}:${port} (${errno})`, {
      cause,
      hint: hints[errno] ?? "Choose an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all that it has.",
    });
  }
}

/** What to do about the system's refusals, where the address is not what it minds. */
const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another program uses the port: choose one with --port.",
  EACCES: "The system keeps that port for its own: choose one from 1024 on with --port.",
};
