import { expect, test } from "vitest";
import { namesOfNothing } from "./map-paths.ts";

const files = ["src/image/cut.ts", "src/image/decode.node.ts", "web/review/main.tsx"];

test("names may begin anywhere, and be folders", () => {
  expect(
    namesOfNothing(
      "`image/cut.ts`, `cut.ts`, `decode.node.ts`, `src/image`, `web/review`, `tensorface/train`, `npm run ok`, `core`",
      files,
    ),
  ).toEqual([]);
});

test("a planted name of what is not there is found", () => {
  expect(namesOfNothing("`image/lost.ts`, `lost.ts`, `image/cut.ts`, `server/lost`", files)).toEqual([
    "image/lost.ts",
    "lost.ts",
    "server/lost",
  ]);
});
