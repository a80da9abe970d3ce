import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { expectPath, TensorFaceError } from "../core/index.ts";
import { type DatasetInfo, datasetInfoSchema } from "./dataset-info.ts";
import { pathInside, pathKind, readTextFile } from "../files/files.node.ts";
import { readManifest } from "./manifest.node.ts";
import type { DatasetFormat } from "./import/source-row.ts";
import type { FaceRecord } from "./record.ts";

/** An imported dataset on disk. */
export interface Dataset {
  readonly directory: string;
  readonly info: DatasetInfo;
  /** The records sorted by id, one at a time. */
  records(): AsyncGenerator<FaceRecord>;
  /** The full path of a record's picture. @throws {TF_DATASET_INVALID} when it leads out of the dataset's folder of pictures */
  picturePath(record: Pick<FaceRecord, "file">): string;
}

/** Pictures that are looked through together: a dataset, or something that is used like one. */
export type PictureSet = Pick<Dataset, "directory" | "records" | "picturePath">;

async function readInfo(path: string): Promise<DatasetInfo> {
  const text = await readTextFile(path);
  try {
    return datasetInfoSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" does not describe a dataset: ${what}`, { cause: error });
  }
}

/** Whether a folder holds an imported dataset. @throws {TF_INVALID_ARGUMENT} when `directory` is no path */
export async function isDataset(directory: string): Promise<boolean> {
  expectPath("directory", directory);
  return (await pathKind(join(directory, "dataset.json"))) === "file";
}

/** The layout of what somebody's own data usually are, class folders or a table; undefined of an imported dataset, which knows its own. */
export async function usualFormat(data: string): Promise<DatasetFormat | undefined> {
  if (await isDataset(data)) return undefined;
  const found = await stat(data).catch(() => undefined);
  return found?.isFile() === true ? "csv" : "folder";
}

/**
 * Opens an imported dataset.
 * @throws {TF_INVALID_ARGUMENT} when its folder is no path
 * @throws {TF_INPUT_NOT_FOUND} when the folder is not there
 * @throws {TF_DATASET_LAYOUT} when it holds no `dataset.json`
 * @throws {TF_DATASET_INVALID} when that is damaged
 */
export async function openDataset(directory: string): Promise<Dataset> {
  expectPath("directory", directory);
  if ((await pathKind(directory)) === "none") {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${directory}" does not exist`, {
      hint: `Check the path, or import the dataset first: \`tensorface dataset import FORMAT SOURCE --out ${directory}\`.`,
    });
  }
  if (!(await isDataset(directory))) {
    throw new TensorFaceError("TF_DATASET_LAYOUT", `"${directory}" is not an imported dataset: it has no dataset.json`, {
      hint: "Run `tensorface dataset import FORMAT SOURCE --out DIR` first and give DIR.",
    });
  }
  const info = await readInfo(join(directory, "dataset.json"));
  const root = resolve(directory, info.root);
  return {
    directory,
    info,
    records: () => readManifest(join(directory, info.manifest)),
    picturePath: ({ file }) => {
      const inside = pathInside(root, file);
      if (inside !== undefined) return join(root, inside);
      throw new TensorFaceError(
        "TF_DATASET_INVALID",
        `"${join(directory, info.manifest)}" names a picture outside of its folder: "${file}"`,
        {
          hint: "Do not use this dataset before you know who wrote that line; an import never does.",
        },
      );
    },
  };
}
