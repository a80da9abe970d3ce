import { expect, test } from "vitest";
import { chooseColumns, labelsOfWords, readLabels } from "./labelled-row.ts";

/** The labels of a row that programs of statistics or spreadsheets wrote. */
function read(row: Readonly<Record<string, unknown>>) {
  return readLabels((header) => row[header], { known: chooseColumns(Object.keys(row), undefined), own: [] });
}

test("an age with a fraction is the nearest year, and noted as mended", () => {
  expect(read({ age: "25.5" })).toEqual({ labels: { age: { low: 26, high: 26 } }, notes: ["age-rounded"] });
  expect(read({ age: 31.47, age_deviation: 4.25 })).toEqual({
    labels: { age: { low: 31, high: 31, deviation: 4.25 } },
    notes: ["age-rounded"],
  });
  expect(read({ age: "0.3" })).toEqual({ labels: { age: { low: 0, high: 0 } }, notes: ["age-rounded"] });
  expect(read({ age: "20.5-29.4" })).toEqual({ labels: { age: { low: 21, high: 29 } }, notes: ["age-rounded"] });
  expect(read({ age: "25.0" })).toEqual({ labels: { age: { low: 25, high: 25 } }, notes: [] });
  for (const age of ["151.2", "1.5.0", "25.", "1e1", "-1.5"]) expect(read({ age })).toMatchObject({ reason: "unknown-label" });
});

test("the ends of an age may be written as numbers of a table with gaps are", () => {
  expect(read({ age_low: "25.0", age_high: "32.0" })).toEqual({ labels: { age: { low: 25, high: 32 } }, notes: [] });
});

test("an end of an age that is not given is open, and noted: 60 and more is not 60", () => {
  const of = (low: number, high: number) => ({ labels: { age: { low, high } }, notes: ["age-open-ended"] });
  expect(read({ age_low: "60", age_high: "" })).toEqual(of(60, 100));
  expect(read({ age_low: "25.0", age_high: "NA" })).toEqual(of(25, 100));
  expect(read({ age_low: 70 })).toEqual(of(70, 100));
  expect(read({ age_low: "", age_high: "2" })).toEqual(of(0, 2));
  expect(read({ age_low: "70.4", age_high: "" })).toEqual({ ...of(70, 100), notes: ["age-rounded", "age-open-ended"] });
  expect(read({ age_low: "100", age_high: "" })).toEqual(of(100, 100));
  for (const age_low of ["old", "130", "-5"]) expect(read({ age_low })).toMatchObject({ reason: "unknown-label" });
  // The age itself says more.
  expect(read({ age: 63, age_low: 60, age_high: "" })).toEqual({ labels: { age: { low: 63, high: 63 } }, notes: [] });
  expect(read({ age: 63, age_low: 60, age_high: 69 })).toEqual({ labels: { age: { low: 60, high: 69 } }, notes: [] });
});

test.each(["NA", "NaN", "nan", "N/A", "#N/A", "<NA>", "null", "NULL", "None", "none"])(
  "%s is what a row does not tell, and what it tells counts",
  (word) => {
    expect(
      read({ age: word, gender: "f", mood: word, mood_votes: word, race: word, age_low: word, age_high: word, age_deviation: word }),
    ).toEqual({
      labels: { gender: "female" },
      notes: [],
    });
    expect(read({ age: word, gender: word })).toMatchObject({ reason: "unlabelled" });
    // A class that is called so is none of ours, and one of the user's own.
    expect(labelsOfWords([word], { name: "mood" })).toBeUndefined();
    expect(labelsOfWords([word], { name: "glasses" })).toEqual({ attributes: { glasses: word } });
  },
);
