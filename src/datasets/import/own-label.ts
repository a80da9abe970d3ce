import {
  expectChoice,
  expectOptions,
  expectThat,
  expectType,
  isBuiltInTask,
  isTaskName,
  labelIndex,
  type TaskDefinition,
  taskDefinitionProblem,
  taskKinds,
  TensorFaceError,
} from "../../core/index.ts";
import type { AttributeLabel } from "../record.ts";
import { type TaskRequest, taskRequestNames } from "../tasks.ts";
import { isNoTagWord } from "./table-words.ts";

/** How labels are written in a source. */
export interface LabelWriting {
  /** Between tags. */
  readonly separator: string | RegExp;
  /** Whether `1,234` is less than two, and no thousand. @default false */
  readonly hasDecimalComma?: boolean | undefined;
}

/**
 * What a folder's name or a cell says of a task that is not built in; undefined where it is none of its labels, or no number
 * between its bounds.
 */
export function parseOwnLabel(text: string, task: TaskRequest, { separator, hasDecimalComma }: LabelWriting): AttributeLabel | undefined {
  const { kind = "classes" } = task;
  // Names of folders on a Mac are composed otherwise than those that people type.
  const word = text.normalize("NFC").trim();
  if (word === "") return undefined;
  if (kind === "number") {
    const value = parseNumber(word, hasDecimalComma);
    const { minimum = -Infinity, maximum = Infinity } = task;
    return Number.isFinite(value) && value >= minimum && value <= maximum ? value : undefined;
  }
  if (kind !== "tags") return known(word, task);
  if (isNoTagWord(word)) return [];
  const parts = word
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return knownTags(parts, task);
}

/** `3.5`, and as many countries write it `3,5` and `1.234,5`; NaN for anything else. */
function parseNumber(word: string, hasDecimalComma = false): number {
  const written = /^([+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)),(\d+)$/.exec(word);
  if (written === null) return Number(word);
  const [, whole = "", fraction = ""] = written;
  // In English a comma stands before three digits of a large number.
  const mayBeThousands = fraction.length === 3 && !/^[+-]?0|\./.test(whole);
  return mayBeThousands && !hasDecimalComma ? Number.NaN : Number(`${whole.replaceAll(".", "")}.${fraction}`);
}

/**
 * What a value of a JSON file says of a task that is not built in; undefined where it is none of its labels, or no number. A list is the
 * tags as they are.
 */
export function readOwnLabel(value: unknown, task: TaskRequest, writing: LabelWriting): AttributeLabel | undefined {
  if (typeof value === "string") return parseOwnLabel(value, task, writing);
  if (typeof value === "number" || typeof value === "boolean") return parseOwnLabel(String(value), task, writing);
  if (!Array.isArray(value) || task.kind !== "tags") return undefined;
  const words = value.map((each: unknown) => (typeof each === "string" ? each.normalize("NFC").trim() : ""));
  return words.includes("") ? undefined : knownTags(words, task);
}

function knownTags(words: readonly string[], task: TaskRequest): string[] | undefined {
  const tags = [...new Set(words.map((word) => known(word, task)))];
  return tags.every((tag) => tag !== undefined) ? tags.toSorted() : undefined;
}

function known(word: string, { labels = [], isOpen = labels.length === 0 }: TaskRequest): string | undefined {
  return labels[labelIndex(labels, word)] ?? (isOpen ? word : undefined);
}

const ownTaskKinds = taskKinds.filter((kind) => kind !== "age");

/** @throws {TF_INVALID_ARGUMENT} for tasks that cannot be asked for */
export function checkTaskRequests(tasks: readonly TaskRequest[]): void {
  const refuse = (message: string): never => {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", message);
  };
  const areTasks = Array.isArray(tasks) && tasks.every((task) => typeof task === "object" && task !== null);
  expectThat(areTasks, "tasks must be a list of { name, kind, labels }", tasks);
  for (const task of tasks) expectOptions(task, taskRequestNames, "tasks");
  for (const { name, kind = "classes", labels } of tasks) {
    expectType("a task's name", name, "string");
    expectChoice("kind", kind, ownTaskKinds);
    if (isBuiltInTask(name)) {
      if (kind !== "classes" || labels !== undefined) refuse(`${name} is built in: its kind and labels are known`);
      continue;
    }
    // Labels that are not given are only known at the end.
    const placeholder = kind === "number" ? labels : (labels ?? ["a", "b"]);
    const task: TaskDefinition = { name, kind, labels: placeholder };
    const problem = isTaskName(name) ? taskDefinitionProblem(task) : taskDefinitionProblem({ name, kind: "number" });
    if (problem !== undefined) refuse(problem);
  }
  const names = tasks.map(({ name }) => name);
  if (new Set(names).size < names.length) refuse(`a task stands twice in ${names.join(", ")}`);
}
