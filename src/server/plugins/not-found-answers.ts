import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { TensorFaceError } from "../../core/index.ts";
import type { App } from "../context.ts";

/** Addresses that lead nowhere are 404; those that are there for other methods are 405, and say for which. */
export const notFoundAnswers = fp(
  async (app: App) => {
    const methods = new Map<string, Set<string>>();
    app.addHook("onRoute", ({ url, method }) => {
      const known = methods.get(url) ?? new Set<string>();
      methods.set(url, known);
      for (const name of [method].flat()) known.add(name);
    });
    app.setNotFoundHandler((request, reply) => {
      const allowed = methods.get(pathOf(request));
      if (allowed === undefined) throw new TensorFaceError("TF_ROUTE_NOT_FOUND", `${request.method} leads nowhere here`);
      void reply.header("allow", [...allowed].toSorted().join(", "));
      throw new TensorFaceError("TF_METHOD_NOT_ALLOWED", `${request.method} is not what this address is for`);
    });
  },
  { name: "tensorface-not-found" },
);

/** The address as the router reads it; one that cannot be decoded has been refused before. */
function pathOf({ url }: FastifyRequest): string {
  return decodeURI(url.replace(/[?#].*$/s, ""));
}
