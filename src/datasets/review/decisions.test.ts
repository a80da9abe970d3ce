import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Decision, mergeDecisions, standingDecisions } from "./decisions.ts";
import { openDecisionLog, readDecisions } from "./decisions.node.ts";
import { describeConflicts } from "./merge.node.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const decision = (id: string): Decision => ({ id, task: "mood", reviewer: "ann", at: "2026-11-24T12:00:00Z", action: "keep" });
const line = (id: string): string => JSON.stringify(decision(id));

test.each([
  ["half written is cut off", `${line("a")}\n${line("b").slice(0, 20)}`, ["a", "c"]],
  ["without its line break gets it", `${line("a")}\n${line("b")}`, ["a", "b", "c"]],
  ["that is whole stays", `${line("a")}\n`, ["a", "c"]],
  ["of an empty file is none", "", ["c"]],
])("a last line %s before the next decision", async (_name, before, ids) => {
  const path = join(folder, "decisions.jsonl");
  await writeFile(path, before);
  {
    await using log = await openDecisionLog(path);
    await log.append(decision("c"));
  }
  expect(await readFile(path, "utf8")).toBe(ids.map((id) => `${line(id)}\n`).join(""));
});

test("a new file begins with the first decision, and one that grows beside is not written over", async () => {
  const path = join(folder, "decisions.jsonl");
  await using log = await openDecisionLog(path);
  await log.append(decision("a"));
  await appendFile(path, `${line("b")}\n`);
  await log.append(decision("c"));
  expect(await readFile(path, "utf8")).toBe(["a", "b", "c"].map((id) => `${line(id)}\n`).join(""));
});

test("two words of one reviewer at one moment, on two machines say, are both kept by a merge", () => {
  const said = (label: string): Decision => ({ ...decision("a"), action: "relabel", label });
  const { decisions } = mergeDecisions([[said("sad")], [said("happy")], [said("sad")]]);
  expect(decisions).toHaveLength(2);
  expect(decisions).toEqual(expect.arrayContaining([said("happy"), said("sad")]));
});

test("a disagreement tells a decision from a class that is called like one", () => {
  const said: Decision = { ...decision("a"), reviewer: "bob", action: "relabel", label: "keep" };
  expect(describeConflicts(mergeDecisions([[decision("a")], [said]]))).toBe("  a (mood): ann: keep, bob: → keep\n");
});

test("of two words the later one counts, however finely their times are written", () => {
  const first: Decision = { ...decision("a"), at: "2026-11-24T12:00:00Z" };
  const second: Decision = { ...decision("a"), action: "drop", at: "2026-11-24T12:00:00.500Z" };
  expect([...standingDecisions([second, first]).values()]).toEqual([second]);
});

test("a line that is no decision is named as an editor numbers it, empty ones too", async () => {
  const path = join(folder, "decisions.jsonl");
  await writeFile(path, `${line("a")}\n\n\nkeep it\n${line("b")}\n`);
  await expect(readDecisions(path)).rejects.toMatchObject({ code: "TF_DATASET_INVALID", message: expect.stringContaining("line 4 ") });
});
