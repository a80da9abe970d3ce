import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { codeOf, isArrayBuffer, isError, isTypedArray, isWebObject, reasonOf } from "./realm.ts";
import { fromOtherRealm } from "./testing.ts";

/** A value that another realm made, as Jest's sandbox sees those of Node. */
const foreign = (code: string): unknown => runInNewContext(code);

describe("values of another realm", () => {
  test.each(["Float32Array", "Int32Array", "BigInt64Array", "Int8Array", "Uint8Array", "Uint8ClampedArray"] as const)("%s", (name) => {
    const value = foreign(`new ${name}(2)`);
    expect(isTypedArray(value, name)).toBe(true);
    expect(isTypedArray(value, name === "Int8Array" ? "Uint8Array" : "Int8Array")).toBe(false);
    expect(isTypedArray({ [Symbol.toStringTag]: name }, name)).toBe(false);
  });

  test("objects of the web, as those of an iframe are", () => {
    const values = [new Blob(), new File([], "a"), new URL("a:b"), new Response(), new ReadableStream()].map(fromOtherRealm);
    expect(values.filter((value) => value instanceof Blob || value instanceof URL || value instanceof Response)).toEqual([]);
    const kinds = ["Blob", "File", "URL", "Response", "ReadableStream"] as const;
    const found = values.map((value) => kinds.filter((kind) => isWebObject(value, kind)));
    expect(found).toEqual([["Blob"], ["Blob", "File"], ["URL"], ["Response"], ["ReadableStream"]]);
    expect([undefined, null, "a", {}, new Date()].some((value) => kinds.some((kind) => isWebObject(value, kind)))).toBe(false);
  });

  test("buffers and errors", () => {
    expect(isArrayBuffer(foreign("new ArrayBuffer(1)"))).toBe(true);
    expect(isArrayBuffer(new DataView(new ArrayBuffer(1)))).toBe(false);
    const error = foreign("Object.assign(new TypeError('gone'), { code: 'ENOENT' })");
    expect(error instanceof Error).toBe(false);
    expect([isError(error), reasonOf(error), codeOf(error)]).toEqual([true, "gone", "ENOENT"]);
    expect([isError("gone"), reasonOf("gone"), codeOf({ code: "ENOENT" })]).toEqual([false, "gone", undefined]);
  });
});
