import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { portrait } from "./pictures.ts";

/** Writes a film of the portrait's face that sways up and down, 640 x 480; gives its path. */
export async function writeFilm(folder: string): Promise<string> {
  const frames = Array.from({ length: 20 }, async (_, index) =>
    sharp(portrait)
      .resize(640, 640)
      .extract({ left: 0, top: Math.round(20 + 20 * Math.sin((index / 20) * 2 * Math.PI)), width: 640, height: 480 })
      .jpeg()
      .toBuffer(),
  );
  const film = join(folder, "face.mjpeg");
  await writeFile(film, Buffer.concat(await Promise.all(frames)));
  return film;
}

/** Flags of a browser whose camera is a film, and which does not ask its user. */
export function cameraFlags(film: string): readonly string[] {
  return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`];
}
