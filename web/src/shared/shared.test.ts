import { adienceAgeGroups, type Attributes, builtInTasks } from "tensorface/browser";
import { describe, expect, test } from "vitest";
import { createOutcomeWriter } from "../../../src/bulk/format/outcome-writer.ts";
import { sampleAnalysis, sampleFace, sampleFailure } from "../../../test/support/outcomes.ts";
import { withAgeCurves } from "../worker/age-curve.ts";
import { toContract, toCsv } from "./export.ts";
import type { PageFace } from "./protocol.ts";
import { blendAttributes, createSmoother } from "./smoothing.ts";
import { barRows, describeFace, explain, inWords, listFacts, outOf, percent, setInWords } from "./words.ts";
import { builtInCsvTasks } from "../../../src/analyze/outcome-csv.ts";

const point = { x: 0, y: 0 };
const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };

function faceAt(x: number, change: Partial<PageFace> = {}): PageFace {
  return { box: { x, y: 0, width: 100, height: 100 }, score: 0.9, landmarks, ...change };
}

function gender(female: number): Pick<PageFace, "gender"> {
  const label = female >= 0.5 ? "female" : "male";
  return { gender: { label, confidence: Math.max(female, 1 - female), probabilities: { female, male: 1 - female } } };
}

describe("words", () => {
  test.each([
    [0.97, "almost certain"],
    [0.8, "likely"],
    [0.6, "perhaps"],
    [0.59, "unclear"],
    // What stands beside the words is rounded: two faces of "95 %" are not told differently.
    [0.946, "almost certain"],
    [0.944, "likely"],
  ])("%s is %s", (confidence, words) => {
    expect(inWords(confidence)).toBe(words);
  });

  test("an answer is told as sure as it is", () => {
    expect(listFacts(faceAt(0, gender(0.9)), builtInTasks)).toEqual(["female"]);
    expect(listFacts(faceAt(0, gender(0.3)), builtInTasks)).toEqual(["perhaps male"]);
    expect(describeFace(faceAt(0, gender(0.55)), 1, builtInTasks)).toBe("Face 2: gender unclear");
    expect(describeFace(faceAt(0), 0, builtInTasks)).toBe("Face 1");
  });

  test("a face is described by what the visitor wants to know, and by nothing else", () => {
    expect(describeFace(sampleFace(), 0, builtInTasks)).toBe("Face 1: about 41 years, female, happy");
    expect(describeFace(sampleFace(), 0, ["age", "gender"])).toBe("Face 1: about 41 years, female");
    expect(describeFace(sampleFace(), 0, [])).toBe("Face 1");
  });

  test("nothing is certain or impossible", () => {
    expect([0.001, 0.004, 0.5, 0.9951, 1, 0].map(percent)).toEqual(["<1 %", "<1 %", "50 %", ">99 %", "100 %", "0 %"]);
  });

  test("bars stand most probable first, those of ordered groups as the groups follow each other", () => {
    const probabilities = { "5": 0.1, "10": 0.2, "under 5": 0.7 };
    expect(barRows(probabilities).map(([label]) => label)).toEqual(["under 5", "10", "5"]);
    const labels = ["under 5", "5", "10"];
    expect(barRows(probabilities, { kind: "classes", labels })).toEqual([
      ["under 5", 0.7],
      ["10", 0.2],
      ["5", 0.1],
    ]);
    expect(barRows(probabilities, { kind: "ordered", labels })).toEqual([
      ["under 5", 0.7],
      ["5", 0.1],
      ["10", 0.2],
    ]);
  });

  test.each([
    [0.8, "8 of 10"],
    [0.9, "9 of 10"],
    [0.95, "95 of 100"],
  ])("a share of faces: %s is %s", (share, words) => {
    expect(outOf(share)).toBe(words);
  });

  test.each([
    [["happy", "surprise"], "happy or surprise: one of them is right for 9 of 10 faces."],
    [["happy"], "happy: it is right for 9 of 10 faces."],
    [["happy", "sad", "surprise"], "The picture does not tell: each of them may be right."],
  ])("a set of labels in words: %j", (labels, words) => {
    expect(setInWords({ labels, level: 0.9 }, 3)).toBe(words);
  });

  test("an error is a sentence with what to do; a file keeps its name's first letter", () => {
    const error = { code: "TF_IMAGE_CORRUPT", hint: "Save it again." } as const;
    expect(explain({ ...error, message: "photo.jpg is cut off" })).toBe("photo.jpg is cut off. Save it again.");
    expect(explain({ ...error, message: "the picture ends early" })).toBe("The picture ends early. Save it again.");
  });

  test.each([
    ["TF_IMAGE_FORMAT_UNSUPPORTED", "Use JPEG, PNG, WebP, AVIF or GIF."],
    ["TF_IMAGE_TOO_LARGE", "Scale the picture down."],
  ] as const)("what only programs can do about %s is not asked of visitors", (code, todo) => {
    const error = { code, message: "photo.heic is none that is read", hint: "npm install libheif-js, or raise the limit." };
    expect(explain(error)).toBe(`photo.heic is none that is read. ${todo}`);
  });
});

describe("smoothing", () => {
  test("classes of other tasks are calmed too; what is like none of the examples is told at once", () => {
    const told = (yes: number): Attributes => ({
      glasses: { label: yes >= 0.5 ? "yes" : "no", confidence: Math.max(yes, 1 - yes), probabilities: { yes, no: 1 - yes } },
    });
    const later = blendAttributes(told(1), told(0), 400)!["glasses"];
    expect(later).toMatchObject({ probabilities: { yes: expect.closeTo(0.5, 6), no: expect.closeTo(0.5, 6) } });
    const none: Attributes = { glasses: { label: null, confidence: 0.9, probabilities: { yes: 0.9, no: 0.1 }, novelty: 1 } };
    expect(blendAttributes(told(1), none, 1)).toEqual(none);
    expect(blendAttributes(none, told(1), 1)).toEqual(told(1));
    expect(blendAttributes(told(1), undefined, 1)).toBeUndefined();
  });

  test("an answer moves half of the way in its half-life, a sudden one does not show at once", () => {
    const smoother = createSmoother();
    smoother.next([faceAt(0, gender(1))], 0);
    const [later] = smoother.next([faceAt(0, gender(0))], 400);
    expect(later!.gender!.probabilities.female).toBeCloseTo(0.5, 6);
    const [last] = smoother.next([faceAt(0, gender(0))], 10_000);
    expect(last!.gender).toMatchObject({ label: "male" });
  });

  test("a face that was only found keeps what was told of it; faces keep their places though their order changes", () => {
    const smoother = createSmoother();
    smoother.next([faceAt(0, gender(0.9)), faceAt(500, gender(0.1))], 0);
    const faces = smoother.next([faceAt(505), faceAt(3)], 50);
    expect(faces.map((face) => face.gender!.label)).toEqual(["female", "male"]);
    expect(faces[0]!.box.x).toBeGreaterThan(0);
    expect(faces[0]!.box.x).toBeLessThan(3);
  });

  test("a face that is gone is forgotten", () => {
    const smoother = createSmoother();
    smoother.next([faceAt(0, gender(0.9))], 0);
    expect(smoother.next([], 50)).toEqual([]);
    expect(smoother.next([faceAt(0)], 100)[0]!.gender).toBeUndefined();
  });
});

test("an age curve is all years, and the age beside it is told in the contract's groups", () => {
  const curve = Array.from({ length: 101 }, (_, year) => (year === 30 || year === 31 ? 0.5 : 0));
  const age = {
    years: 30.5,
    interval: { low: 30, high: 31, level: 0.8 },
    group: "30",
    probabilities: Object.fromEntries(curve.map((value, year) => [String(year), value])),
  };
  const analysis = { schema: "tensorface.analysis/1", source: "a", width: 1, height: 1, faces: [faceAt(0, { age })] } as const;
  const [face] = withAgeCurves({ ...analysis, timings: { decodeMs: 0, detectMs: 0, classifyMs: 0 } }).faces;
  expect(face!.ageCurve).toEqual(curve);
  expect(face!.age).toMatchObject({ years: 30.5, group: "25-32", probabilities: { "0-2": 0, "25-32": 1, "60+": 0 } });
  expect(Object.keys(toContract(face!, ["age"]))).toEqual(["box", "score", "landmarks", "age"]);
});

test.each([
  ["all tasks", builtInTasks],
  ["age alone", ["age"]],
  ["boxes alone", []],
] as const)("a spreadsheet is the command line's, byte for byte: %s", (_, tasks) => {
  const outcomes = [
    sampleAnalysis("-1+1.jpg", [sampleFace(), sampleFace({ box: { x: -3.456789, y: 0, width: 99.999, height: 100 } })]),
    sampleAnalysis('=cmd("x"),1.jpg', []),
    sampleFailure("letter.jpg"),
  ];
  const options = { tasks: builtInCsvTasks(tasks), ageGroups: adienceAgeGroups, isSinglePicture: false, width: 80, colour: false };
  const writer = createOutcomeWriter("csv", options);
  const onCommandLine = writer.begin() + outcomes.map((outcome) => writer.write(outcome)).join("") + writer.end();
  expect(toCsv(outcomes, tasks)).toBe(onCommandLine);
  expect(onCommandLine).toContain("\r\n'-1+1.jpg,512,512,2,1,");
});
