import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { TensorFaceError } from "../../core/index.ts";
import type { App } from "../context.ts";

export interface OwnSiteOptions {
  /** Origins of other pages that may call. */
  readonly corsOrigins: readonly string[];
}

/**
 * For a server on loopback that asks for no token: any page that a browser on this machine has open could reach it, by sending requests to
 * it, or by giving its own name the address 127.0.0.1 (DNS rebinding). So it answers to loopback names alone, and to no other site.
 */
export const ownSite = fp(
  async (app: App, { corsOrigins }: OwnSiteOptions) => {
    app.addHook("onRequest", async (request) => {
      const { host } = request.headers;
      if (host !== undefined && !isLoopbackName(host)) {
        throw new TensorFaceError("TF_SITE_REFUSED", `this server does not answer to the name "${host}"`);
      }
      if (isFromElsewhere(request, corsOrigins)) throw new TensorFaceError("TF_SITE_REFUSED", "another site's page may not ask here");
    });
  },
  { name: "tensorface-own-site" },
);

function isLoopbackName(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/i.test(host);
}

function isFromElsewhere({ method, headers }: FastifyRequest, corsOrigins: readonly string[]): boolean {
  const { origin } = headers;
  if (origin !== undefined) return !isOrigin(origin, headers.host) && !corsOrigins.includes(origin) && !corsOrigins.includes("*");
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  // A link on another page may lead here.
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document" || (method !== "GET" && method !== "HEAD");
}

function isOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
