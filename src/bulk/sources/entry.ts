import { z } from "zod";

/**
 * One picture of a plan: a path or an address, as it was given; or a member of an archive, by the bytes that it takes.
 * A line of JSON each.
 */
export type Entry = string | ArchiveEntry;

/** A member of a tar archive, as WebDataset packs pictures. */
export interface ArchiveEntry {
  /** Path or address of the archive. */
  readonly tar: string;
  /** The member's name in it. */
  readonly name: string;
  /** Where its bytes begin, and how many there are. */
  readonly at: number;
  readonly bytes: number;
}

const entrySchema = z.union([
  z.string(),
  z.strictObject({ tar: z.string(), name: z.string(), at: z.int().nonnegative(), bytes: z.int().nonnegative() }),
]);

export function formatEntry(entry: Entry): string {
  return JSON.stringify(entry);
}

/** @throws what JSON and zod throw for what is no entry */
export function parseEntry(line: string): Entry {
  return entrySchema.parse(JSON.parse(line));
}

/** What results call a picture. */
export function sourceOf(entry: Entry): string {
  return typeof entry === "string" ? entry : `${entry.tar}/${entry.name}`;
}

/** WebDataset's key: a member's name up to the first point behind its last folder; undefined for what is no member. */
export function keyOf(entry: Entry): string | undefined {
  return typeof entry === "string" ? undefined : /^(?:.*\/)?[^./]*/.exec(entry.name)![0];
}

/** Whether a path is an address that is fetched. No path that a walk finds is one: it has no two slashes in a row. */
export function isRemote(location: string): boolean {
  return /^(?:https?|s3):\/\//i.test(location);
}
