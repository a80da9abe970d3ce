import { type Conformal, counted } from "../core/index.ts";
import type { HeadManifest } from "../models/index.ts";
import type { CalibrationOutcome, TaskCalibration } from "./calibrate.ts";

/** What was fitted and where it was written to, for programs. */
export function calibrationAsJson(manifest: HeadManifest, { tasks, faces, found, notes }: CalibrationOutcome, file: string): object {
  const fitted = tasks.map(({ task, conformal, faces: used, size, before }) => ({ task: task.name, faces: used, size, before, conformal }));
  return { schema: "tensorface.calibration/1", id: manifest.id, file, faces, found, tasks: fitted, notes };
}

/** What was fitted and where it was written to, for people: a line for each task and each of its groups. */
export function describeCalibration({ tasks, notes, found, faces }: CalibrationOutcome, out: string): string {
  const lines = [
    `${found} of ${counted(faces, "face")} found`,
    ...tasks.flatMap(taskInWords),
    ...notes.map((note) => `note: ${note}`),
    `written to ${out}`,
  ];
  return `${lines.join("\n")}\n`;
}

function taskInWords({ task, conformal, faces, size, before }: TaskCalibration): string[] {
  const unit = task.kind === "age" ? " years" : task.kind === "number" ? ` ${task.unit ?? ""}`.trimEnd() : " labels";
  const was = before === undefined ? "" : `; before ${share(before.held)} were held, with ${before.size.toFixed(1)}${unit} on average`;
  const what = task.kind === "age" || task.kind === "number" ? "ranges" : "sets";
  const head = `${task.name}: ${what} for ${share(conformal.level)} of ${counted(faces, "face")}, ${size.toFixed(1)}${unit} on average${was}`;
  return [head, ...groupsInWords(conformal).map((line) => `  ${line}`)];
}

function groupsInWords(conformal: Conformal): string[] {
  switch (conformal.kind) {
    case "age":
      return withRanges(conformal.groups).map(
        ({ range, mass, faces }) => `${range}: ${share(mass)} of the distribution, from ${counted(faces, "face")}`,
      );
    case "number":
      return withRanges(conformal.groups).map(
        ({ range, low, high, faces }) => `${range}: ${signed(low)} to ${signed(high)}, from ${counted(faces, "face")}`,
      );
    case "ordered":
      return conformal.groups.map(
        ({ labels, mass, faces }) => `told ${labels.join(", ")}: ${share(mass)} of the probability, from ${counted(faces, "face")}`,
      );
    case "classes":
      return conformal.groups.map(
        ({ labels, probability, faces }) =>
          `told ${labels.join(", ")}: labels from ${share(probability)} on, from ${counted(faces, "face")}`,
      );
    default:
      return conformal satisfies never;
  }
}

/** Each group with where it begins and ends: `told under 10`, `told 10 to 30`, `told 30 or more`. */
function withRanges<Group extends { readonly from?: number | undefined }>(
  groups: readonly Group[],
): (Group & { readonly range: string })[] {
  return groups.map((group, index) => ({ ...group, range: rangeInWords(group.from, groups[index + 1]?.from) }));
}

function rangeInWords(from: number | undefined, next: number | undefined): string {
  // Three digits would make one year of all that a decade holds.
  const [begin, end] = [from, next].map((value) => (value === undefined ? undefined : short(value, 5)));
  if (begin === undefined) return end === undefined ? "all" : `told under ${end}`;
  return end === undefined ? `told ${begin} or more` : `told ${begin} to ${end}`;
}

function signed(value: number): string {
  return value < 0 ? short(value) : `+${short(value)}`;
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function short(value: number, digits = 3): string {
  return String(Number(value.toPrecision(digits)));
}
