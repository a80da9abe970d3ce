import { describe, expect, test } from "vitest";
import { overrideConfig } from "./config.ts";

const config = { epochs: 3, data: [{ path: "a" }], losses: [{ head: "mood", scale: 1 }], schedule: { peak: 0.1 } };

describe("changes of a configuration", () => {
  test("reach fields, entries of lists, and fields that are not there yet", () => {
    const changes = ["epochs=12", "data.0.weight=2", "losses.0.scale=0.5", "sampling.balance.task=mood", 'schedule={"peak":1}'];
    expect(overrideConfig(config, changes)).toEqual({
      epochs: 12,
      data: [{ path: "a", weight: 2 }],
      losses: [{ head: "mood", scale: 0.5 }],
      schedule: { peak: 1 },
      sampling: { balance: { task: "mood" } },
    });
    expect(config.data).toEqual([{ path: "a" }]);
  });

  test.each([
    ["data.1.weight=2", /"data\.1\.weight" is no field: "data" is a list of 1/],
    ["losses.mood.scale=9", /"losses\.mood\.scale" is no field: "losses" is a list/],
    ["data.00.weight=2", /"data\.00\.weight" is no field/],
    ["epochs.first=2", /"epochs\.first" is no field: "epochs" is a value without fields/],
    ["epochs", /expected FIELD=VALUE/],
  ])("%s is refused", (change, message) => {
    expect(() => overrideConfig(config, [change])).toThrow(
      expect.objectContaining({ code: "TF_CONFIG_INVALID", message: expect.stringMatching(message) }),
    );
  });
});
