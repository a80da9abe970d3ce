/**
 * What this project takes from dlib, written anew from Debian's libdlib-dev (and g++):
 *
 *   npm run write -- dlib model      the five filters of its frontal face detector: models/dlib-frontal-face.onnx
 *   npm run write -- dlib vectors    what it finds on the reference pictures: test/dlib/vectors.json
 *
 * and what was measured with it:
 *
 *   npm run write -- dlib landmarks --faces DIR [--count 600]    where the mesh sees the landmarks in its boxes, in pictures of one face
 */
import { writeFile } from "node:fs/promises";
import { createRandom } from "../src/core/index.ts";
import { measureLandmarks } from "./dlib/landmarks.ts";
import { writeModel } from "./dlib/model.ts";
import { referencePictures } from "./dlib/pictures.ts";
import { buildReference } from "./dlib/reference.ts";
import { type DlibVectors, pixelHash } from "./dlib/vectors.ts";
import { loadFolder } from "./recall/mosaic.ts";
import { anyText, endWithUsage, readWords, wholeNumber } from "./words.ts";

const { values, operands, usage } = readWords(
  "npm run write -- dlib",
  { faces: anyText(), count: wholeNumber(600) },
  { operands: ["model|vectors|landmarks"] },
);
/** So near to a face that many windows are compared, and no more than a page of them. */
const threshold = -0.25;

const [what] = operands;
if (what === "model") {
  using reference = buildReference();
  console.log(`models/dlib-frontal-face.onnx: ${writeModel(reference.filters(), "models")} bytes`);
} else if (what === "vectors") {
  await writeVectors("test/dlib/vectors.json");
} else if (what === "landmarks" && values.faces !== undefined) {
  await measureLandmarks(await loadFolder(values.faces, 1, values.count, createRandom(1)));
} else endWithUsage(what === "landmarks" ? "--faces is missing" : `"${what}" is none of model, vectors, landmarks`, usage);

async function writeVectors(path: string): Promise<void> {
  using reference = buildReference();
  const pictures = await referencePictures("examples/astronaut.png");
  const found = reference.detect(
    pictures.map(({ image }) => image),
    threshold,
  );
  const vectors: DlibVectors = {
    dlib: reference.filters().dlib,
    threshold,
    pictures: pictures.map(({ name, image }, index) => ({
      name,
      width: image.width,
      height: image.height,
      sha256: pixelHash(image),
      faces: found[index]!,
    })),
  };
  await writeFile(path, `${JSON.stringify(vectors, undefined, 2)}\n`);
  for (const { name, faces } of vectors.pictures) {
    console.log(`${name}: ${faces.filter(({ score }) => score >= 0).length} faces, ${faces.length} with near ones`);
  }
}
