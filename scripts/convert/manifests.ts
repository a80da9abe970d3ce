import { datasetTemplates } from "../../src/predict/index.ts";
import { ageCount, moods } from "../../src/core/index.ts";
import type { CropTemplate, ModelManifest, NetworkInput } from "../../src/models/index.ts";
import type { NetworkId } from "./sources.ts";

/** A manifest without what is measured on the written file. */
type ManifestFacts<Manifest extends ModelManifest = ModelManifest> = Manifest extends ModelManifest
  ? Omit<Manifest, "schema" | "id" | "file" | "bytes" | "sha256">
  : never;

const human = "https://github.com/vladmandic/human";
const faceApi = "https://github.com/vladmandic/face-api";

/** `(pixel - 127.5) / 127.5`: -1..1. */
const symmetric = { mean: [127.5, 127.5, 127.5], standardDeviation: [127.5, 127.5, 127.5] };

/**
 * The crop that @vladmandic/human cuts for its heads: the square around BlazeFace's box, 1.4 times as wide as the box's longer side,
 * not turned.
 */
const humanTemplate: CropTemplate = {
  landmarks: {
    leftEye: { x: 0.3541, y: 0.3667 },
    rightEye: { x: 0.6459, y: 0.3667 },
    nose: { x: 0.5, y: 0.5471 },
    leftMouth: { x: 0.3746, y: 0.657 },
    rightMouth: { x: 0.6254, y: 0.657 },
  },
  source:
    "scripts/measure-human-template.ts on 1,500 pictures of FairFace's train set (seed 1; a face was found on 1,400): median landmarks of the face mesh in the square around BlazeFace's box, 1.4 times its longer side, made symmetric",
};

/** face-api takes the mean colour of faces off and divides by the largest value, for both of its heads. */
const faceApiInput: NetworkInput = {
  name: "picture",
  width: 112,
  height: 112,
  colour: "rgb",
  mean: [122.782, 117.001, 104.298],
  standardDeviation: [255, 255, 255],
};

/**
 * The crop that @vladmandic/face-api cuts for its heads: the smallest box around its 68 landmarks (from jaw to brows), 20 % larger, filled
 * up with black to a square, not turned. Its heads answer better when the face stands a little lower in it, so they get that.
 * @param down a share of the crop's side
 */
function faceApiTemplate(down: number, chosenOn: string): CropTemplate {
  return {
    landmarks: {
      leftEye: { x: 0.3087, y: 0.2714 + down },
      rightEye: { x: 0.6913, y: 0.2714 + down },
      nose: { x: 0.5, y: 0.5034 + down },
      leftMouth: { x: 0.3313, y: 0.6421 + down },
      rightMouth: { x: 0.6687, y: 0.6421 + down },
    },
    source: `scripts/measure-face-api-template.ts on 300 pictures of FairFace's train set (seed 2; face-api found one face on 102 that our detector found too): median landmarks of the face mesh in face-api's padded box, made symmetric; then lowered by ${down} of the crop's side, the best of the places and sizes that scripts/compare-templates.ts tries on ${chosenOn} (seed 1)`,
  };
}

/** What each converted network takes and gives, and where it comes from. */
export const manifestFacts: { readonly [Id in NetworkId]: ManifestFacts } = {
  blazeface: {
    kind: "detector",
    title: "BlazeFace for back cameras, 256 px",
    decoder: "blazeface",
    input: { name: "picture", width: 256, height: 256, colour: "rgb", ...symmetric },
    outputs: { scores16: "scores16", boxes16: "boxes16", scores32: "scores32", boxes32: "boxes32" },
    // Low, since the face mesh turns down what is no face: docs/lab/detection.md.
    scoreThreshold: 0.2,
    preference: 0,
    provenance: {
      source: "MediaPipe BlazeFace (Bazarevsky et al., 2019), weights from @vladmandic/human, converted",
      licence: "MIT (@vladmandic/human); upstream: Apache-2.0 (MediaPipe)",
      url: human,
    },
  },
  "ssd-mobilenet-v1": {
    kind: "detector",
    title: "SSD MobileNet V1, 512 px",
    decoder: "ssd",
    input: { name: "picture", width: 512, height: 512, colour: "rgb", ...symmetric },
    outputs: { boxes: "boxes", scores: "scores" },
    scoreThreshold: 0.3,
    preference: 0,
    provenance: {
      source: "SSD MobileNet V1 trained on WIDER FACE (yeephycho/tensorflow-face-detection), weights from @vladmandic/face-api, converted",
      licence: "MIT (@vladmandic/face-api); upstream: see tensorflow-face-detection",
      url: faceApi,
    },
  },
  facemesh: {
    kind: "landmarks",
    title: "Face mesh of 468 points, 192 px",
    decoder: "facemesh",
    input: { name: "picture", width: 192, height: 192, colour: "rgb", mean: [0, 0, 0], standardDeviation: [255, 255, 255] },
    outputs: { points: "points", presence: "presence" },
    preference: 0,
    provenance: {
      source: "MediaPipe Face Mesh (Kartynnik et al., 2019), weights from @vladmandic/human, converted",
      licence: "MIT (@vladmandic/human); upstream: Apache-2.0 (MediaPipe)",
      url: human,
    },
  },
  faceres: {
    kind: "head",
    title: "FaceRes: age and gender, 224 px (baseline)",
    // human feeds pixels of 0..255 as they are.
    input: { name: "picture", width: 224, height: 224, colour: "rgb", mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
    template: humanTemplate,
    outputs: [
      { task: "age", output: "age", activation: "none", labels: Array.from({ length: 100 }, (_, year) => String(year)), temperature: 1 },
      // human calls it male above 0.5.
      { task: "gender", output: "gender", activation: "none", labels: ["female", "male"], temperature: 1 },
    ],
    preference: 0,
    provenance: {
      source: "HSE-FaceRes, MobileNet (Savchenko, HSE_FaceRec_tf), weights from @vladmandic/human, converted",
      licence: "MIT (@vladmandic/human); upstream: see HSE_FaceRec_tf",
      url: human,
    },
  },
  emotion: {
    kind: "head",
    title: "Mini-Xception: mood, 64 px grey (baseline)",
    input: { name: "picture", width: 64, height: 64, colour: "grey", mean: [127.5], standardDeviation: [127.5] },
    // human itself cuts the looser crop of its other head: with that one it names 59.5 % on PublicTest, with this one 65.8 %.
    template: {
      landmarks: datasetTemplates["fer2013"]!,
      source: "the crop that it was trained on: FER2013's own pictures (recipes/templates/fer2013.json)",
    },
    outputs: [{ task: "mood", output: "mood", activation: "none", labels: [...moods], temperature: 1 }],
    preference: 0,
    provenance: {
      source: "mini-Xception trained on FER2013 (Arriaga et al., face_classification), weights from @vladmandic/human, converted",
      licence: "MIT (@vladmandic/human and face_classification)",
      url: human,
    },
  },
  "face-api-age-gender": {
    kind: "head",
    title: "face-api: age and gender, 112 px (rival)",
    input: faceApiInput,
    template: faceApiTemplate(0.06, "1,500 pictures of FairFace's train set"),
    outputs: [
      // One number, put on the two years around it: its spread says nothing.
      {
        task: "age",
        output: "age",
        activation: "none",
        labels: Array.from({ length: ageCount }, (_, year) => String(year)),
        temperature: 1,
      },
      { task: "gender", output: "gender", activation: "softmax", labels: ["male", "female"], temperature: 1 },
    ],
    preference: 0,
    provenance: {
      source: "a small Xception (Vincent Mühler, face-api.js), weights from @vladmandic/face-api, converted",
      licence: "MIT (@vladmandic/face-api)",
      url: faceApi,
    },
  },
  "face-api-expression": {
    kind: "head",
    title: "face-api: mood, 112 px (rival)",
    input: faceApiInput,
    template: faceApiTemplate(0.09, "1,500 pictures of FER2013's train set"),
    outputs: [
      {
        task: "mood",
        output: "mood",
        activation: "softmax",
        labels: ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"],
        temperature: 1,
      },
    ],
    preference: 0,
    provenance: {
      source: "a small DenseNet (Vincent Mühler, face-api.js), weights from @vladmandic/face-api, converted",
      licence: "MIT (@vladmandic/face-api)",
      url: faceApi,
    },
  },
};
