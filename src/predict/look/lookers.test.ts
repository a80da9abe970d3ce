import { expect, test } from "vitest";
import { portrait } from "../../../test/support/pictures.ts";
import { hashFile } from "../../files/files.node.ts";
import type { PictureTask } from "./looker.ts";
import { openLookers } from "./lookers.ts";

const sha256 = await hashFile(portrait);
/** Enough pieces that a second thread is started, where there is a second core: one picture, kept under many keys. */
const tasks = Array.from({ length: 140 }, (_, index): PictureTask => {
  const cut = { key: `key ${index}`, landmarks: undefined };
  return { path: portrait, sha256, faces: false, quality: false, networks: [0], cut };
});

test("every picture is looked at once, whichever thread does it, and all see the same", async () => {
  await using lookers = await openLookers({ networks: ["emotion"], faces: false });
  const rows = new Map<string, Float32Array>();
  let inWork = 0;
  await lookers.lookAt(tasks, async (piece, looks) => {
    // Pieces are told of one after the other: who writes needs no lock.
    expect(++inWork).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const [index, { described }] of looks.entries()) {
      expect(described!.key).toBe(piece[index]!.cut!.key);
      expect(rows.has(described!.key)).toBe(false);
      rows.set(described!.key, described!.rows[0]!);
    }
    inWork--;
  });
  expect(rows.size).toBe(tasks.length);
  const [first] = rows.values();
  expect(first!.length).toBe(7);
  for (const row of rows.values()) for (const [column, value] of row.entries()) expect(value).toBeCloseTo(first![column]!, 4);
});

test("the first failure ends the work and is told, and so is an abort", async () => {
  await using lookers = await openLookers({ networks: ["emotion"], faces: false });
  let pieces = 0;
  const full = lookers.lookAt(tasks, async () => {
    pieces++;
    return Promise.reject(new Error("the disk is full"));
  });
  await expect(full).rejects.toThrow("the disk is full");
  expect(pieces).toBe(1);
  const aborted = lookers.lookAt(tasks, async () => {}, AbortSignal.abort());
  await expect(aborted).rejects.toMatchObject({ code: "TF_ABORTED" });
});
