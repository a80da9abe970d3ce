import type { FaceLabels } from "../record.ts";
import { stableFraction } from "../stable-hash.ts";
import type { NamedFace } from "./face-ids.ts";
import type { OfficialPart, PictureBox, SourceRow } from "./source-row.ts";

/** A face in a picture, as layouts with boxes list it. */
export interface BoxedFace {
  /** The picture's path, and what tells the face from others there. */
  readonly place: string;
  /** How the source itself calls it; `""` where it does not. @default "" */
  readonly given?: string | undefined;
  readonly row: string;
  /** The picture, relative to the root. */
  readonly file: string;
  /** Absent for the whole picture. */
  readonly box?: PictureBox | undefined;
  /** Tells the boxes of a picture apart. */
  readonly number: number | string;
  readonly labels: FaceLabels;
  readonly subjectId?: string | undefined;
  readonly official?: OfficialPart | undefined;
  /** What had to be mended to read it. @default nothing */
  readonly notes?: readonly string[] | undefined;
}

/** Pixels by which a box may miss a picture's edge and still be the whole picture. */
const edgeSlack = 0.5;

/** Whether a box is the whole picture, as its table knows it. */
export function isWhole({ x, y, width, height, within }: PictureBox): boolean {
  if (within === undefined) return false;
  return x <= edgeSlack && y <= edgeSlack && x + width >= within.width - edgeSlack && y + height >= within.height - edgeSlack;
}

/** The box with what is around it, a share of its sides; a picture's edge cuts it. */
function widened({ x, y, width, height, within }: PictureBox, margin: number): PictureBox {
  const [across, down] = [margin * width, margin * height];
  return { x: x - across, y: y - down, width: width + 2 * across, height: height + 2 * down, within };
}

/** What tells a box from others of its picture, as the end of a file's name: in some layouts it is any text, and may be a path. */
function ending(number: number | string): string {
  return String(number).replaceAll(/[/\\%]/g, encodeURIComponent);
}

/**
 * The name of a part's own picture. The box is in it: a picture may stand in two rows, tasks or files, whose boxes are counted anew, and two
 * parts must not become one file.
 */
function partName(file: string, number: number | string, { x, y, width, height }: PictureBox): string {
  const mark = Math.floor(stableFraction(`part:${[x, y, width, height].join()}`) * 36 ** 6).toString(36);
  return `boxes/${file}-${ending(number)}-${mark.padStart(6, "0")}.png`;
}

/** A face as a row of the source: a picture of its own, or a part of one that is cut out. Its id is that of its place. */
export function faceRow(
  { place, given = "", row, file, box, number, labels, subjectId, official, notes }: BoxedFace,
  name: string,
  margin = 0,
): NamedFace {
  const part = box === undefined || isWhole(box) ? undefined : { file, box: widened(box, margin) };
  return {
    kind: "face",
    // A folder may have the source's name, and its pictures are given it all the same: two must not become one.
    id: `${name}/${place}`,
    given,
    row,
    picture: part === undefined ? { file } : { file: partName(file, number, part.box), part },
    labels,
    subjectId,
    official,
    ...(notes === undefined ? {} : { notes }),
  };
}

/** Whether any face is a part of a picture, so that the dataset has pictures of its own. */
export function hasParts(rows: readonly SourceRow[]): boolean {
  return rows.some((row) => row.kind === "face" && row.picture.part !== undefined);
}

/** Rows that are known all at once, as an import takes them. */
export async function* inTurn(rows: readonly SourceRow[]): AsyncGenerator<SourceRow> {
  yield* rows;
}
