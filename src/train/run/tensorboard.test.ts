import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { crc32c, encodeFileVersion, encodeRecord, encodeScalars } from "./tensorboard.ts";

/** The messages as TensorFlow's own `event.proto` and `summary.proto` number them. */
const root = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
  message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
`).root;

function decodeRecord(record: Uint8Array): unknown {
  const view = new DataView(record.buffer, record.byteOffset);
  const length = Number(view.getBigUint64(0, true));
  const unmask = (masked: number): number => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  expect(unmask(view.getUint32(8, true))).toBe(crc32c(record.subarray(0, 8)));
  const data = record.subarray(12, 12 + length);
  expect(unmask(view.getUint32(12 + length, true))).toBe(crc32c(data));
  expect(record.length).toBe(16 + length);
  const type = root.lookupType("Event");
  return type.toObject(type.decode(data), { longs: Number });
}

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
    expect(decodeRecord(encodeFileVersion(1.5))).toEqual({ wallTime: 1.5, fileVersion: "brain.Event:2" });
    const record = encodeScalars(1700000000.25, 123_456, { "train/loss": 0.5, "validation/mood accuracy": 0.625 });
    expect(decodeRecord(record)).toEqual({
      wallTime: 1700000000.25,
      step: 123_456,
      summary: {
        value: [
          { tag: "train/loss", simpleValue: 0.5 },
          { tag: "validation/mood accuracy", simpleValue: 0.625 },
        ],
      },
    });
  });
});
