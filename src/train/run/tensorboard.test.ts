import { describe, expect, test } from "vitest";
import { decodeEvents } from "../../../test/support/event-file.ts";
import { histogramOf } from "./tensorboard-histogram.ts";
import { crc32c, encodeFileVersion, encodeRecord, encodeScalars, encodeSummary } from "./tensorboard.ts";

describe("TensorBoard events", () => {
  test("CRC-32C gives the values of RFC 3720, B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  });

  test("checksums are masked as TFRecord does it", () => {
    // mask(0) = 0xa282ead8: the checksum of no bytes is 0.
    expect([...encodeRecord(new Uint8Array(0)).subarray(12)]).toEqual([0xd8, 0xea, 0x82, 0xa2]);
  });

  test("another protobuf implementation reads what was written", () => {
    expect(decodeEvents(encodeFileVersion(1.5))).toEqual([{ wallTime: 1.5, step: 0, fileVersion: "brain.Event:2" }]);
    const record = encodeScalars(1700000000.25, 123_456, { "train/loss": 0.5, "validation/mood accuracy": 0.625 });
    expect(decodeEvents(record)).toEqual([
      {
        wallTime: 1700000000.25,
        step: 123_456,
        summary: {
          value: [
            { tag: "train/loss", simpleValue: 0.5 },
            { tag: "validation/mood accuracy", simpleValue: 0.625 },
          ],
        },
      },
    ]);
  });

  test("histograms stand beside scalars", () => {
    const record = encodeSummary(2, 7, { scalars: { a: 1 }, histograms: { h: histogramOf([1, 1, 2]) } });
    const [event] = decodeEvents(record);
    expect(event?.summary?.value.map(({ tag }) => tag)).toEqual(["a", "h"]);
    expect(event?.summary?.value[1]?.histo).toMatchObject({ min: 1, max: 2, num: 3, sum: 4, sumSquares: 6 });
  });
});

describe("histograms", () => {
  test("have TensorFlow's borders: each number lies between the one before and its own", () => {
    const values = [-3, -1e-13, 0, 5e-13, 0.5, 0.5, 40, 1e30];
    const { limits, counts, minimum, maximum } = histogramOf(values);
    expect(counts.reduce((sum, count) => sum + count)).toBe(values.length);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
    expect([minimum, maximum]).toEqual([-3, 1e30]);
    const bucketOf = (value: number): number => limits.findIndex((limit) => value < limit);
    const inBuckets = Map.groupBy(values, bucketOf);
    expect(counts).toEqual(limits.map((_, index) => inBuckets.get(index)?.length ?? 0));
    // 0.5 lies above 1e-12 * 1.1^282 and below the next.
    const half = bucketOf(0.5);
    expect(limits[half]! / limits[half - 1]!).toBeCloseTo(1.1, 9);
  });

  test("write empty buckets that stand side by side as one", () => {
    const { counts } = histogramOf([1, 1000]);
    expect(counts).toEqual([0, 1, 0, 1, 0]);
  });
});
