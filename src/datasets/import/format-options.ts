import { TensorFaceError } from "../../core/index.ts";
import type { DatasetFormat, FormatOptions } from "./source-row.ts";

/** The formats that look at an option; the source's name and its tasks are told apart by other rules. */
const lookedAtBy: Readonly<Record<Exclude<keyof FormatOptions, "name" | "tasks">, readonly DatasetFormat[]>> = {
  labels: ["adience"],
  pictures: ["adience"],
  frontal: ["adience"],
  testFold: ["adience"],
  ferPlus: ["fer2013"],
  columns: ["csv", "imagefolder", "label-studio"],
  margin: ["csv", "coco", "imagefolder", "label-studio"],
};

/** An option that a format would take without looking at it is a mistake. @throws {TF_INVALID_ARGUMENT} */
export function checkFormatOptions(format: DatasetFormat, options: FormatOptions): void {
  const given = new Map<string, unknown>(Object.entries(options).filter(([, value]) => value !== undefined && value !== false));
  const idle = Object.entries(lookedAtBy).find(([name, formats]) => given.has(name) && !formats.includes(format));
  if (idle === undefined) return;
  const [name, formats] = idle;
  const list = new Intl.ListFormat("en-GB").format(formats);
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${name} is for ${list}, and does nothing with ${format}`);
}
