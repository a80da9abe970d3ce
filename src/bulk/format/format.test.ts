import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleAnalysis, sampleFace, sampleFailure } from "../../../test/support/outcomes.ts";
import type { AnalysisOutcome } from "../../analyze/analysis.ts";
import { builtInCsvTasks } from "../../analyze/outcome-csv.ts";
import { adienceAgeGroups, type BuiltInTask, builtInTasks } from "../../core/index.ts";
import { createOutcomeWriter, type OutcomeFormat, type OutcomeWriterOptions } from "./outcome-writer.ts";
import { bar, displayWidth, fitPath, printable } from "../../report/terminal.node.ts";

function written(format: OutcomeFormat, outcomes: readonly AnalysisOutcome[], options: Partial<OutcomeWriterOptions> = {}): string {
  const preset = { tasks: builtInCsvTasks(builtInTasks), ageGroups: adienceAgeGroups, isSinglePicture: false, width: 100, colour: false };
  const writer = createOutcomeWriter(format, { ...preset, ...options });
  return writer.begin() + outcomes.map((outcome) => writer.write(outcome)).join("") + writer.end();
}

const oneOfEach = [
  sampleAnalysis("photos/portrait.jpg"),
  sampleAnalysis("photos/group.jpg", [
    sampleFace(),
    sampleFace({ gender: { label: "male", confidence: 0.61, probabilities: { female: 0.39, male: 0.61 } } }),
  ]),
  sampleAnalysis("photos/wall.jpg", []),
  sampleFailure("photos/broken.jpg"),
];

describe("json", () => {
  test("jsonl has the contract's object in every line", () => {
    const lines = written("jsonl", oneOfEach).trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(oneOfEach);
  });

  test.each([0, 1, 4])("json is one array of %i", (count) => {
    expect(JSON.parse(written("json", oneOfEach.slice(0, count)))).toEqual(oneOfEach.slice(0, count));
  });
});

describe("numbers", () => {
  test("have the same few digits in every format; labels may be called as they like", () => {
    const third = 1 / 3;
    const face = sampleFace({
      box: { x: 10 + third, y: third, width: 100 + third, height: third },
      score: third,
      attributes: { shape: { label: "x", confidence: third, probabilities: { x: third, y: 2 * third, years: 0 } } },
    });
    const outcome = { ...sampleAnalysis("a.jpg", [face]), timings: { decodeMs: third, detectMs: 10 * third, classifyMs: 0 } };
    const [json] = JSON.parse(written("json", [outcome]));
    expect(JSON.parse(written("jsonl", [outcome]))).toEqual(json);
    expect(json.faces[0]).toMatchObject({
      box: { x: 10.33, y: 0.33, width: 100.33 },
      score: 0.333333,
      attributes: { shape: { confidence: 0.333333, probabilities: { x: 0.333333, y: 0.666667, years: 0 } } },
    });
    expect(json.timings).toEqual({ decodeMs: 0.3, detectMs: 3.3, classifyMs: 0 });
    expect(Object.keys(json.faces[0])).toEqual(Object.keys(face));
    const [row] = parse(written("csv", [outcome]), { columns: true }) as Record<string, string>[];
    expect(row).toMatchObject({ x: "10.33", box_width: "100.33", score: "0.333333" });
    expect(outcome.faces[0]!.score).toBe(third);
  });
});

describe("csv", () => {
  const rows = (text: string): Record<string, string>[] => parse(text, { columns: true });

  test("has a row a face, a row for a picture without any, and a row for an error", () => {
    const table = rows(written("csv", oneOfEach));
    expect(table.map(({ source, faces, face, error_code }) => [source, faces, face, error_code])).toEqual([
      ["photos/portrait.jpg", "1", "1", ""],
      ["photos/group.jpg", "2", "1", ""],
      ["photos/group.jpg", "2", "2", ""],
      ["photos/wall.jpg", "0", "", ""],
      ["photos/broken.jpg", "", "", "TF_IMAGE_CORRUPT"],
    ]);
    expect(table[0]).toMatchObject({
      age_years: "41.23",
      "age_38-43": "0.73",
      gender_female: "0.984",
      mood: "happy",
      mood_neutral: "0.02",
    });
    expect(table[0]!["age_group"]).toBe("38-43 years");
  });

  test("the columns follow the tasks", () => {
    const header = (tasks: readonly BuiltInTask[]): string => written("csv", [], { tasks: builtInCsvTasks(tasks) }).trim();
    expect(header(builtInTasks)).toMatchSnapshot();
    expect(header(["mood"])).not.toMatch(/age_|gender/);
  });

  test("any text comes back as it was, and none begins like a formula", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (source) => {
        const cell = rows(written("csv", [sampleAnalysis(source)]))[0]!["source"]!;
        expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
        expect(cell.startsWith("'") && !source.startsWith("'") ? cell.slice(1) : cell).toBe(source);
      }),
    );
  });
});

describe("table", () => {
  test("several pictures are rows", () => {
    expect(`\n${written("table", oneOfEach)}`).toMatchSnapshot();
  });

  test("one picture shows every probability", () => {
    expect(`\n${written("table", oneOfEach.slice(0, 1), { isSinglePicture: true })}`).toMatchSnapshot();
  });

  test("the years in brackets are told by what they are meant to hold: true ages, not probability", () => {
    const legend = written("table", oneOfEach.slice(0, 1), { isSinglePicture: true });
    expect(legend).toContain("Years in brackets: meant to hold the true age for 8 of 10 faces.\n");
    expect(written("table", oneOfEach.slice(0, 1), { isSinglePicture: true, tasks: builtInCsvTasks(["mood"]) })).not.toContain("brackets");
  });

  test("one picture of many faces is rows again", () => {
    const text = written(
      "table",
      [
        sampleAnalysis(
          "crowd.jpg",
          Array.from({ length: 12 }, () => sampleFace()),
        ),
      ],
      { isSinglePicture: true },
    );
    expect(text.split("\n").filter((line) => line.includes("happy"))).toHaveLength(12);
  });

  test("one picture that failed says what to do", () => {
    expect(written("table", [sampleFailure("a.jpg")], { isSinglePicture: true })).toBe(
      "a.jpg  failed: a.jpg ends early [TF_IMAGE_CORRUPT]\n  The picture is damaged or cut off; open and save it again.\n",
    );
  });

  test.each([60, 80, 100, 200])("rows keep to %i columns", (width) => {
    const rowsOnly = written("table", oneOfEach.slice(0, 3), { width }).split("\n");
    for (const line of rowsOnly) expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, 76));
  });

  test("a name that has no room in its column is told whole, on a line of its own", () => {
    const source = "holidays/2026/summer/beach-and-more.jpg";
    const [, heading, first, second] = written("table", [{ ...oneOfEach[1]!, source }], { width: 80 }).split("\n");
    expect(heading).toBe(source);
    expect(first).toMatch(/^ +1 +101 +41/);
    expect(second).toMatch(/^ +2 +101 +41/);
  });

  test("colours add nothing but colour", () => {
    const coloured = written("table", oneOfEach.slice(0, 1), { colour: true, isSinglePicture: true });
    expect(coloured).toContain("\u001B[1m");
    // oxlint-disable-next-line no-control-regex -- taking the colours out
    expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(written("table", oneOfEach.slice(0, 1), { isSinglePicture: true }));
  });

  test("a file's name cannot drive the terminal", () => {
    const text = written("table", [sampleAnalysis("a\u001B[2J\n\u202Egpj.jpg"), sampleFailure("b\u0007\r.jpg")]);
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/);
    expect(text.trimEnd().split("\n")).toHaveLength(3);
  });
});

describe("text", () => {
  test("a bar is as long as its share", () => {
    expect(bar(1, 8)).toBe("████████");
    expect(bar(0.5, 8)).toBe("████");
    expect(bar(0.01, 8)).toBe("▏");
    expect(bar(0.001, 8)).toBe("");
    expect(bar(2, 4)).toBe("████");
  });

  test("a path is cut from its beginning to exactly the width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }).map(printable), fc.integer({ min: 4, max: 40 }), (path, width) => {
        const fitted = fitPath(path, width);
        expect(displayWidth(fitted)).toBeLessThanOrEqual(width);
        expect(fitted.startsWith(path) || displayWidth(path) > width).toBe(true);
      }),
    );
    expect(fitPath("photos/summer/beach.jpg", 12)).toBe("…r/beach.jpg");
  });
});
