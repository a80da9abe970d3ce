import type { BoundingBox } from "tensorface/browser";
import { describe, expect, test } from "vitest";
import { placeBadges } from "./badges.ts";

const picture = { width: 1000, height: 800 };
const box = (x: number, y: number, side = 60): BoundingBox => ({ x, y, width: side, height: side });

describe("the number of a face", () => {
  test.each([
    ["above its box", [box(300, 300)], ["above"]],
    ["below it at the upper edge", [box(300, 5)], ["below"]],
    ["beside it between two others", [box(300, 300), box(300, 235), box(300, 365)], ["right", "above", "below"]],
    ["in a large one that fills the picture", [{ x: 0, y: 0, width: 1000, height: 800 }], ["inside"]],
  ])("stands %s", (_, boxes, places) => {
    expect(placeBadges(boxes, picture)).toEqual(places);
  });
});
