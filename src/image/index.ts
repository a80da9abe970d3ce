/** Pictures, the same on every platform. Decoding and encoding are bound in `*.node.ts` and `*.browser.ts`. */
export { annotate, annotateOptionNames, type AnnotateOptions, type Annotation } from "./annotate/annotate.ts";
export type { AnnotationLine } from "./annotate/plate.ts";
export { cutPicture, cutToTensor, fitToTensor, type PictureFit } from "./cut.ts";
export {
  checkBytes,
  type DecodedPicture,
  decodeLimits,
  decodeOptionNames,
  type DecodeOptions,
  expectPixels,
  isDetached,
  isRasterImage,
  nameOfInput,
  refuseOtherPixels,
} from "./decode.ts";
export { type EncodeOptions, type EncodingFormat, encodingFormats } from "./encode.ts";
export type { Orientation } from "./formats/exif.ts";
export { applyOrientation } from "./orient.ts";
export { type Colour, createRasterImage, crop, filledImage, type RasterImage, wholePixels } from "./raster.ts";
export { type PictureCopies, reduceForCrop, samplingSource, type SamplingSource } from "./reduced.ts";
export { scaleCopy } from "./scale-copy.ts";
export { extentOf, fitWithin, resize } from "./resize.ts";
export { type PictureFormat, pictureFormats, type PictureHeader, sniffPicture } from "./sniff.ts";
export {
  type Border,
  channelCount,
  letterboxTransform,
  regionTransform,
  type TensorLayout,
  warpAffine,
  type WarpOptions,
  warpToTensor,
} from "./warp.ts";
