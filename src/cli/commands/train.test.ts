import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import recipe from "../../../recipes/fer2013-small.ts";
import { readConfig } from "./train.ts";

test.each([
  ["plain", ""],
  ["with a byte order mark, as some editors of Windows write it", "\uFEFF"],
])("a recipe in JSON, %s", async (_name, mark) => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-recipe-"));
  try {
    const path = join(folder, "recipe.json");
    await writeFile(path, mark + JSON.stringify(recipe));
    expect(await readConfig(path, undefined)).toMatchObject({ name: recipe.name });
  } finally {
    await rm(folder, { recursive: true });
  }
});
