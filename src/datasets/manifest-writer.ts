import type { FaceRecord } from "./record.ts";

/** Takes records in order of their ids and writes them. */
export interface ManifestWriter {
  write(record: FaceRecord): Promise<void>;
  /** Puts the manifest in place. @returns the SHA-256 of its bytes */
  commit(): Promise<string>;
  /** Lets go of a manifest that will not be finished. */
  abandon(): Promise<void>;
}
