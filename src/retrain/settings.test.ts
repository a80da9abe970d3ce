import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { type RetrainSettings, readSettings, settingsBeside, writeSettings } from "./settings.node.ts";

test("paths hold from any folder, that of a network made elsewhere too; names stay names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "settings-"));
  try {
    const [file, network] = [join(folder, "settings.json"), join(folder, "net.onnx")];
    await writeFile(network, "");
    const source = relative(process.cwd(), join(folder, "pictures"));
    const names = ["emotion", "faceres:conv_pw_9_relu/clip_by_value", "nsfwjs/mobilenet_v2", "age-gender-5+mood-5"];
    await writeSettings(file, { source, backbone: [...names, relative(process.cwd(), network)].join(",") });
    expect(await readSettings(file)).toEqual({ source: join(folder, "pictures"), backbone: [...names, network].join(",") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("what is said counts beside settings, and a name that nobody chose follows its folder or its pictures", () => {
  const made = (out: string, name: string): RetrainSettings => ({ source: "/data/photos", out, name, seed: 3, pictures: false });
  const usual = made("/made/photos-model", "photos-model");
  expect(settingsBeside(undefined, "photos", { seed: 1 })).toEqual({ source: "photos", seed: 1 });
  expect(settingsBeside(usual, undefined, { seed: 4 })).toEqual({
    source: "/data/photos",
    out: "/made/photos-model",
    seed: 4,
    pictures: false,
  });
  // As if it had been made there at once.
  expect(settingsBeside(usual, undefined, { out: "other" })).toMatchObject({ source: "/data/photos", out: "other", name: undefined });
  expect(settingsBeside(usual, "cats", {})).toMatchObject({ source: "cats", out: undefined, name: undefined });
  // Words of somebody stay.
  expect(settingsBeside(made("/made/v2", "v2"), "cats", {})).toMatchObject({ out: "/made/v2", name: undefined });
  expect(settingsBeside(made("/made/v2", "glasses"), undefined, { out: "other" })).toMatchObject({ out: "other", name: "glasses" });
  expect(settingsBeside(undefined, undefined, {})).toBeUndefined();
});
