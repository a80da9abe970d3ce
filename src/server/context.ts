import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { createHeldBytes, type HeldBytes } from "./held-bytes.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type ServerOptions, type ServerParts, type ServerSettings, settleOptions } from "./options.ts";
import { createWorkload, type Workload } from "./workload.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers without the token and outside the limit on requests. @default false */
    readonly open?: boolean;
  }
}

/** A Fastify app whose schemas are zod's. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What every plugin and route may use. */
export interface RouteContext {
  readonly parts: ServerParts;
  readonly settings: ServerSettings;
  readonly held: HeldBytes;
  readonly workload: Workload;
  readonly metrics: Metrics;
}

export function createContext(parts: ServerParts, options: ServerOptions): RouteContext {
  const settings = settleOptions(options);
  const held = createHeldBytes(settings.maxHeldBytes);
  const workload = createWorkload({ analyzer: parts.analyzer, held }, settings);
  return { parts, settings, held, workload, metrics: createMetrics({ workload, held }) };
}

/** A signal that is aborted when the client goes away before it has its answer. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const leave = (): void => {
    if (!reply.raw.writableFinished) controller.abort(new Error("the client went away"));
  };
  // It may have left while the request was read and judged: then nothing tells it again.
  if (reply.raw.closed) leave();
  else reply.raw.once("close", leave);
  return controller.signal;
}
