import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { genders, maximumAge } from "../../src/core/index.ts";
import { packageVersion } from "../../src/files/package.node.ts";
import { decodeModel, encodeModel, exposeFeatures, type Graph, removeUnused } from "../../src/graph/index.ts";
import type { HeadManifest } from "../../src/models/index.ts";
import { openModels, predictSource } from "../../src/predict/index.ts";

/** What a network sees and says of a face. */
export interface SeenFace {
  readonly id: string;
  /** One person's pictures and near-copies share it. */
  readonly subject: string;
  readonly features: Float32Array;
  readonly distribution: readonly number[];
  readonly female: number;
  /** Undefined where it is not labelled exactly. */
  readonly age: number | undefined;
  readonly gender: string | undefined;
}

export interface FaceRequest {
  readonly set: string;
  readonly split: string;
  readonly path: "crop" | "photo";
  /** Faces that are drawn at most. @default all */
  readonly limit?: number | undefined;
}

const seenTask = "seen";

/** The graph without tails that were fitted before. */
export function readGraph(folder: string, { file, outputs }: HeadManifest): Graph {
  const graph = decodeModel(readFileSync(join(folder, file)));
  const wanted = new Set(outputs.map(({ output }) => output));
  return removeUnused({ ...graph, outputs: graph.outputs.filter(({ name }) => wanted.has(name)) });
}

/**
 * Writes a model that also tells what it sees, as if these were tags: so its faces are found and cut out as always.
 * @returns the path of its manifest
 */
export function writeSeer(graph: Graph, manifest: HeadManifest, folder: string): string {
  const exposed = exposeFeatures(graph, "features");
  const width = exposed?.outputs.find(({ name }) => name === "features")?.shape[1];
  if (exposed === undefined || typeof width !== "number") throw new Error(`"${manifest.id}" has no features`);
  const bytes = encodeModel(exposed, { compact: true });
  const id = `${manifest.id}-seen`;
  const labels = Array.from({ length: width }, (_, index) => `f${index}`);
  const outputs = manifest.outputs.map((output) => ({ ...output, intervalTails: undefined }));
  const seen = { task: seenTask, kind: "tags", output: "features", activation: "sigmoid", labels };
  const described = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), outputs: [...outputs, seen] };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.onnx`), bytes);
  writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...manifest, id, file: `${id}.onnx`, ...described }));
  return join(folder, `${id}.json`);
}

/** Asks it about the found faces of a set; what it says is kept beside it. */
export async function readFaces(seer: string, { set, split, path, limit }: FaceRequest): Promise<SeenFace[]> {
  const { platform, ids } = await openModels([seer], packageVersion());
  const never = new AbortController().signal;
  const kept = join(dirname(seer), `${ids[0]}-${set}-${split}-${path}.jsonl`);
  console.error(`${set}, ${split}, ${path}${existsSync(kept) ? ", as far as it is not kept" : ""}`);
  const { faces, predictions } = await predictSource(
    {
      data: `.data/imported/${set}`,
      format: undefined,
      formatOptions: {},
      split,
      models: ids,
      path,
      limit,
      seed: 1,
      detector: "blazeface",
      device: undefined,
      flipAveraging: undefined,
      predictions: kept,
    },
    platform,
    { onProgress: () => undefined, stopping: never, now: never },
  );
  return faces.flatMap((face): SeenFace[] => {
    const row = predictions.rows.get(face.id);
    const answers = row?.answers[ids[0]!];
    const [seen, distribution, gender] = [answers?.[seenTask], answers?.age, answers?.gender];
    if (row?.found !== true || seen === undefined || distribution === undefined || gender === undefined) return [];
    const { age, gender: labelled } = face.labels;
    return [
      {
        id: `${set}/${face.id}`,
        subject: `${set}/${face.subjectId ?? face.id}`,
        features: Float32Array.from(seen, (share) => Math.log(share / (1 - share))),
        distribution,
        female: gender[genders.indexOf("female")]!,
        age: age !== undefined && age.low === age.high ? Math.min(age.low, maximumAge) : undefined,
        gender: labelled,
      },
    ];
  });
}
