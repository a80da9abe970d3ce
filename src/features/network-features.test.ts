import { describe, expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { regionTransform, type RasterImage } from "../image/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { openDescriber } from "./network-features.node.ts";

/** Large spots of many colours: what a network says of it changes with what it is shown. */
function drawSpots(side: number): RasterImage {
  const random = createRandom(1);
  const colours = Array.from({ length: 8 * 8 * 3 }, () => random.integer(256));
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const spot = Math.floor((y * 8) / side) * 8 + Math.floor((x * 8) / side);
      data.set(colours.slice(spot * 3, spot * 3 + 3), (y * side + x) * 3);
    }
  }
  return { width: side, height: side, data };
}

describe("a network that describes faces", () => {
  const picture = drawSpots(256);
  const open = async (id: string) => openDescriber(openModelFolders(), createNodeRuntime(), id, { threads: 1 });

  test("our own that tells genders is shown each face twice: as it was taught to see it, and with more around", async () => {
    await using describer = await open("age-gender-10");
    const { parts, columns, manifest } = describer;
    const { width, height } = manifest.input;
    const answers = parts.filter(({ task }) => task === "gender");
    expect(answers.map(({ isWider, columns: classes }) => ({ isWider, classes }))).toEqual([
      { isWider: false, classes: 2 },
      { isWider: true, classes: 2 },
    ]);
    const batch = describer.createBatch(3);
    batch.write(0, picture, regionTransform({ x: 100, y: 80, width: 100, height: 100 }, width, height));
    // What the first is shown as wider, the second is shown as the face.
    batch.write(1, picture, regionTransform({ x: 85, y: 65, width: 130, height: 130 }, width, height));
    const rows = await batch.describe(2);
    expect(rows.length).toBe(2 * columns);
    const seen = parts.find(({ task }) => task === undefined)!;
    const half = seen.columns / 2;
    const pairs = [
      { taught: answers[0]!.from, wider: answers[1]!.from, count: 2 },
      { taught: seen.from, wider: seen.from + half, count: half },
    ];
    for (const { taught, wider, count } of pairs) {
      const first = rows.subarray(wider, wider + count);
      const off = first.map((value, column) => Math.abs(value - rows[columns + taught + column]!));
      const apart = first.map((value, column) => Math.abs(value - rows[taught + column]!));
      expect(Math.max(...off)).toBeLessThan(0.02 * Math.max(...apart));
    }
  });

  test.each(["mood", "emotion"])("%s is shown each face once", async (id) => {
    await using describer = await open(id);
    expect(describer.parts.filter(({ task }) => task === "mood")).toMatchObject([{ isWider: false, columns: 7 }]);
  });

  test("one of which it is not known how much it tells is refused, and let go of", async () => {
    const runtime = createNodeRuntime();
    let isLetGo = false;
    const load: typeof runtime.load = async (...asked) => {
      const session = await runtime.load(...asked);
      const dispose = async (): Promise<void> => {
        isLetGo = true;
        await session.dispose();
      };
      return { ...session, outputs: session.outputs.map(({ name, type }) => ({ name, type, shape: ["N", "classes"] })), dispose };
    };
    await expect(openDescriber(openModelFolders(), { ...runtime, load }, "mood")).rejects.toMatchObject({ code: "TF_SHAPE_MISMATCH" });
    expect(isLetGo).toBe(true);
  });
});
