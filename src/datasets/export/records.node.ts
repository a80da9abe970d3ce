import { join } from "node:path";
import { writeInLockedFolder } from "../../files/files.node.ts";
import { createTally } from "../counts.ts";
import type { DatasetInfo } from "../dataset-info.ts";
import { createManifestWriter } from "../manifest.node.ts";
import type { DatasetExporter } from "./export-format.ts";
import { pictureFolder } from "./picture-folder.ts";

/** A dataset that stands by itself: every command opens it, and no field of a record is lost. */
export function recordsExporter(info: DatasetInfo, manifest: DatasetInfo["manifest"]): DatasetExporter {
  return {
    folderOf: pictureFolder,
    sharesPictures: true,
    lacks: [],
    async open(folder) {
      const writer = await createManifestWriter(join(folder, manifest));
      const tally = createTally();
      return {
        write(record) {
          tally.face(record, []);
          return writer.write(record);
        },
        abandon: () => writer.abandon(),
        async commit() {
          const manifestSha256 = await writer.commit();
          const whole: DatasetInfo = { ...info, root: ".", manifest, manifestSha256, counts: tally.counts() };
          await writeInLockedFolder(join(folder, "dataset.json"), `${JSON.stringify(whole, null, 2)}\n`);
        },
      };
    },
  };
}
