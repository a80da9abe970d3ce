import type { BoundingBox } from "tensorface/browser";

/** Where the number of a face stands: at its box, or in it. */
export type BadgePlace = "above" | "below" | "right" | "left" | "inside";

/** A number takes about this part of the picture's longer side: on a phone; on a larger screen less. */
const badgeShare = { width: 0.055, height: 0.045 };
/** A box of this many numbers has room for its own. */
const roomInside = 3;

/**
 * A place for the number of every face where it covers no other face: above its box, else below, right, left; in it where all of them are
 * taken and it is large; and else above, for want of a better one.
 */
export function placeBadges(boxes: readonly BoundingBox[], picture: { readonly width: number; readonly height: number }): BadgePlace[] {
  const side = Math.max(picture.width, picture.height);
  const size = { width: side * badgeShare.width, height: side * badgeShare.height };
  return boxes.map((box) => {
    const others = boxes.filter((other) => other !== box);
    const isFree = ([, at]: readonly [BadgePlace, BoundingBox]): boolean =>
      isInside(at, picture) && !others.some((other) => overlap(at, other));
    const free = placesAround(box, size).find(isFree);
    if (free !== undefined) return free[0];
    return Math.min(box.width / size.width, box.height / size.height) >= roomInside ? "inside" : "above";
  });
}

function placesAround(box: BoundingBox, size: { readonly width: number; readonly height: number }): (readonly [BadgePlace, BoundingBox])[] {
  return [
    ["above", { ...size, x: box.x, y: box.y - size.height }],
    ["below", { ...size, x: box.x, y: box.y + box.height }],
    ["right", { ...size, x: box.x + box.width, y: box.y }],
    ["left", { ...size, x: box.x - size.width, y: box.y }],
  ];
}

function isInside({ x, y, width, height }: BoundingBox, picture: { readonly width: number; readonly height: number }): boolean {
  return x >= 0 && y >= 0 && x + width <= picture.width && y + height <= picture.height;
}

function overlap(a: BoundingBox, b: BoundingBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
