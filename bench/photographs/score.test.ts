import { expect, test } from "vitest";
import { fairFaceAgeGroups } from "../../src/core/index.ts";
import type { FoundFace } from "../engines/engine.ts";
import type { Photograph } from "./pictures.ts";
import { judge, renderVerdicts } from "./score.ts";

const forties = fairFaceAgeGroups.findIndex(({ name }) => name === "40-49");
const photograph: Photograph = {
  id: "a",
  path: "a.jpg",
  gender: "female",
  ageGroup: forties,
  crop: { left: 68, top: 48, side: 64 },
  faceSize: 40,
};
const there: FoundFace = { box: { x: 82, y: 58, width: 38, height: 42 }, years: 39.6, gender: "female" };
const elsewhere: FoundFace = { ...there, box: { ...there.box, x: 300 } };

test("a box on the face is found, and years are rounded to their group", () => {
  expect(judge(photograph, [elsewhere, there])).toMatchObject({
    found: there,
    isGenderRight: true,
    isAgeGroupRight: true,
    falseAlarms: 1,
  });
});

test("a face in profile stands beside the middle of its crop, and a box may be large", () => {
  const atTheSide = { ...there, box: { ...there.box, x: 52 } };
  expect(judge(photograph, [atTheSide]).found).toBe(atTheSide);
  const large = { ...there, box: { x: 40, y: 10, width: 140, height: 140 } };
  expect(judge(photograph, [large, there])).toMatchObject({ found: there, falseAlarms: 0 });
  expect(judge(photograph, [large]).found).toBe(large);
});

test("the group that an engine names counts more than its years", () => {
  expect(judge(photograph, [{ ...there, ageGroup: "30-39" }])).toMatchObject({ isAgeGroupRight: false, ageGroup: forties - 1 });
});

test("a face that is not found, or of which nothing is said, is wrong", () => {
  const wrong = { isGenderRight: false, isAgeGroupRight: false, ageGroup: undefined };
  expect(judge(photograph, [elsewhere])).toMatchObject({ found: undefined, ...wrong });
  expect(judge({ ...photograph, ageGroup: 0 }, [{ box: there.box }])).toMatchObject({ found: { box: there.box }, ...wrong });
});

test("the table counts every face", () => {
  const verdicts = [judge(photograph, [there]), judge(photograph, [elsewhere])];
  const table = renderVerdicts([{ name: "somebody", version: "1", setup: "as it is", verdicts }]);
  expect(table).toMatch(/\| somebody \| 2 \| 50\.0 % \(0\.0 to 100\.0\) \| 50\.0 % \(.*\) \| 50\.0 % \(.*\) \| 1 \|/);
});
