import type { FilmLook } from "../../../../src/video/film.browser.ts";
import type { BoundingBox } from "tensorface/browser";

/** Takes a small picture of each person in a film, and a better one when the face comes nearer. */
export interface Portraits {
  readonly look: (look: FilmLook) => void;
  readonly finished: () => Promise<void>;
}

/** Pixels; twice what it takes on the screen. */
const side = 104;
/** How much of what is around a face is shown with it, in shares of its longer side. */
const frame = 1.3;
/** A picture is replaced by one in which the face is so much larger. */
const better = 1.5;

export function createPortraits(tell: (track: number, picture: Blob) => void): Portraits {
  const sizes = new Map<number, number>();
  let last = Promise.resolve();
  return {
    look: ({ image, faces }) => {
      for (const { track, face } of faces) {
        const size = Math.max(face.box.width, face.box.height);
        if (size < better * (sizes.get(track) ?? 0)) continue;
        sizes.set(track, size);
        const canvas = draw(image, face.box);
        last = last.then(async () => tell(track, await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 })));
      }
    },
    finished: async () => last,
  };
}

function draw({ width, height, data }: FilmLook["image"], box: BoundingBox): OffscreenCanvas {
  const reach = Math.max(box.width, box.height) * frame;
  const [left, top] = [box.x + box.width / 2 - reach / 2, box.y + box.height / 2 - reach / 2];
  const pixels = new ImageData(side, side);
  for (let y = 0; y < side; y++) {
    const row = Math.min(height - 1, Math.max(0, Math.floor(top + ((y + 0.5) / side) * reach)));
    for (let x = 0; x < side; x++) {
      const column = Math.min(width - 1, Math.max(0, Math.floor(left + ((x + 0.5) / side) * reach)));
      const from = (row * width + column) * 3;
      pixels.data.set([data[from]!, data[from + 1]!, data[from + 2]!, 255], (y * side + x) * 4);
    }
  }
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return canvas;
}
