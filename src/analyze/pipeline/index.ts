/** The way of a picture: decode, locate, ask, describe. */
export { detectorOf, type LoadedNetworks, loadNetworks, nameFinders, type SelectedHead } from "./networks.ts";
export { analyzePicture, createSight, decodeOptions, locateFaces, lookAt, type Sight } from "./pipeline.ts";
export { createFaceAsker, createPictureAsker, type HeadAnswers } from "./ask.ts";
