import { z } from "zod";
import {
  builtInLabels,
  builtInTasks,
  fairFaceAgeGroups,
  isBuiltInTask,
  type OptionNames,
  type TaskDefinition,
  taskDefinitionProblem,
  type TaskKind,
  taskKinds,
  TensorFaceError,
} from "../core/index.ts";

/** A task that a dataset has labels of, beside the built-in ones. */
export const taskDefinitionSchema = z
  .strictObject({
    name: z.string(),
    kind: z.enum(taskKinds),
    labels: z.array(z.string()).readonly().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    unit: z.string().optional(),
  })
  .superRefine((task, context) => {
    const message = taskDefinitionProblem(task);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

/** What an import is told of a task: how it is labelled, and perhaps the labels that count. */
export interface TaskRequest {
  readonly name: string;
  /** @default "classes" */
  readonly kind?: Exclude<TaskKind, "age"> | undefined;
  /** Of classes, tags and groups: the labels and their order; others are rejected. @default all that occur, numbers in their order */
  readonly labels?: readonly string[] | undefined;
  /** Takes labels that are not listed too, behind the listed ones. @default false */
  readonly isOpen?: boolean | undefined;
  /** Of numbers: the least and the largest that are taken; others are rejected. @default without bounds */
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly unit?: string | undefined;
}
export const taskRequestNames: OptionNames<TaskRequest> = {
  name: true,
  kind: true,
  labels: true,
  isOpen: true,
  minimum: true,
  maximum: true,
  unit: true,
};

export const requestKinds = ["classes", "tags", "ordered", "number"] as const satisfies readonly TaskKind[];

/** The classes of a task, in the order in which reviews and charts show them; none where it is answered by tags or a number. */
export function classesOf(task: string, own: readonly TaskDefinition[] = []): readonly string[] {
  if (task === "age") return fairFaceAgeGroups.map(({ name }) => name);
  if (task === "gender" || task === "mood") return builtInLabels[task];
  const found = own.find(({ name }) => name === task);
  return found?.kind === "classes" || found?.kind === "ordered" ? (found.labels ?? []) : [];
}

/** The tasks whose labels can be doubted and reviewed: the built-in ones first. */
export function reviewableTasks(own: readonly TaskDefinition[] = []): string[] {
  return [...builtInTasks, ...own.map(({ name }) => name)];
}

/**
 * The classes among which labels of a task are reviewed: its own; of tags the sets of them, and of numbers their first two digits, that
 * occur or are suggested.
 * @param found as `classOf` spells them
 */
export function reviewClasses(task: string, own: readonly TaskDefinition[], found: Iterable<string>): readonly string[] {
  const classes = classesOf(task, own);
  return classes.length > 0 ? classes : labelsInOrder([...new Set(found)]);
}

/**
 * The tasks of an import as `dataset.json` keeps them.
 * @param found labels that occur, by task
 * @throws {TF_DATASET_LABEL_UNKNOWN} when the labels contradict each other, or there is only one
 */
export function defineTasks(requests: readonly TaskRequest[], found: Readonly<Record<string, readonly string[]>>): TaskDefinition[] {
  return requests
    .filter(({ name }) => !isBuiltInTask(name))
    .map((request): TaskDefinition => {
      const task = defineTask(request, found[request.name] ?? []);
      const problem = taskDefinitionProblem(task);
      if (problem === undefined) return task;
      throw new TensorFaceError("TF_DATASET_LABEL_UNKNOWN", problem, (task.labels?.length ?? 0) < 2 ? { hint: twoClasses } : {});
    });
}

const twoClasses = "A class is known by its pictures: give two classes or more a folder, or a label, with pictures that can be read.";

function defineTask(request: TaskRequest, found: readonly string[]): TaskDefinition {
  const { name, kind = "classes" } = request;
  return kind === "number" ? { name, kind, ...boundsOf(request) } : { name, kind, labels: labelsOf(request, found) };
}

function boundsOf({ minimum, maximum, unit }: TaskRequest): Pick<TaskDefinition, "minimum" | "maximum" | "unit"> {
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function labelsOf({ labels = [], isOpen = labels.length === 0 }: TaskRequest, found: readonly string[]): readonly string[] {
  return isOpen ? [...labels, ...labelsInOrder(found.filter((label) => !labels.includes(label)))] : labels;
}

/** The number that a label begins with, as groups do; none of `1.9.0`, which is no number. */
const leadingNumber = /^\s*([-+−]?\d+(?:[.,]\d+)?)(?![.,]?\d)/;

function numberBefore(label: string): number | undefined {
  const text = leadingNumber.exec(label)?.[1];
  return text === undefined ? undefined : Number(text.replace("−", "-").replace(",", "."));
}

/** `-2` before `-1`, `1.25` before `1.5`, `2` before `10`, `0-2` before `38-43`; words behind numbers. */
export function labelsInOrder(labels: readonly string[]): string[] {
  return labels.toSorted((a, b) => {
    const [first = Infinity, second = Infinity] = [numberBefore(a), numberBefore(b)];
    return first === second ? a.localeCompare(b, "en", { numeric: true }) : first - second;
  });
}
