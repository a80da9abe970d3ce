/** Constants of an ONNX file written out, without reading its graph. */
export { type UnpackedModel, unpackConstants, unpackedFile } from "./unpack.ts";
