/** The HTTP API as a Fastify plugin for other apps, and what it needs of this machine. Node. */
export {
  type AnnotatedFormat,
  createServerParts,
  type FetchPictureOptions,
  type MountOptions,
  type ServerParts,
  tensorface,
  type TensorFacePluginOptions,
} from "../server/index.ts";
