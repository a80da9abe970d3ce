import { expect, test } from "vitest";
import { hasTestData, onnxCases } from "./cases.ts";
import { examine, steps, type Verdict } from "./examine.ts";

/**
 * ONNX's own tests, as Debian's `libonnx-testdata` has them: what goes in must come out, the opset must be converted without another
 * answer, shapes must be the engine's, gradients those of central differences. What cannot be done must be refused by name.
 */
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";
if (!hasTestData) console.log("ONNX's own tests: skipped, since Debian's package libonnx-testdata is not installed");

test.runIf(isCi)("under CI ONNX's own tests are there: a skip would hide a failure", () => {
  expect(hasTestData).toBe(true);
});

/** How many are right in version 1.12: fewer would mean that something was given up. */
const right: Readonly<Record<Verdict["step"], number>> = { "decode and encode": 900, "current opset": 913, shapes: 664, gradients: 356 };

test.skipIf(!hasTestData)("ONNX's own tests: right or refused by name, never wrong", { timeout: 240_000 }, async () => {
  const verdicts: (Verdict & { readonly name: string })[] = [];
  let count = 0;
  for (const given of onnxCases()) {
    count++;
    for (const verdict of await examine(given)) verdicts.push({ ...verdict, name: given.name });
  }
  const table = steps.map((step) => {
    const outcomes = verdicts.filter((verdict) => verdict.step === step).map(({ outcome }) => outcome);
    const of = (outcome: Verdict["outcome"]): number => outcomes.filter((each) => each === outcome).length;
    return { step, right: of("right"), named: of("named"), wrong: of("wrong") };
  });
  console.log(`ONNX's own tests, ${count} networks:`);
  console.table(table);
  expect(verdicts.filter(({ outcome }) => outcome === "wrong")).toEqual([]);
  const lost = table.filter(({ step, right: found }) => found < right[step]);
  expect(lost).toEqual([]);
});
