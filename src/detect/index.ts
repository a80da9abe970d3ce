import type { createDlibDetector } from "./dlib-detector.ts";

/** Detectors and what surrounds them. */
export { blazeFace } from "./blazeface.ts";
export { orientationCount } from "./dlib/histograms.ts";
export { findWindows, histogramPyramid } from "./dlib/scanner.ts";
export type { DetectOptions, FaceDetection, FaceDetector, Network, PictureResizer, PreparedPicture } from "./detector.ts";
export { createFaceDetector } from "./face-detector.ts";
export { createFaceMesh, type FaceMesh, type MeshedFace } from "./face-mesh.ts";
export type { ScanningNetwork } from "./scan.ts";
export { squareAround, squareToSource } from "./square.ts";
export { ssd } from "./ssd.ts";

/** Code that is loaded when it is asked for: the kilobytes of a page's first visit are counted. */
export const loadDlibDetector = async (): Promise<{ readonly createDlibDetector: typeof createDlibDetector }> =>
  import("./dlib-detector.ts");
