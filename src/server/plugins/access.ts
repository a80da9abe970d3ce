import { timingSafeEqual } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { counted, TensorFaceError } from "../../core/index.ts";
import type { App, RouteContext } from "../context.ts";

/** A limit on requests for each client, and the token where one is set. */
export const access = fp(
  async (app: App, { settings }: RouteContext) => {
    await app.register(rateLimit, {
      max: settings.requestsPerMinute,
      timeWindow: "1 minute",
      allowList: (request) => isOpen(request),
      errorResponseBuilder: (_request, { max }) =>
        new TensorFaceError("TF_RATE_LIMITED", `more than ${counted(max, "request")} in a minute`),
    });
    if (settings.token === undefined) return;
    // A token that is read from a file may end with its line: no header holds that.
    const wanted = Buffer.from(settings.token.trim());
    // After the rate limit, which is a hook of each route, so that guesses count; before anything of the body is read.
    app.addHook("preParsing", async (request) => {
      if (!isOpen(request) && !hasToken(request, wanted)) {
        throw new TensorFaceError("TF_UNAUTHORIZED", "the bearer token is missing or wrong");
      }
    });
  },
  { name: "tensorface-access" },
);

/**
 * Whether a request may come without the token and as often as it likes: it leads nowhere, or its route asks for that. The route that was
 * found decides and never the address as written, since the router reads `/%761/models` as `/v1/models`.
 */
function isOpen(request: FastifyRequest): boolean {
  return request.is404 || request.routeOptions.config.open === true;
}

function hasToken(request: FastifyRequest, wanted: Buffer): boolean {
  // The scheme's name is written in any case (RFC 9110, 11.1). Node gives each byte of a header as a letter.
  const given = Buffer.from(/^bearer +(.*)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "", "latin1");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
