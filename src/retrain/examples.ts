import { type TaskDefinition, TensorFaceError, unreachable } from "../core/index.ts";
import type { Targets } from "./head/targets.ts";
import { isSplitName } from "./names.ts";
import type { LeftOut } from "./options.ts";
import type { ExampleLabel } from "./source.node.ts";

/** With fewer examples a class says next to nothing; a choice among heads needs some in each part of the data. */
const fewestOfClass = 2;
/** Below this a class's numbers are more chance than measure. */
const trustedOfClass = 20;

/** Labels as a head learns them. @throws {TF_EXAMPLES_FEW} when there are not two classes with two examples each */
export function encodeTargets({ name, kind, labels = [] }: TaskDefinition, given: readonly ExampleLabel[]): Targets {
  switch (kind) {
    case "classes":
    case "ordered": {
      const classes = Int32Array.from(given, (label) => labels.indexOf(String(label)));
      const counts = countClasses(classes, labels.length);
      const few = labels.filter((_, index) => counts[index]! < fewestOfClass);
      if (few.length > 0) {
        const listed = few.map((label) => `"${label}" ${counts[labels.indexOf(label)]}`).join(", ");
        throw new TensorFaceError(
          "TF_EXAMPLES_FEW",
          `too few pictures of ${name} can be used, at least ${fewestOfClass} of each class are needed: ${listed}`,
        );
      }
      return { kind, labels: labels.length, classes };
    }
    case "tags": {
      const tags = new Uint8Array(given.length * labels.length);
      for (const [row, list] of given.entries()) {
        for (const tag of Array.isArray(list) ? list : [list]) tags[row * labels.length + labels.indexOf(String(tag))] = 1;
      }
      const poor = labels.filter((_, tag) => {
        const count = given.filter((_label, row) => tags[row * labels.length + tag] === 1).length;
        return count < fewestOfClass || given.length - count < fewestOfClass;
      });
      if (poor.length > 0) {
        throw new TensorFaceError(
          "TF_EXAMPLES_FEW",
          `each tag of ${name} is needed on at least ${fewestOfClass} pictures and missing on as many: ${poor.join(", ")}`,
        );
      }
      return { kind, labels: labels.length, tags };
    }
    case "number": {
      const values = Float64Array.from(given, Number);
      if (new Set(values).size < 2 || values.length < 10) {
        throw new TensorFaceError(
          "TF_EXAMPLES_FEW",
          `${name} needs at least 10 pictures with different numbers, it has ${values.length} with ${new Set(values).size}`,
        );
      }
      return { kind, values };
    }
    case "age":
      throw new TensorFaceError("TF_INVALID_ARGUMENT", "age distributions are learnt by `tensorface train`, not here");
    default:
      return unreachable(kind);
  }
}

/** Rows of each class. */
export function countClasses(classes: Int32Array, labels: number): number[] {
  const counts = Array.from({ length: labels }, () => 0);
  for (const label of classes) if (label >= 0) counts[label]! += 1;
  return counts;
}

/** How many examples each label has; none for numbers. */
export function countTargets(targets: Targets): number[] {
  if (targets.kind === "number") return [];
  if (targets.kind !== "tags") return countClasses(targets.classes, targets.labels);
  return Array.from({ length: targets.labels }, (_, tag) =>
    targets.tags.reduce((sum, value, index) => sum + (index % targets.labels === tag ? value : 0), 0),
  );
}

/** Class folders that did not become classes: without a picture, or with none that can be read. */
export function warnOfUnknown({ kind, labels = [] }: TaskDefinition, leftOut: readonly LeftOut[]): string[] {
  const empty = leftOut.filter(({ reason }) => reason === "empty class").map(({ file }) => file);
  const folders = leftOut.flatMap(({ file, reason }) =>
    reason === "unreadable picture" && file.includes("/") ? [file.split("/")[0]!] : [],
  );
  const areClasses = kind === "classes" || kind === "ordered";
  const unread = areClasses ? [...new Set(folders)].filter((name) => !labels.includes(name) && !isSplitName(name)) : [];
  const sentence = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`class folders ${what}, which the model does not know: ${names.join(", ")}`];
  return [...sentence("without a picture", empty), ...sentence("without a picture that can be read", unread)];
}

/** What a reader must know of the classes' sizes. */
export function warnOfFew({ labels = [] }: TaskDefinition, counts: readonly number[]): string[] {
  const few = labels.flatMap((label, index) => (counts[index]! < trustedOfClass ? [`${label} ${counts[index]}`] : []));
  return few.length === 0 ? [] : [`too few pictures to trust the numbers of ${few.join(", ")}: ${trustedOfClass} or more of each say more`];
}

/** Classes of which every picture is asked about at the end: the model knows their names alone. */
export function warnOfUnlearnt({ labels = [] }: TaskDefinition, targets: Targets, learnt: Int32Array): string[] {
  if (targets.kind !== "classes" && targets.kind !== "ordered") return [];
  const counts = countClasses(
    learnt.map((row) => targets.classes[row]!),
    targets.labels,
  );
  const unlearnt = labels.filter((_, label) => counts[label] === 0);
  return unlearnt.length === 0 ? [] : [`all pictures of ${unlearnt.join(", ")} are in the test: the model has learnt from none of them`];
}

/**
 * Pictures that all belong together stand on both sides of every border; of a class whose pictures do, whoever is asked about them has learnt
 * from none.
 */
export function warnOfOneSet({ labels = [] }: TaskDefinition, targets: Targets, sets: ArrayLike<number>): string[] {
  if (new Set(Array.from(sets)).size === 1)
    return [
      "all pictures are of one person, or copies of each other: it was asked about pictures like those it learnt from, and the numbers flatter",
    ];
  if (targets.kind !== "classes" && targets.kind !== "ordered") return [];
  const rows = Map.groupBy(targets.classes.keys(), (row) => targets.classes[row]!);
  const single = labels.filter((_, index) => {
    const members = rows.get(index) ?? [];
    return members.length > 1 && new Set(members.map((row) => sets[row])).size === 1;
  });
  if (single.length === 0) return [];
  return [`all pictures of ${single.join(", ")} are of one person, or copies of each other: how well it is told cannot be measured`];
}
