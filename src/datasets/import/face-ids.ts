import type { SourceFace, SourceRejection, SourceRow } from "./source-row.ts";

/** Noted of a face whose id in the source others have too: its place is its id. */
export const notUniqueNote = "id-not-unique";

/** A face whose `id` is its place, its picture's path and what tells it from others there; and how the source itself calls it. */
export interface NamedFace extends SourceFace {
  /** `""` where it does not. */
  readonly given: string;
}

/** Where ids come from. */
export interface IdOrigin {
  /** The source's name, which each id begins with. */
  readonly name: string;
  /** Whether an export wrote the ids: they have the source's name already. */
  readonly isExport: boolean;
  /** Whether a column was named for them, so that two equal ones are a mistake. @default false */
  readonly isNamed?: boolean | undefined;
}

/** An id with the source's name before it, once. */
function withSource(name: string, id: string): string {
  return id.startsWith(`${name}/`) ? id : `${name}/${id}`;
}

/**
 * The rows with the ids that the source gives, where each means one face; otherwise all have those of their places. What is called `id` may
 * be a person's, or begin anew in each part: faces would be lost. The ids of an export were unique: where somebody has added faces that have
 * one of them too, as copies of an annotation do, the first keeps it, and these have those of their places.
 */
export function settleIds(rows: readonly (NamedFace | SourceRejection)[], { name, isExport, isNamed = false }: IdOrigin): SourceRow[] {
  const idOf = ({ given, id }: NamedFace): string => (given === "" ? id : isExport ? withSource(name, given) : `${name}/${given}`);
  const faces = rows.filter((row) => row.kind === "face");
  const isOne = (same: readonly NamedFace[]): boolean => same.every(({ id }) => id === same[0]!.id);
  const byId = Map.groupBy(faces, idOf);
  const areTaken = isNamed || [...byId.values()].every(isOne);
  return rows.map((row) => {
    if (row.kind === "rejection") return row;
    const { given, ...face } = row;
    const isFirst = isExport && byId.get(idOf(row))?.[0]?.id === row.id;
    if (areTaken || isFirst) return { ...face, id: idOf(row) };
    return given === "" ? face : { ...face, notes: [...(face.notes ?? []), notUniqueNote] };
  });
}
