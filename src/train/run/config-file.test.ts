import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import recipe from "../../../recipes/fer2013-small.ts";
import { readConfig, splitChanges } from "./config-file.node.ts";

describe("--set", () => {
  test.each([
    ["", []],
    ["epochs=12,schedule.peak=0.002", ["epochs=12", "schedule.peak=0.002"]],
    ["losses.0.classWeights=[1,2],epochs=3", ["losses.0.classWeights=[1,2]", "epochs=3"]],
    ['schedule={"kind":"steps","at":[0.5,0.8],"peak":1},epochs=3', ['schedule={"kind":"steps","at":[0.5,0.8],"peak":1}', "epochs=3"]],
    [
      'losses=[{"kind":"mass","head":"age"},{"a":{"b":[1],"c":2}}],seed=2',
      ['losses=[{"kind":"mass","head":"age"},{"a":{"b":[1],"c":2}}]', "seed=2"],
    ],
    ['description="a, [b \\" c",epochs=3', ['description="a, [b \\" c"', "epochs=3"]],
  ])("%s", (text, changes) => expect(splitChanges(text)).toEqual(changes));

  test.each(['schedule={"kind":"constant",epochs=3', 'description="a,epochs=3'])("%s does not end", (text) => {
    expect(() => splitChanges(text)).toThrow(
      expect.objectContaining({ code: "TF_CONFIG_INVALID", message: expect.stringContaining("--set") }),
    );
  });
});

test("a module that exports its configuration by a name alone is told to export it by default", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-config-"));
  try {
    const file = join(folder, "mine.ts");
    await writeFile(file, "export const config = {};\n");
    await expect(readConfig(file)).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringMatching(/has no default export$/),
      hint: expect.stringContaining("export default"),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ["plain", ""],
  ["with a byte order mark, as some editors of Windows write it", "\uFEFF"],
])("a recipe in JSON, %s", async (_name, mark) => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-recipe-"));
  try {
    const path = join(folder, "recipe.json");
    await writeFile(path, mark + JSON.stringify(recipe));
    expect(await readConfig(path)).toMatchObject({ name: recipe.name });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a recipe of the package", () => {
  test("is found by its name, and by its path", async () => {
    expect((await readConfig("fer2013-small")).name).toBe("fer2013-small");
    expect((await readConfig("recipes/mood.ts", ["epochs=2"])).epochs).toBe(2);
  });

  test("a name that is none names those that are", async () => {
    await expect(readConfig("mod")).rejects.toMatchObject({
      code: "TF_INPUT_NOT_FOUND",
      hint: expect.stringContaining("mood-first"),
    });
  });

  test("a copy in a folder where nothing is installed takes the package that runs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-recipe-"));
    try {
      await copyFile("recipes/fer2013-small.ts", join(folder, "mine.ts"));
      await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }');
      expect((await readConfig(join(folder, "mine.ts"))).name).toBe("fer2013-small");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
