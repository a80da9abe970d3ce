import { genders, moods } from "./labels.ts";

/**
 * A task is what is told of a face or a picture. Three are built in and have fields of their own in every answer; all others are data:
 * they travel in manifests of heads and of datasets, and are answered under `attributes`.
 */
export const builtInTasks = ["age", "gender", "mood"] as const;
/** The name of a task that is built in. */
export type BuiltInTask = (typeof builtInTasks)[number];

/** The kinds of tasks, in the order that messages name them. */
export const taskKinds = ["classes", "tags", "ordered", "age", "number"] as const;
/**
 * How a task is answered: one of some classes; any of some tags, each with its own probability; one of some groups that have an order;
 * a distribution over years; a number.
 */
export type TaskKind = (typeof taskKinds)[number];

/** A task that is not built in, or a built-in one by its own words. */
export interface TaskDefinition {
  /** Letters of any script, digits, `-` and `_`, at most 60 characters; it begins with a letter or a digit. */
  readonly name: string;
  readonly kind: TaskKind;
  /** Of classes, tags and ordered groups: in the order of a head's columns. */
  readonly labels?: readonly string[] | undefined;
  /** Of a number: the least and the largest that are possible. @default without bounds */
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** Of a number: what it is counted in, to be printed behind it. */
  readonly unit?: string | undefined;
}

export const maximumTaskName = 60;
const maximumLabel = 100;

/** Whether a text can name a task: it also names files, columns and HTTP parameters. */
export function isTaskName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]*$/u.test(name) && name.length <= maximumTaskName;
}

/** A name as ids are spelled, lower case, digits and dashes: `Gäste (1)` becomes `gaste-1`. @param otherwise where nothing is left of it */
export function spellAsId(name: string, otherwise: string): string {
  const spelled = name
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return spelled === "" ? otherwise : spelled;
}

export function isBuiltInTask(name: string): name is BuiltInTask {
  return builtInTasks.some((task) => task === name);
}

export function kindOfBuiltIn(task: BuiltInTask): TaskKind {
  return task === "age" ? "age" : "classes";
}

/** The words that a built-in task of classes may use: a head has some of them, in its own order. */
export const builtInLabels = { gender: genders, mood: moods } as const satisfies Record<Exclude<BuiltInTask, "age">, readonly string[]>;

/** What is wrong with a definition, in words; undefined when nothing is. */
export function taskDefinitionProblem({ name, kind, labels, minimum, maximum }: TaskDefinition): string | undefined {
  if (!isTaskName(name)) {
    return `"${name}" cannot name a task: use letters, digits, "-" and "_", at most ${maximumTaskName} characters, beginning with a letter or digit`;
  }
  if (isBuiltInTask(name) && kind !== kindOfBuiltIn(name)) {
    return `"${name}" is built in and of kind "${kindOfBuiltIn(name)}", not "${kind}"; give a task of kind "${kind}" another name`;
  }
  if (kind === "age" && name !== "age") return `kind "age" is that of the task "age" alone, not of "${name}"`;
  if (kind === "number") {
    if (labels !== undefined && labels.length > 0) return `"${name}" is a number, which has no labels`;
    return minimum !== undefined && maximum !== undefined && minimum >= maximum
      ? `the minimum of "${name}", ${minimum}, is not below its maximum, ${maximum}`
      : undefined;
  }
  return labelsProblem(name, kind, labels ?? []);
}

function labelsProblem(name: string, kind: TaskKind, labels: readonly string[]): string | undefined {
  const least = kind === "tags" ? 1 : 2;
  if (labels.length < least) return `"${name}" needs ${least === 1 ? "one label or more" : "two labels or more"}, it has ${labels.length}`;
  const odd = labels.find((label) => label.length === 0 || label.length > maximumLabel || label !== label.trim());
  if (odd !== undefined) return `"${odd}" is no label of "${name}": one has 1 to ${maximumLabel} characters and no space around them`;
  const seen = new Map<string, string>();
  for (const label of labels) {
    const folded = foldLabel(label);
    const twin = seen.get(folded);
    if (twin !== undefined) return `the labels "${twin}" and "${label}" of "${name}" differ in case at most`;
    seen.set(folded, label);
  }
  return undefined;
}

/** The form in which labels are compared: without case, and composed alike. */
export function foldLabel(label: string): string {
  return label.normalize("NFC").toLowerCase();
}

/** The place of a label among others, in whatever case and composition it is spelled; -1 where it is none of them. */
export function labelIndex(labels: readonly string[], label: string): number {
  const same = labels.indexOf(label);
  return same >= 0 ? same : labels.findIndex((each) => foldLabel(each) === foldLabel(label));
}
