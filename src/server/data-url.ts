import { TensorFaceError } from "../core/index.ts";

/**
 * The bytes of a data URL with base64. Nothing is guessed: base64 that lost characters on its way is another picture, or none.
 * @throws {TF_REQUEST_INVALID} when it is no data URL, or what follows is not base64 from beginning to end
 */
export function decodeDataUrl(text: string): Uint8Array {
  const head = /^data:[^,]*;base64,/i.exec(text);
  if (head === null) throw new TensorFaceError("TF_REQUEST_INVALID", "`image` is no data URL with base64");
  const base64 = unescaped(text.slice(head[0].length))
    .replaceAll(/[\r\n]+/g, "")
    .replace(/={1,2}$/, "");
  const bytes = Buffer.from(base64, "base64");
  // Node passes over what is not base64, and stops at an end in the middle: then there are fewer bytes than letters for them.
  if (base64.length % 4 !== 1 && bytes.byteLength === Math.floor((base64.length * 3) / 4)) return bytes;
  throw new TensorFaceError("TF_REQUEST_INVALID", "what `image` holds is not base64", {
    hint: base64.includes(" ")
      ? "It has blanks: a form or an address turns + into one. Send the JSON as it is, as application/json."
      : "Encode the whole file as base64, behind data:image/jpeg;base64,.",
  });
}

/** A data URL is an address, so it may be written with percent signs. Broken ones stay, and are no base64. */
function unescaped(text: string): string {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}
