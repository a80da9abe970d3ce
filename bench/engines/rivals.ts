import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { z } from "zod";

/** What both rivals need in Node with the WASM backend: packages by path, pixels, and `fetch` for files. */
export const load = createRequire(import.meta.url);

/** By place, since the rivals' `exports` hide the builds and models that are needed here. */
export function packageFolder(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
}

export async function packageVersion(name: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder(name), "package.json"), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** Where the `.wasm` files of TensorFlow.js are, with the slash that it wants. */
export function wasmFolder(): string {
  return `${join(packageFolder("@tensorflow/tfjs-backend-wasm"), "dist")}/`;
}

export interface Pixels {
  readonly data: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** The rivals have no decoder for Node's WASM backend: they get what TensorFace decodes with, sharp, upright RGB. */
export async function decodePixels(path: string): Promise<Pixels> {
  const { data, info } = await sharp(path).rotate().flatten().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { data: Int32Array.from(data), width: info.width, height: info.height };
}

/** Node's `fetch` refuses `file:` addresses, by which human loads its models. */
export function allowFileFetch(): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return address.startsWith("file:") ? new Response(await readFile(new URL(address))) : original(input, init);
  };
}
