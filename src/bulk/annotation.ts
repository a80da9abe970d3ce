import { dirname } from "node:path";
import type { FaceAnalysis, PictureLimits } from "../analyze/index.ts";
import { type PartOptions, removeKilledPartsIn } from "../files/files.node.ts";
import { writeNewFile } from "../files/output.node.ts";
import type { PictureWork } from "./analysis-run.ts";
import type { RenderOptions } from "./annotated-copy.node.ts";
import { annotatedExtension, createAnnotatedNames, isMarkedName } from "./annotated-names.ts";
import { type ExpandOptions, type InputItem, isFailedItem, type PictureItem, reachesInto, realPathOf } from "./inputs.ts";

/** How copies are made and known again. */
export interface AnnotatedCopies {
  /** Whether a file is an annotated copy of an earlier run. */
  readonly isAnnotatedCopy: (path: string) => Promise<boolean>;
  /** The picture with its faces boxed and labelled, as a file of the kind that `extension` (`.png`) names. */
  readonly renderAnnotated: (input: PictureItem["input"], analysis: FaceAnalysis, options: RenderOptions) => Promise<Uint8Array>;
  /** Opens files for writing. @default the disk's */
  readonly open?: PartOptions["open"];
}

export interface AnnotationPlan {
  /** What walks and globs pass over, so that a copy never becomes a source. */
  readonly expand: Pick<ExpandOptions, "readsUrls" | "skipName">;
  /** Undefined where no copies are asked for. */
  readonly annotate: PictureWork | undefined;
  /** For a picture whose copy an earlier run has written: no other one gets its name. */
  readonly skip: (item: InputItem) => void;
}

/**
 * Where annotated copies go: where the target folder can hold sources, now or after this run, copies get marked names.
 * @param target the folder; undefined for no copies
 */
export async function planAnnotation(
  target: string | undefined,
  { inputs, limits }: { readonly inputs: readonly string[]; readonly limits: PictureLimits },
  { renderAnnotated, isAnnotatedCopy, open }: AnnotatedCopies,
): Promise<AnnotationPlan> {
  if (target === undefined) return { expand: {}, annotate: undefined, skip: () => {} };
  const folder = await realPathOf(target);
  const reached = await Promise.all(inputs.map((input) => reachesInto(folder, input)));
  const marked = reached.includes(true);
  const names = createAnnotatedNames({ folder, marked });
  const tidied = new Set<string>();
  const annotate: PictureWork = async ({ input, place }, analysis) => {
    const copy = await renderAnnotated(input, analysis, { extension: annotatedExtension(place), limits });
    let path = "";
    await writeNewFile(() => (path = names.next(place)), copy, isAnnotatedCopy, { open });
    // What a killed run was writing, once in each folder.
    if (tidied.has(dirname(path))) return;
    tidied.add(dirname(path));
    await removeKilledPartsIn(dirname(path));
  };
  const skip = (item: InputItem): void => {
    if (!isFailedItem(item)) names.next(item.place);
  };
  return { expand: { readsUrls: true, ...(marked ? { skipName: isMarkedName } : {}) }, annotate, skip };
}
