import type * as Mediabunny from "mediabunny";
import { TensorFaceError } from "../core/index.ts";

export type MediabunnyLibrary = typeof Mediabunny;

let loading: Promise<MediabunnyLibrary> | undefined;

/**
 * The library that reads and writes containers, with FFmpeg's decoders and encoders for Node. Loaded with the first film.
 * @throws {TF_VIDEO_UNSUPPORTED} when the packages are not installed
 */
export async function loadMediabunny(): Promise<MediabunnyLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<MediabunnyLibrary> {
  try {
    const [mediabunny, server] = await Promise.all([import("mediabunny"), import("@mediabunny/server")]);
    // Hardware differs from machine to machine, and so would the last bit of every pixel.
    server.registerMediabunnyServer({ hardwareContext: null });
    return mediabunny;
  } catch (error) {
    throw new TensorFaceError(
      "TF_VIDEO_UNSUPPORTED",
      "films are read by the packages mediabunny and @mediabunny/server, which are not installed",
      {
        cause: error,
        hint: "npm install mediabunny @mediabunny/server",
      },
    );
  }
}
