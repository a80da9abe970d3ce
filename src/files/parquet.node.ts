import zlib from "node:zlib";
import { asyncBufferFromFile, type ParquetReadOptions, type FileMetaData, parquetMetadataAsync } from "hyparquet";
import { type ErrorCode, reasonOf, TensorFaceError } from "../core/index.ts";
import { readFailure } from "./failures.node.ts";

type Compressors = NonNullable<ParquetReadOptions["compressors"]>;
type Source = Required<Pick<ParquetReadOptions, "file" | "metadata" | "compressors">>;

/** What writers compress with beside Snappy, which the reader knows; Polars takes Zstandard where nothing is said. */
const compressors: Compressors = {
  GZIP: (bytes, length) => zlib.gunzipSync(bytes, upTo(length)),
  BROTLI: (bytes, length) => zlib.brotliDecompressSync(bytes, upTo(length)),
  ZSTD: (bytes, length) => zlib.zstdDecompressSync(bytes, upTo(length)),
};

/** A page says how long it becomes; a damaged one is not to fill the memory. */
function upTo(length: number): { readonly maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, length) };
}

/** An open Parquet file, for hyparquet's functions. */
export interface OpenParquet {
  readonly source: Source;
  /** What the reader gives of its pages. @throws with the code that the file was opened with when they cannot be read */
  readonly read: <Result>(work: (source: Source) => Promise<Result>) => Promise<Result>;
}

/**
 * Opens a Parquet file.
 * @param code of what is wrong with it
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when the disk does not give it; `code` when it is no Parquet file
 */
export async function openParquet(path: string, code: ErrorCode): Promise<OpenParquet> {
  const file = await asyncBufferFromFile(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw new TensorFaceError(code, `"${path}" is no Parquet file`, { cause });
  });
  const source = { file, metadata, compressors };
  return {
    source,
    read: async (work) =>
      work(source).catch(async (cause: unknown) => {
        throw new TensorFaceError(code, ...(await explain(cause, path, source)));
      }),
  };
}

/** Why pages cannot be read, and what helps. */
async function explain(
  cause: unknown,
  path: string,
  { file, metadata }: Source,
): Promise<[message: string, { readonly cause: unknown; readonly hint: string }]> {
  const reason = reasonOf(cause);
  const codec = /unsupported compression codec: (\w+)/.exec(reason)?.[1];
  if (codec !== undefined)
    return [
      `"${path}" is compressed with ${codec}, which is not read`,
      { cause, hint: "Write it with Zstandard, Snappy, gzip or Brotli." },
    ];
  if (!(await hasPagesOfVersion2(file, metadata)))
    return [`"${path}": its pages cannot be read (${reason})`, { cause, hint: "Copy the file again, or write it anew." }];
  return [
    `"${path}": its data pages, of version 2, cannot be read (${reason})`,
    {
      cause,
      hint: 'Copy the file again; where it is whole, write it with data pages of version 1, in PyArrow with data_page_version="1.0".',
    },
  ];
}

/** As a page's header begins: its first field, of 32 bits, is the kind of page, and that is 3. */
const startOfVersion2 = [0x15, 0x06];

/** Asked of the pages themselves, since footers say it of few files. */
async function hasPagesOfVersion2(file: Source["file"], { row_groups }: FileMetaData): Promise<boolean> {
  const starts = (row_groups[0]?.columns ?? []).flatMap(({ meta_data }) => Number(meta_data?.data_page_offset ?? []));
  const found = await Promise.all(
    starts.map(async (start) => {
      const bytes = new Uint8Array(await file.slice(start, start + startOfVersion2.length));
      return startOfVersion2.every((byte, index) => bytes[index] === byte);
    }),
  ).catch((): boolean[] => []);
  return found.includes(true);
}
