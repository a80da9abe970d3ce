import type { FaceRecord } from "./record.ts";

/** Takes records in order of their ids and writes them. */
export interface ManifestWriter {
  write(record: FaceRecord): Promise<void>;
  /** Writes what is left: the manifest is whole, and not in its place yet. @returns the SHA-256 of its bytes */
  finish(): Promise<string>;
  /** Puts the manifest in place, finished before or not. @returns the SHA-256 of its bytes */
  commit(): Promise<string>;
  /** Removes what was written of a manifest that will not be finished. */
  abandon(): Promise<void>;
}
