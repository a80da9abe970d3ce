import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { sampleAnalysis, sampleFace, sampleFailure } from "../../../test/support/outcomes.ts";
import { annotateFaces } from "../../analyze/annotate-faces.ts";
import type { AnalysisOutcome, Attributes } from "../../analyze/analysis.ts";
import { builtInCsvTasks, createOutcomeCsv } from "../../analyze/outcome-csv.ts";
import { describeAttribute } from "../../analyze/words.ts";
import { adienceAgeGroups } from "../../core/index.ts";
import { filledImage } from "../../image/index.ts";
import { drawnTasks } from "../../models/testing.ts";
import { readEarlierResults } from "../earlier-results.ts";
import { createOutcomeWriter, type OutcomeFormat } from "./outcome-writer.ts";
import type { WriterTask } from "./writer.ts";

/** One answer of each kind of task, as an analyzer gives it. */
const attributes: Attributes = {
  glasses: { label: "none", confidence: 0.93, probabilities: { glasses: 0.07, none: 0.93 }, novelty: 0.4 },
  wears: { labels: ["hat", "a mask, perhaps"], probabilities: { hat: 0.8, scarf: 0.1, "a mask, perhaps": 0.6 } },
  "age-group": {
    label: "25-32",
    confidence: 0.5,
    probabilities: { "0-2": 0, "4-6": 0, "8-12": 0, "15-20": 0.3, "25-32": 0.5, "38-43": 0.2, "48-53": 0, "60-100": 0 },
  },
  rating: { value: 7.25, interval: { low: 5.75, high: 8, level: 0.8 } },
};
const unlike: Attributes = {
  ...attributes,
  glasses: { label: null, confidence: 0.93, probabilities: { glasses: 0.07, none: 0.93 }, novelty: 1 },
};
const told = (sees: "face" | "picture"): WriterTask[] =>
  drawnTasks.map((task) => Object.assign({ sees, hasNovelty: task.name === "glasses", hasSet: task.name === "glasses" }, task));

function written(
  format: OutcomeFormat,
  outcomes: readonly AnalysisOutcome[],
  tasks: readonly WriterTask[],
  isSinglePicture = false,
): string {
  const writer = createOutcomeWriter(format, { tasks, ageGroups: adienceAgeGroups, isSinglePicture, width: 200, colour: false });
  return writer.begin() + outcomes.map((outcome) => writer.write(outcome)).join("") + writer.end();
}

const face = sampleAnalysis("a.jpg", [sampleFace({ attributes })]);
const picture = { ...sampleAnalysis("b.jpg", []), attributes };

describe.each([
  ["a face", "face", face],
  ["the whole picture", "picture", picture],
] as const)("what is told of %s beside the built-in tasks", (_, sees, outcome) => {
  const tasks = [...builtInCsvTasks(["gender"]), ...told(sees)];

  test("stands in CSV in columns that depend on the tasks alone", () => {
    const rows: Record<string, string>[] = parse(written("csv", [outcome], tasks), { columns: true });
    expect(rows[0]).toMatchObject({
      glasses: "none",
      glasses_confidence: "0.93",
      glasses_novelty: "0.4",
      glasses_glasses: "0.07",
      wears: "hat;a mask, perhaps",
      "wears_a mask, perhaps": "0.6",
      "age-group": "25-32",
      "age-group_60-100": "0",
      rating: "7.25",
      rating_low: "5.75",
      rating_high: "8",
    });
    const header = (outcomes: readonly AnalysisOutcome[]) => written("csv", outcomes, tasks).split("\r\n")[0];
    expect(header([outcome])).toBe(header([sampleAnalysis("c.jpg", []), sampleFailure("d.jpg")]));
  });

  test("stands in CSV that a later run can go on with", async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-own-tasks-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "results.csv");
    await writeFile(path, written("csv", [outcome], tasks));
    const { header } = createOutcomeCsv(tasks, adienceAgeGroups);
    const { tally } = await readEarlierResults(path, { format: "csv", header, tasks: [], ageGroups: [] });
    expect(tally).toEqual({ pictures: 1, faces: outcome.faces.length, failed: 0 });
  });

  test("stands in JSON Lines that a later run can go on with, and none that tells of others", async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-own-tasks-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "results.jsonl");
    const read = (asked: readonly WriterTask[]) =>
      readEarlierResults(path, { format: "jsonl", header: "", tasks: asked, ageGroups: adienceAgeGroups });
    const gender = sees === "face" ? builtInCsvTasks(["age", "gender", "mood"]) : [];
    const asked = [...gender, ...told(sees)];
    await writeFile(path, written("jsonl", [outcome], asked));
    expect((await read(asked)).tally).toEqual({ pictures: 1, faces: outcome.faces.length, failed: 0 });
    // A task that was not told of, and one that is not asked for.
    for (const others of [[...asked, { ...told(sees)[0]!, name: "more" }], asked.slice(0, -1)])
      await expect(read(others)).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining("it tells") });
    // What faces are told says nothing of a picture that has none.
    await writeFile(path, written("jsonl", [{ ...outcome, faces: [] }, sampleFailure("d.jpg")], asked));
    expect((await read([...asked, ...builtInCsvTasks(["mood"])])).tally).toEqual({ pictures: 2, faces: 0, failed: 1 });
  });

  test("stands in rows and cards of a table", () => {
    const rows = written("table", [outcome], tasks);
    for (const words of ["glasses", "none", "hat, a mask, perhaps", "unclear", "7.25 (5.75 to 8) points"]) expect(rows).toContain(words);
    const card = written("table", [outcome], tasks, true);
    for (const words of ["glasses none", "wears hat, a mask, perhaps", "rating 7.25 (5.75 to 8) points", "93 %", "scarf", "60-100"])
      expect(card).toContain(words);
    expect(card.includes("Picture\n")).toBe(sees === "picture");
  });

  test("stands in JSON as it is", () => {
    expect(JSON.parse(written("jsonl", [outcome], tasks))).toEqual(outcome);
    expect(JSON.parse(written("json", [outcome], tasks))).toEqual([outcome]);
  });

  test("changes an annotated picture", () => {
    const image = filledImage(512, 512, [90, 90, 90]);
    const without = sees === "face" ? sampleAnalysis("a.jpg") : sampleAnalysis("b.jpg", []);
    expect(annotateFaces(image, outcome).data).not.toEqual(annotateFaces(image, without).data);
  });
});

test("a calibrated model tells a set of labels: several are an answer too, all of them are none", () => {
  const classes = (labels: readonly string[]): Attributes => ({
    size: { label: "small", confidence: 0.5, probabilities: { small: 0.5, medium: 0.4, large: 0.1 }, set: { labels, level: 0.9 } },
  });
  const mood = { ...sampleFace().mood!, set: { labels: ["happy", "surprise"], level: 0.9 } } as const;
  const outcome = (labels: readonly string[]) => sampleAnalysis("a.jpg", [sampleFace({ mood, attributes: classes(labels) })]);
  const size: WriterTask = {
    name: "size",
    kind: "ordered",
    labels: ["small", "medium", "large"],
    sees: "face",
    hasNovelty: false,
    hasSet: true,
  };
  const tasks = [...builtInCsvTasks(["mood"]).map((task) => Object.assign(task, { hasSet: true })), size];
  const [row] = parse<Record<string, string>>(written("csv", [outcome(["small", "medium"])], tasks), { columns: true });
  expect(row).toMatchObject({ mood: "happy", mood_set: "happy;surprise", size: "small", size_set: "small;medium" });
  expect(written("table", [outcome(["small", "medium"])], tasks)).toContain("small or medium");
  expect(written("table", [outcome(["small", "medium", "large"])], tasks)).toContain("unclear");
  expect(JSON.parse(written("jsonl", [outcome(["small"])], tasks))).toEqual(outcome(["small"]));
  // Without a calibration there is no column.
  expect(written("csv", [sampleAnalysis("a.jpg")], builtInCsvTasks(["mood"]))).not.toContain("mood_set");
});

test("a face unlike all examples is none of the classes", () => {
  const outcome = sampleAnalysis("a.jpg", [sampleFace({ attributes: unlike })]);
  const rows: Record<string, string>[] = parse(written("csv", [outcome], told("face")), { columns: true });
  expect(rows[0]).toMatchObject({ glasses: "", glasses_novelty: "1", glasses_confidence: "0.93" });
  expect(written("table", [outcome], told("face"))).toContain("none of these");
  expect(describeAttribute("glasses", unlike["glasses"]!)).toBe("glasses: none of these");
});

test("a task that is called like another column gets a name of its own", () => {
  const task: WriterTask = { name: "score", kind: "number", sees: "face", hasNovelty: false, hasSet: false };
  const header = written("csv", [], [task, { ...task, name: "x" }])
    .split("\r\n")[0]!
    .split(",");
  expect(new Set(header).size).toBe(header.length);
  expect(header).toContain("attribute_score");
});

test("cards that have no room beside each other go below", () => {
  const tasks = [...builtInCsvTasks(["age", "gender", "mood"]), ...told("face")];
  const writer = createOutcomeWriter("table", { tasks, ageGroups: adienceAgeGroups, isSinglePicture: true, width: 80, colour: false });
  const lines = (writer.begin() + writer.write(face)).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.findIndex((line) => line.includes("rating 7.25"))).toBeGreaterThan(
    lines.findIndex((line) => line.includes("Mood happy")) + 3,
  );
});
