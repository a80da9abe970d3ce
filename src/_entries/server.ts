/** The HTTP API as a Fastify plugin for other apps, and what it needs of this machine. Node. */
export {
  type AnnotatedFormat,
  createServerParts,
  type FetchPictureOptions,
  type FilmFollower,
  type FollowFilmOptions,
  type MountOptions,
  type ServerParts,
  tensorface,
  type TensorFacePluginOptions,
  type VideoOptions,
  type VideoSettings,
} from "../server/index.ts";
