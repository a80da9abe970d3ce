import { TensorFaceError } from "../core/index.ts";
import type { App } from "./context.ts";

export interface ListenOptions {
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes a free one. @default 8080 */
  readonly port?: number | undefined;
  /** Whether clients must show a token. */
  readonly hasToken: boolean;
}

const loopbackHosts: readonly string[] = ["127.0.0.1", "::1", "localhost"];

/**
 * Starts to listen and gives the address.
 * @throws {TF_INVALID_ARGUMENT} when other machines could reach it and no token is set, or the port is taken
 */
export async function listen(app: App, options: ListenOptions): Promise<string> {
  const { host = "127.0.0.1", port = 8080 } = options;
  if (!loopbackHosts.includes(host) && !options.hasToken) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${host}" can be reached by other machines, and no token is set`, {
      hint: "Set a token (--token, or TENSORFACE_TOKEN), or listen on 127.0.0.1.",
    });
  }
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `cannot listen on ${host}:${port}`, {
      cause,
      hint: "Another program may use the port: choose one with --port.",
    });
  }
}
