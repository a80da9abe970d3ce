import { readFile } from "node:fs/promises";
import protobuf from "protobufjs";
import { z } from "zod";
import { crc32c } from "../../src/train/run/tensorboard.ts";

/** The messages as TensorFlow's own `event.proto` and `summary.proto` number them. */
const events = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
  message Summary { message Value { string tag = 1; float simple_value = 2; HistogramProto histo = 5; } repeated Value value = 1; }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6; repeated double bucket = 7;
  }
`).root;

const numbers = z.array(z.number());
/** A zero is not written. */
const number = z.number().default(0);
const histogramSchema = z.object({
  min: number,
  max: number,
  num: number,
  sum: number,
  sumSquares: number,
  bucketLimit: numbers,
  bucket: numbers,
});
const eventSchema = z.object({
  wallTime: z.number(),
  step: number,
  fileVersion: z.string().optional(),
  summary: z
    .object({ value: z.array(z.object({ tag: z.string(), simpleValue: z.number().optional(), histo: histogramSchema.optional() })) })
    .optional(),
});

export type LoggedEvent = z.output<typeof eventSchema>;

/** The events of TFRecord bytes, by another protobuf implementation than the one that writes them. @throws when a checksum is wrong */
export function decodeEvents(bytes: Uint8Array): LoggedEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = events.lookupType("Event");
  const found: LoggedEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    check(view.getUint32(at + 8, true), bytes.subarray(at, at + 8));
    const data = bytes.subarray(at + 12, at + 12 + length);
    check(view.getUint32(at + 12 + length, true), data);
    found.push(eventSchema.parse(type.toObject(type.decode(data), { longs: Number })));
    at += 16 + length;
  }
  return found;
}

export async function readEvents(path: string): Promise<LoggedEvent[]> {
  return decodeEvents(await readFile(path));
}

function check(masked: number, bytes: Uint8Array): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  const sum = ((rotated >>> 17) | (rotated << 15)) >>> 0;
  if (sum !== crc32c(bytes)) throw new Error("a record has another checksum than its bytes");
}
