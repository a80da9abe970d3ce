import { expect, test } from "vitest";
import { parseTrainingConfig } from "../config.ts";
import { dense, globalPool } from "../network/index.ts";
import { initialLoopState } from "./loop.ts";
import { createTrainingDisplay } from "./training-display.node.ts";

const config = parseTrainingConfig({
  name: "small",
  data: [{ path: "faces" }],
  picture: { side: 8, colour: "grey" },
  network: { backbone: [globalPool()], heads: [{ task: "mood", layers: [dense(7)] }] },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
  schedule: { kind: "constant", peak: 0.1 },
  epochs: 1,
  validation: { select: ["mood.accuracy"] },
});

/** What the display says of a training that begins. */
function saidAtStart(taught: Readonly<Record<string, number>>): string {
  let said = "";
  const stderr = { isTTY: false, columns: 80, write: (text: string) => ((said += text), true) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a display only writes, and asks what it writes to
  createTrainingDisplay(config, stderr as unknown as NodeJS.WriteStream).onStart({
    trainCount: 100,
    validationCount: 20,
    taught,
    cleaning: { dropped: 0, relabelled: 0 },
    uncleaned: [],
    parameterCount: 14,
    multiplyAccumulates: 7,
    dataHash: "",
    state: initialLoopState,
  });
  return said;
}

test("a loss that not all pictures teach says how many do, as after a teacher that was stopped", () => {
  expect(saidAtStart({ "mood from mood": 100, "mood from teacher": 7 })).toContain(
    "100 pictures to train on, 20 to validate with; 7 teach mood from teacher\n",
  );
  expect(saidAtStart({ "mood from mood": 100 })).toMatch(/20 to validate with\n$/);
});
