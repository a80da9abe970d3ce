/**
 * Kinds of values by their tags and not by `instanceof`: Jest gives every test file globals of its own, and an iframe has its own too. What Node,
 * native code or another frame makes is an instance of other ones then.
 */

/** The element types of typed arrays that are met here. */
interface TypedArrays {
  readonly Float32Array: Float32Array;
  readonly Int32Array: Int32Array;
  readonly BigInt64Array: BigInt64Array;
  readonly Int8Array: Int8Array;
  readonly Uint8Array: Uint8Array;
  readonly Uint8ClampedArray: Uint8ClampedArray;
}

export function isTypedArray<Name extends keyof TypedArrays>(value: unknown, name: Name): value is TypedArrays[Name];
export function isTypedArray(value: unknown, name: string): boolean;
export function isTypedArray(value: unknown, name: string): boolean {
  return ArrayBuffer.isView(value) && tagOf(value) === name;
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return tagOf(value) === "ArrayBuffer";
}

/** What browsers and Node have in common beside the language. */
interface WebObjects {
  readonly Blob: Blob;
  readonly File: File;
  readonly URL: URL;
  readonly Response: Response;
  readonly ReadableStream: ReadableStream<Uint8Array>;
  readonly ImageData: ImageData;
}

export function isWebObject<Name extends keyof WebObjects>(value: unknown, name: Name): value is WebObjects[Name] {
  if (typeof value !== "object" || value === null) return false;
  const tag = tagOf(value);
  return tag === name || (name === "Blob" && tag === "File");
}

export function isError(value: unknown): value is Error {
  return value instanceof Error || ["Error", "DOMException"].includes(tagOf(value));
}

/** What an error says, and anything else in its place. */
export function reasonOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** The code that Node and others give their errors. */
export function codeOf(error: unknown): string | undefined {
  return isError(error) && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** `Float32Array`, `ArrayBuffer`, `Error`: the same in every realm. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
