import { describe, expect, test } from "vitest";
import { defineTraining, overrideConfig, parseTrainingConfig } from "./config.ts";
import { dense, faceTrunk, mobileNetwork, residualNetwork } from "./network/index.ts";

const config = { epochs: 3, data: [{ path: "a" }], losses: [{ head: "mood", scale: 1 }], schedule: { peak: 0.1 } };

test("what networks and lists are made of elsewhere goes into a configuration as it is", () => {
  const input = { kind: "picture", channels: 1, height: 48, width: 48, mean: [127.5], standardDeviation: [64] } as const;
  const { backbone } = residualNetwork({ input, heads: {}, widths: [8, 16] });
  const parts = [
    ["residual", backbone],
    ["mobile", mobileNetwork({ input, heads: {}, stages: [{ channels: 8, blocks: 1, stride: 2, expansion: 2 }] }).backbone],
    ["face trunk", faceTrunk({ blocks: 2 })],
  ] as const;
  const data = [{ path: "faces" }] as const;
  for (const [name, layers] of parts) {
    const config = defineTraining({
      name: name.replace(" ", "-"),
      data,
      picture: { side: 48, colour: name === "face trunk" ? "rgb" : "grey" },
      network: { backbone: layers, heads: [{ task: "gender", layers: [dense(2)] }] },
      losses: [{ kind: "crossEntropy", head: "gender", target: { kind: "gender" } }],
      optimiser: { kind: "adamw" },
      schedule: { kind: "oneCycle", peak: 0.004 },
      epochs: 1,
      validation: { select: ["gender.accuracy"] },
    });
    expect(parseTrainingConfig(config, name).network.backbone).toHaveLength(layers.length);
  }
});

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

describe("fields that no configuration has", () => {
  test.each([
    [{ epoch: 3, batchsize: 8 }, /unknown field "epoch": did you mean "epochs"\?; unknown field "batchsize": did you mean "batchSize"\?/],
    [{ validation: { selcet: [] } }, /unknown field "validation.selcet": did you mean "select"\?/],
    [{ validation: { qqqqqq: 1 } }, /unknown field "validation.qqqqqq": known are select, flip, every/],
    [{ losses: [{ kind: "mass", head: "age", targt: 1 }] }, /unknown field "losses.0.targt": did you mean "target"\?/],
    [
      { network: { backbone: [{ layer: "conv", channels: 8, strid: 2 }], heads: [] } },
      /unknown field "network.backbone.0.strid": did you mean "stride"\?/,
    ],
  ])("are named with the ones that were meant, else with all that there are: %o", (given, message) => {
    expect(() => parseTrainingConfig(given)).toThrow(message);
  });
});
