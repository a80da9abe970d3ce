import { isBuiltInTask } from "../core/index.ts";
import { usualFormat } from "../datasets/dataset.node.ts";
import type { DatasetFormat, FormatOptions, TaskRequest } from "../datasets/index.ts";
import { type HeadOutput, taskOf } from "../models/index.ts";

interface Reading {
  readonly data: string;
  readonly format: DatasetFormat | undefined;
  readonly formatOptions: FormatOptions;
}

/**
 * How data are read of which nothing says what they tell: class folders and tables are labelled with what the heads tell that is not built in.
 * Without a format, somebody's own data are taken for one of these where a head has such a task.
 */
export async function readAsTold(reading: Reading, outputs: readonly HeadOutput[]): Promise<Pick<Reading, "format" | "formatOptions">> {
  const { data, formatOptions } = reading;
  const told = outputs
    .map(taskOf)
    .flatMap(({ kind, ...task }): TaskRequest[] => (kind === "age" || isBuiltInTask(task.name) ? [] : [{ ...task, kind }]));
  // Several heads may tell the same.
  const tasks = told.filter(({ name }, index) => told.findIndex((other) => other.name === name) === index);
  const format = reading.format ?? (tasks.length > 0 ? await usualFormat(data) : undefined);
  if (tasks.length === 0 || formatOptions.tasks !== undefined || (format !== "folder" && format !== "csv"))
    return { format, formatOptions };
  return { format, formatOptions: { ...formatOptions, tasks } };
}
