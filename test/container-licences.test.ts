import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

/** What the container's last stage takes along; `test/package/container.check.ts` carries out the steps. */

const read = async (name: string): Promise<string> => readFile(new URL(`../${name}`, import.meta.url), "utf8");

test("the image holds the licence texts that NOTICE names", async () => {
  const named = [...(await read("NOTICE")).matchAll(/\bLICENSES\/[\w.-]+\w/g)].map(([path]) => path);
  expect(named).not.toEqual([]);
  for (const path of named) expect(await read(path)).not.toBe("");
  const lastStage = (await read("Dockerfile")).split(/^FROM /m).at(-1)!;
  expect(lastStage).toMatch(/^COPY --from=build \/app\/LICENSES \.\/LICENSES$/m);
  expect(lastStage).toMatch(/^COPY --from=build .*\/app\/NOTICE .*\.\/$/m);
});
