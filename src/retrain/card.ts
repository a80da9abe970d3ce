import { describeResult } from "./describe.ts";
import type { RetrainResult } from "./options.ts";

/** The model's card: what it tells, how well, and what it is not for. */
export function renderTaughtCard(result: RetrainResult, holds: string): string {
  const { manifest, task, warnings } = result;
  const labels = task.labels ?? [];
  return `# ${manifest.id}

Tells ${task.kind === "number" ? `a number, \`${task.name}\`` : `\`${task.name}\`: ${labels.join(", ")}`}, ${manifest.sees === "picture" ? "of whole pictures" : "of faces that are found and cut out"}.

${describeResult(result).join("\n\n")}
${warnings.length === 0 ? "" : `\n${warnings.map((warning) => `- ${warning}`).join("\n")}\n`}
## Use

    npx tensorface analyze PICTURE --model ${manifest.id}

The probabilities are calibrated on unseen examples. A picture unlike all examples has no label: \`"label": null\`.

## Limits

It knows what its examples show and nothing else: other cameras, light, people and ages may lower the numbers above. What it tells of a
person is an appearance, neither identity nor inner state. Telling emotions at work and in schools is forbidden in the European Union.

Licences: ${manifest.provenance.licence}.

## What it holds

${holds}
`;
}
