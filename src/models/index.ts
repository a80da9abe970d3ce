/** What travels with networks, and where they are kept. `models.node.ts` and `models.browser.ts` hold the platforms' stores. */
export {
  type CropTemplate,
  type DetectorManifest,
  detectorManifestSchema,
  type FaceHeadManifest,
  type HeadManifest,
  headManifestSchema,
  type HeadOutput,
  isModelId,
  type LandmarkManifest,
  landmarkManifestSchema,
  type ModelManifest,
  modelManifestSchema,
  type NetworkInput,
  outputKind,
  seesFaces,
  taskOf,
  templateOf,
} from "./manifest.ts";
export { knownPictures, listPictures, type UsedPictures, withPicturesCounted } from "./known-pictures.ts";
export { describeModel, fileSizeOf, purposeOf } from "./describe.ts";
export { defaultHead, findModel, findNamed, orderManifests } from "./order.ts";
export { checkManifest, type ModelIndex, parseJson, parseManifest, parseModelIndex } from "./parse.ts";
export { type EmbeddedManifest, expectHead, listedModel, makeModelFile, openModelFile } from "./model-file.ts";
export type { ModelReference, ModelStore, OpenedModel, ReadModelOptions } from "./store.ts";
export { type Sha256, verifyModel, webSha256 } from "./verify.ts";
