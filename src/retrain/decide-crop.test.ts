import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { decideCrop } from "./decide-crop.node.ts";
import { drawStripes } from "./testing.node.ts";

test("how pictures are cut does not change where one lies elsewhere, or others are not among those that are looked at", async () => {
  const folder = await mkdtemp(join(tmpdir(), "crop-"));
  try {
    await drawStripes(folder, "a.png", "lying", 1);
    const path = join(folder, "a.png");
    const hash = (number: number): string => String(number).padStart(64, "0");
    const pictures = Array.from({ length: 48 }, (_, index) => ({ path, sha256: hash(index) }));
    let looks = 0;
    const decide = (some: typeof pictures) =>
      decideCrop(some, "auto", { runtime: createNodeRuntime(), folder, onProgress: () => void looks++ });
    const decision = await decide(pictures);
    expect(decision).toMatchObject({ plan: { kind: "whole" }, reason: expect.stringContaining("0 of 48") });
    const looked = looks;
    expect(looked).toBeGreaterThan(0);
    expect(await decide(pictures.toReversed())).toEqual(decision);
    expect(await decide([{ path, sha256: hash(99) }, ...pictures, ...pictures.slice(0, 2)])).toEqual(decision);
    expect(looks).toBe(looked);
    await decide(pictures.slice(1));
    expect(looks).toBeGreaterThan(looked);
  } finally {
    await rm(folder, { recursive: true });
  }
});
