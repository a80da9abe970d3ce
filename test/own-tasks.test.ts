import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import sharp from "sharp";
import { createAnalyzer, type FaceAnalysis, isTensorFaceError } from "../src/_entries/node.ts";
import type { ErrorCode, TaskDefinition } from "../src/core/index.ts";
import { makeModelFile } from "../src/models/index.ts";
import { drawnManifest, drawnModel, drawnNetwork, type DrawnModelOptions, drawnTasks } from "../src/models/testing.ts";
import { portrait } from "./support/pictures.ts";

/** Models that a user brings along, of every kind of task, on the way through the library. */
let folder: string;
let red: string;
const path = (task: TaskDefinition): string => join(folder, `${task.name}.onnx`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-tasks-"));
  red = join(folder, "red.png");
  for (const task of drawnTasks) await writeFile(path(task), await drawnModel(task));
  await sharp({ create: { width: 300, height: 200, channels: 3, background: "#ff0000" } })
    .png()
    .toFile(red);
});
afterAll(() => rm(folder, { recursive: true }));

const expected = {
  classes: {
    label: expect.stringMatching(/^(glasses|none)$/),
    confidence: expect.any(Number),
    probabilities: { glasses: expect.any(Number), none: expect.any(Number) },
  },
  tags: {
    labels: expect.any(Array),
    probabilities: { hat: expect.any(Number), scarf: expect.any(Number), "a mask, perhaps": expect.any(Number) },
  },
  ordered: {
    label: expect.any(String),
    confidence: expect.any(Number),
    probabilities: expect.objectContaining({ "60-100": expect.any(Number) }),
  },
  number: { value: expect.any(Number), interval: { low: expect.any(Number), high: expect.any(Number), level: 0.8 } },
} as const;

describe.each(drawnTasks)("a model that tells $kind", (task) => {
  test("answers under its name, beside what is built in", async () => {
    await using analyzer = await createAnalyzer({ models: [path(task)], workers: 0 });
    const { faces, attributes } = await analyzer.analyze(portrait);
    expect(faces).toHaveLength(1);
    expect(faces[0]).toMatchObject({
      age: { years: expect.any(Number) },
      gender: { label: "female" },
      mood: { label: expect.any(String) },
    });
    expect(faces[0]!.attributes).toEqual({ [task.name]: expected[task.kind] });
    expect(attributes).toBeUndefined();
  });

  test("alone, of a whole picture, looks for no face", async () => {
    await using analyzer = await createAnalyzer({ models: [await drawnModel(task, { sees: "picture" })], tasks: [task.name], workers: 0 });
    expect(analyzer.models).toEqual([`drawn-${task.kind}`]);
    const { faces, attributes } = await analyzer.analyze(red);
    expect(faces).toEqual([]);
    expect(attributes).toEqual({ [task.name]: expected[task.kind] });
  });

  test("answers the same in a thread beside", async () => {
    const options = { models: [path(task)], tasks: [task.name] };
    await using alone = await createAnalyzer({ ...options, workers: 0 });
    await using helped = await createAnalyzer({ ...options, workers: 1 });
    const pictures = Array.from({ length: 24 }, () => portrait);
    const strip = ({ faces }: FaceAnalysis) => faces.map(({ attributes }) => attributes);
    const one = strip(await alone.analyze(portrait));
    for await (const outcome of helped.analyzeAll(pictures)) expect("error" in outcome ? outcome : strip(outcome)).toEqual(one);
  });
});

describe("whole pictures", () => {
  const [glasses] = drawnTasks;
  const analyze = async (options: DrawnModelOptions, picture = red): Promise<FaceAnalysis> => {
    await using analyzer = await createAnalyzer({
      models: [await drawnModel(glasses, { ...options, sees: "picture" })],
      tasks: ["glasses"],
      workers: 0,
    });
    return analyzer.analyze(picture);
  };

  test("are pressed into the network's input, or their middle is seen", async () => {
    const bars = join(folder, "bars.png");
    const middle = await sharp({ create: { width: 100, height: 100, channels: 3, background: "#ff0000" } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 300, height: 100, channels: 3, background: "#00ff00" } })
      .composite([{ input: middle, left: 100, top: 0 }])
      .png()
      .toFile(bars);
    const probability = async (fit: "stretch" | "middle") => {
      const { attributes } = await analyze({ changes: { fit } }, bars);
      const answer = attributes!["glasses"]!;
      return "label" in answer ? answer.probabilities["glasses"]! : Number.NaN;
    };
    expect(await probability("middle")).toBeCloseTo(1 / (1 + Math.exp(-8)), 3);
    expect(await probability("stretch")).toBeCloseTo(1 / (1 + Math.exp(8 / 3)), 1);
  });

  test("unlike all examples are none of the classes", async () => {
    const near = { quantiles: Array.from({ length: 101 }, (_, index) => index / 1000) };
    const far = { quantiles: Array.from({ length: 101 }, (_, index) => index / 100) };
    // The drawn distance of a red picture is a third.
    expect((await analyze(near)).attributes).toMatchObject({ glasses: { label: null, novelty: 1, confidence: expect.closeTo(0.9997, 3) } });
    expect((await analyze(far)).attributes).toMatchObject({ glasses: { label: "glasses", novelty: expect.closeTo(1 / 3, 2) } });
  });

  test("are told beside faces where both are asked for", async () => {
    const models = [await drawnModel(glasses, { sees: "picture" }), path(drawnTasks[3])];
    await using analyzer = await createAnalyzer({ models, workers: 0 });
    const analysis = await analyzer.analyze(portrait);
    expect(analysis.attributes).toEqual({ glasses: expected.classes });
    expect(analysis.faces[0]!.attributes).toEqual({ rating: expected.number });
    expect(analysis.faces[0]!.gender).toBeDefined();
  });
});

test("six moods without disgust, in their own order, take the place of the built-in ones", async () => {
  const labels = ["happy", "sad", "neutral", "angry", "surprise", "fear"];
  const six = await drawnModel({ name: "mood", kind: "classes", labels }, { id: "six" });
  await using analyzer = await createAnalyzer({ models: [six], workers: 0 });
  expect(analyzer.models).toContain("six");
  const [face] = (await analyzer.analyze(portrait)).faces;
  expect(Object.keys(face!.mood!.probabilities)).toEqual(labels);
  expect(face!.age).toBeDefined();
});

describe("what cannot be used is refused before anything is answered", () => {
  const [glasses] = drawnTasks;
  const codeOf = async (options: Parameters<typeof createAnalyzer>[0]): Promise<ErrorCode | undefined> => {
    try {
      await using _ = await createAnalyzer({ workers: 0, ...options });
      return undefined;
    } catch (error) {
      if (isTensorFaceError(error)) return error.code;
      throw error;
    }
  };
  const lying = (changes: Record<string, unknown>) =>
    makeModelFile(drawnNetwork(drawnManifest(glasses)), drawnManifest(glasses, { changes }));

  test("a task that nothing tells, and one that two models tell", async () => {
    expect(await codeOf({ tasks: ["glasses"] })).toBe("TF_MODEL_NOT_FOUND");
    expect(await codeOf({ models: [path(glasses), await drawnModel(glasses, { id: "other" })] })).toBe("TF_INVALID_ARGUMENT");
    expect(await codeOf({ models: ["blazeface"] })).toBe("TF_INVALID_ARGUMENT");
    expect(await codeOf({ tasks: ["no task"] })).toBe("TF_INVALID_ARGUMENT");
  });

  test("a network that is not what its manifest says", async () => {
    const [output] = drawnManifest(glasses).outputs;
    const three = { ...output, labels: ["a", "b", "c"] };
    expect(await codeOf({ models: [await lying({ outputs: [three] })] })).toBe("TF_MODEL_INVALID");
    expect(await codeOf({ models: [await lying({ outputs: [{ ...output, output: "moods" }] })] })).toBe("TF_MODEL_INVALID");
    const input = drawnManifest(glasses).input;
    expect(await codeOf({ models: [await lying({ input: { ...input, width: 16 } })] })).toBe("TF_MODEL_INVALID");
    expect(await codeOf({ models: [await lying({ input: { ...input, colour: "grey", mean: [0], standardDeviation: [1] } })] })).toBe(
      "TF_MODEL_INVALID",
    );
  });

  test("a file that is damaged or no model", async () => {
    const bytes = await drawnModel(glasses);
    expect(await codeOf({ models: [bytes.subarray(0, 300)] })).toBe("TF_MODEL_INVALID");
    expect(await codeOf({ models: [new Uint8Array(50)] })).toBe("TF_MODEL_INVALID");
    expect(await codeOf({ models: [join(folder, "nothing.onnx")] })).toBe("TF_MODEL_NOT_FOUND");
  });
});
