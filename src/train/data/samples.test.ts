import { describe, expect, test } from "vitest";
import type { FaceRecord } from "../../datasets/record.ts";
import { splitOfKey } from "../../datasets/splits.ts";
import { rolesOf } from "./samples.node.ts";

function record(id: string, more: Partial<FaceRecord> = {}): FaceRecord {
  return { id, file: `${id}.png`, sha256: id, width: 48, height: 48, labels: {}, source: "test", split: "train", ...more };
}

const tenth = { train: "train", validation: { fraction: 0.1 } } as const;

describe("which records validate", () => {
  test("a share of the training records, subjects and groups whole where they overlap", () => {
    // Two photographs of each subject, one of which has a copy.
    const records = Array.from({ length: 200 }, (_, n) => [
      record(`${n}-a`, { subjectId: `s${n}`, group: `g${n}` }),
      record(`${n}-b`, { subjectId: `s${n}` }),
      record(`${n}-c`, { group: `g${n}` }),
    ]).flat();
    const roles = rolesOf(records, tenth);
    for (let n = 0; n < 200; n++) expect(new Set(["a", "b", "c"].map((photo) => roles.get(`${n}-${photo}`))).size).toBe(1);
    const validating = [...roles.values()].filter((role) => role === "validation").length / 3;
    expect(validating).toBeGreaterThan(8);
    expect(validating).toBeLessThan(35);
  });

  test("where a set stands is told by its own keys: other records move nothing", () => {
    const records = Array.from({ length: 100 }, (_, n) => record(`r${n}`, { subjectId: `s${n % 40}` }));
    const roles = rolesOf(records, tenth);
    const fewer = rolesOf(records.slice(20, 60), tenth);
    for (const [id, role] of fewer) expect(roles.get(id)).toBe(role);
  });

  test.each([0.02, 0.05, 0.3])("%d of what an import has left for training, whatever the import had cut", (fraction) => {
    const records = Array.from({ length: 4000 }, (_, n) => record(`r${n}`)).filter(({ sha256 }) => splitOfKey(sha256) === "train");
    const roles = rolesOf(records, { train: "train", validation: { fraction } });
    const share = [...roles.values()].filter((role) => role === "validation").length / records.length;
    // Four standard errors of room.
    const room = 4 * Math.sqrt((fraction * (1 - fraction)) / records.length);
    expect(Math.abs(share - fraction)).toBeLessThan(room);
  });

  test("records of no concern have no role, and a validating split takes all of its records", () => {
    const records = [record("a"), record("b", { split: "validation" }), record("c", { split: "test" })];
    expect([...rolesOf(records, { train: "train", validation: { split: "validation" } })]).toEqual([
      ["a", "train"],
      ["b", "validation"],
    ]);
    expect([...rolesOf(records, { train: "train", validation: "none" })]).toEqual([["a", "train"]]);
    expect([...rolesOf(records, tenth)].map(([id]) => id)).toEqual(["a"]);
  });
});
