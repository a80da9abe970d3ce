import { extname } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { extract } from "tar-stream";
import { z } from "zod";
import { TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { pictureExtensions } from "../inputs.ts";
import type { ArchiveEntry } from "./entry.ts";

/** Its types do not know that a header says where its bytes lie. */
const placeSchema = z.object({ size: z.int(), byteOffset: z.int() });

/** Whether a path or address is an archive of pictures, by its ending. */
export function isArchive(location: string): boolean {
  return /\.tar$/i.test(location);
}

/**
 * The pictures of an archive, with where their bytes lie in it. It is read once from its begin to its end.
 * @param tar what entries call it
 * @throws {TF_INPUT_UNREADABLE} when it is no archive, or is cut off
 * @throws {TF_ABORTED} @throws what `bytes` fails with, where that is one of our errors
 */
export async function* archiveEntries(
  tar: string,
  bytes: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<ArchiveEntry, void, undefined> {
  const reader = extract();
  pipeline(bytes, reader, () => undefined);
  try {
    for await (const member of reader) {
      const { name, type } = member.header;
      if (type === "file" && isPicture(name)) {
        const { size, byteOffset } = placeSchema.parse(member.header);
        yield { tar, name, at: byteOffset, bytes: size };
      }
      // Read to its end, so that a cut is noticed here.
      for await (const _ of member);
    }
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof TensorFaceError) throw cause;
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${tar}" is no tar archive, or is cut off`, { cause });
  } finally {
    bytes.destroy();
  }
}

/** Hidden ones are none. Of a folder that was packed as it stands each name begins with `./`. */
function isPicture(name: string): boolean {
  return pictureExtensions.includes(extname(name).toLowerCase()) && !/(?:^|\/)\.[^/]/.test(name);
}
