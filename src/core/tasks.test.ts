import { expect, test } from "vitest";
import { isTaskName, spellAsId, type TaskDefinition, taskDefinitionProblem } from "./index.ts";

test.each(["glasses", "age-group", "Brille_1", "Größe", "眼鏡", "0-to-10", "a".repeat(60)])('"%s" can name a task', (name) => {
  expect(isTaskName(name)).toBe(true);
});

test.each(["", "-a", "_a", "a b", "a/b", "a.b", "../a", "a\n", "a".repeat(61)])('"%s" cannot', (name) => {
  expect(isTaskName(name)).toBe(false);
});

test.each<[string, TaskDefinition]>([
  ["classes", { name: "glasses", kind: "classes", labels: ["glasses", "none"] }],
  ["one tag", { name: "wears", kind: "tags", labels: ["a hat"] }],
  ["groups", { name: "age-group", kind: "ordered", labels: ["0-2", "60+"] }],
  ["a number", { name: "rating", kind: "number", minimum: 1, maximum: 10, unit: "points" }],
  ["some of the moods, in another order", { name: "mood", kind: "classes", labels: ["sad", "happy"] }],
])("a definition of %s is sound", (_, task) => {
  expect(taskDefinitionProblem(task)).toBeUndefined();
});

test.each<[TaskDefinition, RegExp]>([
  [{ name: "a b", kind: "number" }, /cannot name a task/],
  [{ name: "age", kind: "ordered", labels: ["0-2", "4-6"] }, /built in and of kind "age".*another name/],
  [{ name: "mood", kind: "tags", labels: ["sad"] }, /built in/],
  [{ name: "years", kind: "age", labels: ["0", "1"] }, /"age" alone/],
  [{ name: "one", kind: "classes", labels: ["a"] }, /two labels or more, it has 1/],
  [{ name: "none", kind: "tags", labels: [] }, /one label or more/],
  [{ name: "space", kind: "classes", labels: ["a", " b"] }, /no space around/],
  [{ name: "empty", kind: "classes", labels: ["a", ""] }, /1 to 100/],
  [{ name: "case", kind: "classes", labels: ["Hat", "hat"] }, /"Hat" and "hat".*case/],
  [{ name: "composed", kind: "classes", labels: ["é", "e\u0301"] }, /case at most/],
  [{ name: "number", kind: "number", labels: ["1"] }, /no labels/],
  [{ name: "number", kind: "number", minimum: 5, maximum: 5 }, /not below/],
])("what contradicts itself is said: %o", (task, message) => {
  expect(taskDefinitionProblem(task)).toMatch(message);
});

test.each([
  ["My Model (1)", "my-model-1"],
  ["Größe_7.h5", "grosse-7-h5"],
  ["crème brûlée", "creme-brulee"],
  ["笑顔", "model"],
  ["--a--", "a"],
])("%s is spelled %s as an id", (name, id) => {
  expect(spellAsId(name, "model")).toBe(id);
});
