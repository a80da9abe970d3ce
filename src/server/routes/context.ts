import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Metrics } from "../metrics.ts";
import type { ServerParts, ServerSettings } from "../options.ts";
import type { Workload } from "../workload.ts";

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

/** What every route may use. */
export interface RouteContext {
  readonly parts: ServerParts;
  readonly settings: ServerSettings;
  readonly workload: Workload;
  readonly metrics: Metrics;
}

/** A signal that is aborted when the client goes away before it has its answer. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(new Error("the client went away"));
  });
  return controller.signal;
}
