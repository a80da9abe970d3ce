/** The HTTP API: an app that tests inject into, and the way to let it listen. */
export { buildApp } from "./app.ts";
export { listen, type ListenOptions } from "./listen.ts";
export { type AnnotatedFormat, annotatedFormats, type ServerOptions, type ServerParts } from "./options.ts";
export { fetchPublic, isPublicAddress } from "./remote.ts";
export type { App } from "./routes/context.ts";
