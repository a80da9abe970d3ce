import { extname } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { extract } from "tar-stream";
import { z } from "zod";
import { TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { pictureExtensions } from "../inputs.ts";
import type { ArchiveEntry } from "./entry.ts";

/** What its types do not know: that a header says where its bytes lie, has no type where that is GNU's own, and what POSIX's extensions are. */
type Header = z.infer<typeof headerSchema>;
const headerSchema = z.object({
  name: z.string(),
  type: z.string().nullable(),
  size: z.int(),
  byteOffset: z.int(),
  pax: z.record(z.string(), z.string()).nullish(),
});

/** Whether a path or address is an archive of pictures, by its ending. */
export function isArchive(location: string): boolean {
  return /\.tar$/i.test(location);
}

/**
 * The pictures of an archive, with where their bytes lie in it. It is read once from its begin to its end.
 * @param tar what entries call it
 * @throws {TF_INPUT_UNREADABLE} when it is no archive, or is cut off, or holds a picture as a sparse file
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
      if (isPicture(member.header.name)) {
        const header = headerSchema.parse(member.header);
        if (isSparse(header)) throw new TensorFaceError("TF_INPUT_UNREADABLE", sparseMessage(tar, header));
        if (header.type === "file") yield { tar, name: header.name, at: header.byteOffset, bytes: header.size };
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

/** The reader gives sparse members of GNU's format no type, and of those of POSIX's the packed bytes, without the holes. */
function isSparse({ type, pax }: Header): boolean {
  return type === null || Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse."));
}

function sparseMessage(tar: string, { name, pax }: Header): string {
  const form = "as a sparse file, or in another form that is GNU tar's own, which is not read";
  return `"${tar}" holds "${pax?.["GNU.sparse.name"] ?? name}" ${form}; pack it without tar's -S`;
}

/** Hidden ones are none. Of a folder that was packed as it stands each name begins with `./`. */
function isPicture(name: string): boolean {
  return pictureExtensions.includes(extname(name).toLowerCase()) && !/(?:^|\/)\.[^/]/.test(name);
}
