/** Crops of faces: similarity transforms and landmark templates. */
export { estimateSimilarity, similarityAngle, similarityScale } from "./similarity.ts";
export {
  type CropSize,
  cropToSource,
  cropTransform,
  estimateTemplate,
  landmarkPoints,
  type LandmarkTemplate,
  mirrorLandmarks,
} from "./template.ts";
