import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { float32Tensor, type Float32Tensor, moods, builtInTasks } from "../../src/core/index.ts";
import { defaultHead, type ModelManifest, parseModelIndex } from "../../src/models/index.ts";
import { measuredModelFolders, openModelFolders } from "../../src/models/models.node.ts";
import type { InferenceSession } from "../../src/runtime/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";

/** What holds for every model that is installed, whoever made it. */
const store = openModelFolders(measuredModelFolders());
const manifests = await store.manifests();

test("the package has what an analyzer needs", () => {
  expect(manifests.filter(({ kind }) => kind === "detector").length).toBeGreaterThanOrEqual(2);
  expect(manifests.some(({ kind }) => kind === "landmarks")).toBe(true);
  const told = manifests.flatMap((manifest) => (manifest.kind === "head" ? manifest.outputs.map(({ task }) => task) : []));
  expect(new Set(told)).toEqual(new Set(["age", "gender", "mood"]));
});

test("the default heads are the project's own, 8 MB in all at most", () => {
  const defaults = new Set(builtInTasks.map((task) => defaultHead(manifests, task)));
  for (const { provenance } of defaults)
    expect(provenance.training).toMatchObject({ trainedOn: expect.any(Array), selectedOn: expect.any(Array) });
  expect([...defaults].reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(8e6);
});

test("rivals that are only measured against are offered to nobody", async () => {
  const rivals = manifests
    .filter(({ title }) => title.endsWith("(rival)"))
    .map(({ id }) => id)
    .toSorted();
  expect(rivals).toEqual(["face-api-age-gender", "face-api-expression"]);
  const installed = (await openModelFolders().manifests()).map(({ id }) => id);
  expect(installed.filter((id) => rivals.includes(id))).toEqual([]);
  const { models } = parseModelIndex(await readFile("models/index.json", "utf8"), "models/index.json");
  expect(models.map(({ manifest }) => manifest.id).filter((id) => rivals.includes(id))).toEqual([]);
});

/** dlib's filters look at gradient histograms of a whole level, whatever its size; the others at pictures of one size. */
const looksAtHistograms = (manifest: ModelManifest): boolean => manifest.kind === "detector" && manifest.decoder === "dlib";

describe.each(manifests.map((manifest) => [manifest.id, manifest] as const))("model %s", (_, manifest) => {
  let session: InferenceSession;
  beforeAll(async () => {
    session = await createNodeRuntime().load(await store.read(manifest));
    return async () => session.dispose();
  });

  test.runIf(looksAtHistograms(manifest))("takes histograms of 18 directions in any number of cells, and scores each place", async () => {
    const [rows, columns] = [14, 17];
    const histograms = float32Tensor([1, rows, columns, 18]);
    const { scores } = await session.run({ [manifest.input.name]: histograms }, outputNames(manifest));
    expect(session.inputs).toMatchObject([{ name: manifest.input.name, type: "float32" }]);
    expect([scores!.type, scores!.shape.length, scores!.shape[1]]).toEqual(["float32", 4, 5]);
    expect(scores!.data.every((value: number | bigint) => Number.isFinite(Number(value)))).toBe(true);
  });

  test.skipIf(looksAtHistograms(manifest))("takes what its manifest says, any number at once", () => {
    const { name, width, height } = manifest.input;
    const channels = manifest.input.colour === "grey" ? 1 : 3;
    expect(session.inputs).toHaveLength(1);
    const [input] = session.inputs;
    expect(input).toMatchObject({ name, type: "float32" });
    const expected = [undefined, channels, height, width];
    expect(input!.shape.map((size, axis) => (typeof size === "number" ? size : expected[axis]))).toEqual(expected);
    expect(typeof input!.shape[0]).toBe("string");
    expect(manifest.input.mean).toHaveLength(channels);
    expect(manifest.input.standardDeviation).toHaveLength(channels);
  });

  test.skipIf(looksAtHistograms(manifest))("gives the outputs that its manifest names, one row a picture", async () => {
    const results = await session.run({ [manifest.input.name]: grey(manifest, 2) }, outputNames(manifest));
    for (const [name, tensor] of Object.entries(results)) {
      expect([name, tensor.type, tensor.shape[0]]).toEqual([name, "float32", 2]);
      const finite = tensor.data.filter((value: number | bigint) => Number.isFinite(Number(value)));
      expect([name, finite.length]).toEqual([name, tensor.data.length]);
    }
    if (manifest.kind !== "head") return;
    for (const { output, labels, activation } of manifest.outputs) {
      const { data } = results[output]!;
      const columns = data.length / 2;
      expect([1, labels.length]).toContain(columns);
      if (activation !== "none" || columns === 1) continue;
      const sum = Array.from(data.slice(0, columns), Number).reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(1, 4);
    }
  });

  test("says where it comes from and under which licence", () => {
    expect(manifest.provenance.source.length).toBeGreaterThan(10);
    expect(manifest.provenance.licence.length).toBeGreaterThan(2);
  });

  test("names its labels in the words of the product", () => {
    const outputs = manifest.kind === "head" ? manifest.outputs : [];
    const known: Readonly<Record<string, (label: string) => boolean>> = {
      gender: (label) => label === "female" || label === "male",
      mood: (label) => moods.some((mood) => mood === label),
      age: (label) => /^\d+$/.test(label),
    };
    for (const { task, labels } of outputs) {
      expect(labels.filter((label) => !known[task]!(label))).toEqual([]);
      expect(new Set(labels).size).toBe(labels.length);
    }
    expect(new Set(outputs.map(({ task }) => task)).size).toBe(outputs.length);
  });
});

function outputNames(manifest: ModelManifest): string[] {
  return manifest.kind === "head" ? manifest.outputs.map(({ output }) => output) : Object.values(manifest.outputs);
}

/** Pictures of middle grey, as the network wants them. */
function grey({ input }: ModelManifest, count: number): Float32Tensor {
  const channels = input.mean.length;
  const plane = input.width * input.height;
  const tensor = float32Tensor([count, channels, input.height, input.width]);
  for (let index = 0; index < tensor.data.length; index++) {
    const channel = Math.floor(index / plane) % channels;
    tensor.data[index] = (127 - input.mean[channel]!) / input.standardDeviation[channel]!;
  }
  return tensor;
}
