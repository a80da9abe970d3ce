import type { FaceLandmarks } from "../core/index.ts";

/**
 * Where the five landmarks stand in the pictures of the datasets that publish aligned crops, as fractions of width and height:
 * medians over training pictures, from `recipes/templates` (a test holds the two together). They turn "the picture is the crop"
 * into the same crop that a head was trained on, whatever dataset the picture is from.
 */
export const datasetTemplates: Readonly<Record<string, FaceLandmarks>> = {
  fairface: {
    leftEye: { x: 0.3198, y: 0.3079 },
    rightEye: { x: 0.6802, y: 0.3079 },
    nose: { x: 0.5, y: 0.5408 },
    leftMouth: { x: 0.3476, y: 0.6864 },
    rightMouth: { x: 0.6524, y: 0.6864 },
  },
  utkface: {
    leftEye: { x: 0.3038, y: 0.2974 },
    rightEye: { x: 0.6962, y: 0.2974 },
    nose: { x: 0.5, y: 0.546 },
    leftMouth: { x: 0.3332, y: 0.6903 },
    rightMouth: { x: 0.6668, y: 0.6903 },
  },
  appareal: {
    leftEye: { x: 0.3756, y: 0.3726 },
    rightEye: { x: 0.6244, y: 0.3726 },
    nose: { x: 0.5, y: 0.5434 },
    leftMouth: { x: 0.3897, y: 0.6339 },
    rightMouth: { x: 0.6103, y: 0.6339 },
  },
  allagefaces: {
    leftEye: { x: 0.3718, y: 0.5209 },
    rightEye: { x: 0.6282, y: 0.5209 },
    nose: { x: 0.5, y: 0.6558 },
    leftMouth: { x: 0.3938, y: 0.7297 },
    rightMouth: { x: 0.6062, y: 0.7297 },
  },
  fer2013: {
    leftEye: { x: 0.3122, y: 0.3884 },
    rightEye: { x: 0.6878, y: 0.3884 },
    nose: { x: 0.5, y: 0.6241 },
    leftMouth: { x: 0.3521, y: 0.7664 },
    rightMouth: { x: 0.6479, y: 0.7664 },
  },
};
