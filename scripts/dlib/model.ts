import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeModel } from "../../src/graph/index.ts";
import { checkManifest } from "../../src/models/index.ts";
import { writeWhole } from "../convert/convert.ts";
import { buildDetector } from "./graph.ts";
import type { DlibFilters } from "./reference.ts";

const id = "dlib-frontal-face";

/** Writes the detector's graph and its manifest into `folder`. @returns the size of the graph's file */
export function writeModel({ filters, dlib }: DlibFilters, folder: string): number {
  const bytes = encodeModel(buildDetector(filters));
  const manifest = checkManifest(
    {
      schema: "tensorface.model/1",
      id,
      title: "dlib's frontal face detector: gradient histograms, 80 px",
      file: `${id}.onnx`,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      kind: "detector",
      decoder: "dlib",
      // The window that is compared with the filters. The graph takes histograms of cells, which `src/detect/dlib` makes of the picture.
      input: { name: "histograms", width: 80, height: 80, colour: "rgb", mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
      outputs: { scores: "scores" },
      scoreThreshold: 0,
      preference: 0,
      provenance: {
        source: `get_frontal_face_detector of dlib ${dlib} (Davis E. King): its five filters, trained on Labeled Faces in the Wild, in a graph of this project's`,
        licence: "BSL-1.0 (dlib)",
        url: "https://github.com/davisking/dlib",
      },
    },
    id,
  );
  writeWhole(join(folder, manifest.file), bytes);
  writeWhole(join(folder, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return bytes.length;
}
