import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Whoever sets the browser to large letters gets them: a size in pixels takes no notice of that. */
const root = fileURLToPath(new URL("..", import.meta.url));
// At least so many is no limit: telephones enlarge a page whose fields have smaller letters.
const inPixels = /\bfont(?:-size)?:(?!\s*max\()[^;{}]*?\dpx/g;

test("no page and no report sets its letters in pixels", () => {
  const files = globSync(["web/**/*.css", "web/**/*.tsx", "src/**/*.ts", "docs/.vitepress/**/*.css"], {
    cwd: root,
    exclude: ["**/node_modules/**", "docs/.vitepress/{cache,dist}/**"],
  });
  expect(files.length).toBeGreaterThan(100);
  const fixed = files.flatMap((file) => (readFileSync(`${root}/${file}`, "utf8").match(inPixels) ?? []).map((rule) => `${file}: ${rule}`));
  expect(fixed).toEqual([]);
});
