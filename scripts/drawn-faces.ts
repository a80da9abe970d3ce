import { drawFaces, type LabelledPicture, openFaces } from "../src/datasets/labelled-faces.node.ts";
import { anyText, neededText, wholeNumber } from "./words.ts";

/** What a script's words say about the faces that it measures on. */
export interface DrawnFacesOptions {
  /** Folder of an imported dataset. */
  readonly data: string;
  readonly split: string;
  /** How many. */
  readonly limit: number;
  readonly seed: number;
}

/** The words for {@link drawnFaces}, with their defaults. */
export const drawnFacesWords = {
  data: neededText("DATASET"),
  split: anyText("train"),
  limit: wholeNumber(600),
  seed: wholeNumber(1),
};

/** Faces of a dataset's part, drawn without replacement; the same ones for the same seed. */
export async function drawnFaces({ data, split, limit, seed }: DrawnFacesOptions): Promise<{
  /** Of the dataset. */
  readonly title: string;
  readonly faces: readonly LabelledPicture[];
}> {
  const options = { format: undefined, split, formatOptions: {}, signal: new AbortController().signal, onProgress: () => undefined };
  const { title, faces } = await openFaces(data, options);
  return { title, faces: drawFaces(faces, limit, seed) };
}
