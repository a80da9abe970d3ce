/** Words that an ONNX file carries beside its graph. */
export { readMetadata, withMetadata, withoutMetadata } from "./metadata.ts";
