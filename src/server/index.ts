/** The HTTP API: an app that tests inject into, a plugin for other apps, and the way to let it listen. */
export { type MountOptions, tensorface, type TensorFacePluginOptions } from "./api.ts";
export { buildApp } from "./app.ts";
export type { App } from "./context.ts";
export { listen, type ListenOptions } from "./listen.ts";
export {
  type AnnotatedFormat,
  annotatedFormats,
  type FetchPictureOptions,
  type FilmFollower,
  type FollowFilmOptions,
  type ServerOptions,
  type ServerParts,
  type VideoOptions,
  type VideoSettings,
} from "./options.ts";
export { createServerParts } from "./parts.node.ts";
export { buildReviewApp, type ReviewAppOptions } from "./review/app.ts";
export { review, type ReviewOptions } from "./review/review.ts";
export { fetchPublic, isPublicAddress } from "./remote.ts";
