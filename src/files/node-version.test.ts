import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { outdatedNode } from "./node-version.node.ts";

test("an old Node is told so, by the version that package.json asks for", async () => {
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const oldest = /"node": "\^(\d+\.\d+) /.exec(manifest)![1]!;
  expect(outdatedNode("20.19.4")).toContain(`needs Node ${oldest} or newer, this is 20.19.4`);
  expect(outdatedNode("22.17.0")).toContain(`needs Node ${oldest}`);
});

test.each(["22.18.0", "24.11.0", "26.0.0", process.versions.node])("%s is new enough", (version) => {
  expect(outdatedNode(version)).toBeUndefined();
});

test("the sources need a newer one than what is built from them", () => {
  expect(outdatedNode("22.18.0", true)).toContain("the sources need Node 24 or newer, this is 22.18.0");
  expect(outdatedNode("24.11.0", true)).toBeUndefined();
});
