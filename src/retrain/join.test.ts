import { expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { encodeModel } from "../graph/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { Backbone } from "./backbone.ts";
import { openBackbone, openInstalled } from "./open-backbone.ts";

function open(name: string): Promise<Backbone> {
  const store = openModelFolders();
  return openBackbone(name, (part) => openInstalled(store, part));
}

async function run({ graph, input }: Backbone, data: Float32Array): Promise<Float32Array> {
  const session = await createNodeRuntime().load(encodeModel(graph));
  const shape = [1, input.colour === "grey" ? 1 : 3, input.height, input.width];
  const results = await session.run({ [input.name]: { type: "float32", shape, data } });
  await session.dispose();
  return Float32Array.from(Object.values(results)[0]!.data, Number);
}

test("two networks side by side see what each sees alone", async () => {
  const [joined, face, mood] = await Promise.all(["age-gender+mood", "age-gender", "mood"].map(async (name) => open(name)));
  expect(joined!.columns).toBe(face!.columns + mood!.columns);
  expect(joined!.parts.map(({ id }) => id)).toEqual(["age-gender-10", "mood-9"]);
  const { width, height } = joined!.input;
  const random = createRandom(4);
  const waves = Array.from({ length: 5 }, () => ({ x: random.normal() / 20, y: random.normal() / 20, phase: random.uniform() * 6 }));
  const at = (x: number, y: number, channel: number): number =>
    128 +
    20 * waves.reduce((sum, wave, index) => sum + (index % 3 === channel ? 2 : 1) * Math.sin(wave.x * x + wave.y * y + wave.phase), 0);
  const plane = (w: number, h: number, value: (x: number, y: number, channel: number) => number, channels = 3): Float32Array =>
    Float32Array.from({ length: channels * w * h }, (_, index) => value(index % w, Math.floor(index / w) % h, Math.floor(index / w / h)));
  const together = await run(joined!, plane(width, height, at));
  // Where the first one's crop lies in the joined one, by where both want the eyes.
  const eye = (part: Backbone) => ({
    x: part.template!.landmarks.leftEye.x * part.input.width,
    y: part.template!.landmarks.leftEye.y * part.input.height,
  });
  const [left, top] = [Math.round(eye(joined!).x - eye(face!).x), Math.round(eye(joined!).y - eye(face!).y)];
  const alone = await run(
    face!,
    plane(face!.input.width, face!.input.height, (x, y, channel) => (at(x + left, y + top, channel) - 117) / 256),
  );
  for (const [column, value] of alone.entries()) expect(together[column]).toBeCloseTo(value, 3);
  expect(together.slice(face!.columns).some((value) => value > 0)).toBe(true);
});

test("what is no head, or has no such value, is no backbone", async () => {
  await expect(open("blazeface+mood")).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  await expect(open("mood:nowhere")).rejects.toMatchObject({ code: "TF_GRAPH_INVALID" });
});
