import { existsSync } from "node:fs";
import staticFiles from "@fastify/static";
import { TensorFaceError } from "../../core/index.ts";
import { createApp } from "../app.ts";
import type { App } from "../context.ts";
import { addresses } from "../plugins/addresses.ts";
import { browserHeaders } from "../plugins/browser-headers.ts";
import { compression } from "../plugins/compression.ts";
import { errorAnswers } from "../plugins/error-answers.ts";
import { notFoundAnswers } from "../plugins/not-found-answers.ts";
import { ownSite } from "../plugins/own-site.ts";
import { review, type ReviewOptions } from "./review.ts";

/** Sending a picture takes no longer. */
const pictureLimitMs = 30_000;

export interface ReviewAppOptions extends ReviewOptions {
  /** Folder with the built page. */
  readonly webRoot: string;
}

/**
 * The label review with its page, for this machine alone: no other site and no other name may read its pictures or write decisions. It never
 * listens by itself.
 * @throws {TF_INPUT_NOT_FOUND} when the page is not built
 */
export async function buildReviewApp({ webRoot, ...options }: ReviewAppOptions): Promise<App> {
  if (!existsSync(webRoot)) {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the page of the review is not built (nothing is at ${webRoot})`, {
      hint: "In a clone, `npm run build:web` builds it; else install the package again.",
    });
  }
  const app = createApp({ logLevel: "silent", timeLimitMs: pictureLimitMs, trustProxy: false });
  await app.register(addresses);
  await app.register(errorAnswers);
  await app.register(ownSite, { corsOrigins: [] });
  await app.register(browserHeaders);
  await app.register(compression);
  await app.register(notFoundAnswers);
  await app.register(review, options);
  await app.register(staticFiles, { root: webRoot, prefix: "/", cacheControl: false });
  return app;
}
