import type { S3Client } from "@aws-sdk/client-s3";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import { isTensorFaceError, reasonOf, TensorFaceError } from "../../core/index.ts";
import { pictureExtensions } from "../inputs.ts";
import { answerError, AskAgain } from "./answer.ts";
import { type ByteRange, rangeHeader } from "./byte-range.ts";

/** A store of objects, asked once: whether it is asked again is not its own to decide. */
export interface S3 {
  get(location: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Readable>;
  /** Addresses of pictures below a prefix, a page of them. @param after what the page before said of the next; undefined for the first */
  list(prefix: string, after: string | undefined, signal: AbortSignal): Promise<S3Page>;
  close(): void;
}

export interface S3Page {
  readonly addresses: readonly string[];
  readonly next: string | undefined;
}

/** @throws {TF_INVALID_ARGUMENT} when the client is not installed */
export async function openS3(): Promise<S3> {
  const module = await import("@aws-sdk/client-s3").catch((cause: unknown) => {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "addresses that begin with s3:// need a package that is not installed", {
      cause,
      hint: "npm install @aws-sdk/client-s3",
    });
  });
  const { GetObjectCommand, ListObjectsV2Command, S3Client: Client } = module;
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"];
  // Servers other than Amazon's have their buckets in the path.
  const client: S3Client = new Client({ maxAttempts: 1, ...(endpoint === undefined ? {} : { forcePathStyle: true }) });
  return {
    get: async (location, range, abortSignal) => {
      const command = new GetObjectCommand({ ...placeOf(location), ...(range === undefined ? {} : { Range: rangeHeader(range) }) });
      const { Body } = await client.send(command, { abortSignal }).catch((error: unknown) => Promise.reject(s3Error(location, error)));
      if (!(Body instanceof Readable)) throw new TypeError("S3 answered without a stream");
      return Body;
    },
    list: async (prefix, after, abortSignal) => {
      const { Bucket, Key } = placeOf(prefix);
      const command = new ListObjectsV2Command({ Bucket, Prefix: Key, ContinuationToken: after });
      const { Contents = [], NextContinuationToken } = await client
        .send(command, { abortSignal })
        .catch((error: unknown) => Promise.reject(s3Error(prefix, error)));
      const keys = Contents.flatMap(({ Key: key = "" }) => (pictureExtensions.includes(extname(key).toLowerCase()) ? key : []));
      return { addresses: keys.map((key) => `s3://${Bucket}/${key}`), next: NextContinuationToken };
    },
    close: () => client.destroy(),
  };
}

function placeOf(location: string): { readonly Bucket: string; readonly Key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(location) ?? [];
  return { Bucket: bucket, Key: key };
}

/** What the client's errors carry where a server has answered. */
const answeredSchema = z.object({
  $metadata: z.object({ httpStatusCode: z.int(), clockSkewCorrected: z.boolean().optional() }),
  $response: z
    .object({ headers: z.record(z.string(), z.string()) })
    .optional()
    .catch(undefined),
});

function s3Error(location: string, error: unknown): Error {
  if (isTensorFaceError(error)) return error;
  const { data: answered } = answeredSchema.safeParse(error);
  // This machine's clock was wrong; the client signs with the server's from now on.
  if (answered?.$metadata.clockSkewCorrected === true) return new AskAgain(reasonOf(error), { cause: error });
  if (answered !== undefined) return answerError(location, answered.$metadata.httpStatusCode, answered.$response?.headers["retry-after"]);
  const isRefused = error instanceof Error && /Credentials|Region is missing/.test(`${error.name} ${error.message}`);
  return isRefused
    ? new TensorFaceError("TF_INPUT_UNREADABLE", `"${location}": ${error.message}`, { cause: error })
    : new AskAgain(reasonOf(error), { cause: error });
}
