import { adienceImporter } from "./adience.node.ts";
import { cocoImporter } from "./coco.node.ts";
import { csvImporter } from "./csv.node.ts";
import { fairfaceImporter } from "./fairface.node.ts";
import { fer2013Importer } from "./fer2013.node.ts";
import { folderImporter } from "./folder.node.ts";
import { imageFolderImporter } from "./image-folder.node.ts";
import { labelStudioImporter } from "./label-studio.node.ts";
import type { DatasetFormat, DatasetImporter } from "./source-row.ts";
import { utkfaceImporter } from "./utkface.node.ts";

/** Every importer by its format. */
export const importers: Readonly<Record<DatasetFormat, DatasetImporter>> = {
  adience: adienceImporter,
  fairface: fairfaceImporter,
  fer2013: fer2013Importer,
  utkface: utkfaceImporter,
  folder: folderImporter,
  csv: csvImporter,
  coco: cocoImporter,
  imagefolder: imageFolderImporter,
  "label-studio": labelStudioImporter,
};
