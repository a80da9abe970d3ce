import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { createRandom } from "../../src/core/index.ts";
import { decodeOutcome, type Outcome } from "./check.ts";
import { mutate, type SeedFile, seedFiles } from "./mutate.ts";

/** Enough to meet every mutation of every file several times; `npm run fuzz` runs as many as you like. */
const runs = 2500;
let files: readonly SeedFile[] = [];

beforeAll(async () => {
  files = await seedFiles();
});

it("decodes the undamaged files", async () => {
  for (const { bytes } of files) expect(await decodeOutcome(bytes)).toBe("decoded");
});

it(`gives a picture or a coded error for ${runs} damaged files`, async () => {
  const counts = new Map<Outcome, number>();
  const property = fc.asyncProperty(fc.nat(), fc.nat(files.length - 1), async (seed, index) => {
    const outcome = await decodeOutcome(mutate(files[index]!.bytes, createRandom(seed)));
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns: runs, seed: 20_261_124 });
  // The mutations are no use unless they reach the decoders and still leave some files whole.
  expect(counts.get("decoded")).toBeGreaterThan(runs / 20);
  expect(counts.get("TF_IMAGE_CORRUPT")).toBeGreaterThan(runs / 10);
  expect([...counts.keys()]).toContain("TF_IMAGE_FORMAT_UNSUPPORTED");
});

it("gives a coded error for bytes that are no picture at all", async () => {
  const outcomes = new Set<Outcome>();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      outcomes.add(await decodeOutcome(bytes));
    }),
    { numRuns: 500 },
  );
  expect(outcomes).not.toContain("decoded");
});
