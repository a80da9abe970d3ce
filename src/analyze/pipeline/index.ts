/** The way of a picture: decode, locate, ask, describe. */
export { detectorOf, type LoadedNetworks, loadNetworks, type SelectedHead } from "./networks.ts";
export { mainFace } from "./main-face.ts";
export { createSight, decodeOptions, locateFaces, lookAt } from "./pipeline.ts";
export { createFaceAsker, createPictureAsker, type HeadAnswers } from "./ask.ts";
