import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config, FaceResult, Human } from "@vladmandic/human";
import type { BenchEngine, EngineResult, FoundFace } from "./engine.ts";
import { allowFileFetch, decodePixels, load, packageFolder, packageVersion, wasmFolder } from "./rivals.ts";

/**
 * human, set up for the same answers: its default detector, its face mesh (its crops need it), faceres for age and
 * gender, its emotion network; everything else off. Its cache between pictures is off too: each picture is analysed.
 */
const config = (folder: string): Partial<Config> => ({
  backend: "wasm",
  wasmPath: wasmFolder(),
  modelBasePath: pathToFileURL(join(folder, "models/")).href,
  cacheSensitivity: 0,
  debug: false,
  filter: { enabled: false },
  face: {
    enabled: true,
    detector: { enabled: true, maxDetected: 64, rotation: false, skipTime: 0 },
    mesh: { enabled: true },
    iris: { enabled: false },
    emotion: { enabled: true, skipTime: 0 },
    description: { enabled: true, skipTime: 0 },
    antispoof: { enabled: false },
    liveness: { enabled: false },
  },
  body: { enabled: false },
  hand: { enabled: false },
  object: { enabled: false },
  gesture: { enabled: false },
  segmentation: { enabled: false },
});

export async function loadHuman(): Promise<BenchEngine> {
  allowFileFetch();
  const folder = packageFolder("@vladmandic/human");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the build for Node with WASM has the types of the main one
  const library = load(join(folder, "dist/human.node-wasm.js")) as { Human: new (config: Partial<Config>) => Human };
  const human = new library.Human(config(folder));
  await human.load();
  const analyze = async (path: string): Promise<EngineResult> => {
    const { data, width, height } = await decodePixels(path);
    const tensor = human.tf.tensor(data, [1, height, width, 3], "int32");
    try {
      const { face, error } = await human.detect(tensor);
      if (error !== null && error !== undefined) throw new Error(`human: ${error}`);
      return { faces: face.map((one) => describe(one)) };
    } finally {
      human.tf.dispose(tensor);
    }
  };
  return {
    name: "human",
    version: await packageVersion("@vladmandic/human"),
    setup: "WASM with SIMD (its Node build has no threads), blazeface, facemesh, faceres, emotion",
    analyze,
    analyzeAll: async (paths) => {
      let faces = 0;
      for (const path of paths) faces += (await analyze(path)).faces.length;
      return faces;
    },
  };
}

function describe({ box: [x, y, width, height], age, gender }: FaceResult): FoundFace {
  return { box: { x, y, width, height }, years: age, gender: gender === "male" || gender === "female" ? gender : undefined };
}
