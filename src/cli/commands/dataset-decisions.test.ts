import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { importDataset } from "../../datasets/import/import.node.ts";
import { openDecisionLog } from "../../datasets/review/decisions.node.ts";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { dispatch } from "../dispatch.ts";
import { datasetCommand } from "./dataset.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dataset-decisions-"));
  await mkdir(at("pictures/happy"), { recursive: true });
  await writeFile(at("pictures/happy/a.png"), await encode(filledImage(4, 4, [9, 0, 0]), { format: "png" }));
  await importDataset("folder", at("pictures"), at("data"));
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function tensorface(...words: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const code = await dispatch(["dataset", ...words], {
    commands: { dataset: { summary: "", load: () => Promise.resolve(datasetCommand) } },
    version: "",
    print: (text) => said.push(text),
    report: (text) => said.push(text),
  });
  return { code: code ?? 0, said: said.join("") };
}

async function decide(name: string, reviewer: string): Promise<string> {
  const decision = { id: "folder/happy/a.png", task: "mood", reviewer, at: "2026-11-28T10:00:00.000Z", action: "drop" };
  await writeFile(at(name), `${JSON.stringify(decision)}\n`);
  return at(name);
}

const notFound = { code: 1, said: expect.stringContaining("[TF_INPUT_NOT_FOUND]") };

test("a file of decisions that is not there is never taken for one without decisions", async () => {
  const ada = await decide("ada.jsonl", "ada");
  expect(await tensorface("apply", at("data"), "--decisions", at("typo.jsonl"))).toEqual(notFound);
  expect(await tensorface("apply", at("data"))).toEqual(notFound);
  await expect(readFile(at("data/manifest.clean.jsonl"))).rejects.toThrow("ENOENT");
  expect(await tensorface("merge-decisions", ada, at("typo.jsonl"), "--out", at("merged.jsonl"))).toEqual(notFound);
  await expect(readFile(at("merged.jsonl"))).rejects.toThrow("ENOENT");
  expect(await tensorface("apply", at("data"), "--decisions", ada)).toMatchObject({ code: 0 });
});

test("what has to come before is named with its folder", async () => {
  const unranked = await tensorface("apply", at("data"));
  expect(unranked.said).toContain(`tensorface dataset clean ${at("data")}`);
  await writeFile(at("data/suspicion-mood.jsonl"), "");
  const ranked = await tensorface("apply", at("data"));
  expect(ranked.said).toContain(`tensorface dataset review ${at("data")}`);
  expect(ranked.said).not.toContain("dataset clean");
});

test("decisions on what the dataset does not have are told", async () => {
  const say = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const decision = { id: "folder/happy/a.png", task: "mood", reviewer: "ada", at: "2026-11-28T10:00:00.000Z", action: "drop" };
  const others = [
    { ...decision, task: "glasses" },
    { ...decision, id: "folder/happy/b.png" },
    { ...decision, action: "keep", given: "sad" },
  ];
  await writeFile(at("ada.jsonl"), others.map((each) => `${JSON.stringify(each)}\n`).join(""));
  expect(await tensorface("apply", at("data"), "--decisions", at("ada.jsonl"))).toMatchObject({ code: 0 });
  const told = say.mock.calls.map(([text]) => String(text)).join("");
  expect(told).toContain("2 decisions are about faces or tasks");
  expect(told).toContain("1 decision is about a label that is another by now");
});

test("decisions are not merged into a file that a review has open", async () => {
  const [ada, grace] = [await decide("ada.jsonl", "ada"), await decide("grace.jsonl", "grace")];
  {
    await using _review = await openDecisionLog(ada);
    const { code, said } = await tensorface("merge-decisions", ada, grace, "--out", ada);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining("[TF_FOLDER_BUSY]") });
  }
  expect(await tensorface("merge-decisions", ada, grace, "--out", ada)).toMatchObject({ code: 0 });
});

test("merged decisions replace one of the merged files, never another", async () => {
  const [ada, grace] = [await decide("ada.jsonl", "ada"), await decide("grace.jsonl", "grace")];
  const other = await decide("other.jsonl", "joan");
  const before = await readFile(other, "utf8");
  expect(await tensorface("merge-decisions", ada, grace, "--out", other)).toEqual({
    code: 1,
    said: expect.stringMatching(/other\.jsonl.*\n.*\[TF_DATASET_CONFLICT\]/),
  });
  expect(await readFile(other, "utf8")).toBe(before);
  // By another spelling of its path too.
  expect(await tensorface("merge-decisions", ada, grace, "--out", at("pictures/../ada.jsonl"))).toMatchObject({ code: 0 });
  expect((await readFile(ada, "utf8")).trimEnd().split("\n")).toHaveLength(2);
});
