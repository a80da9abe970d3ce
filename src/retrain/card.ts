import { type TaskDefinition, unreachable } from "../core/index.ts";
import { quoted } from "../report/index.ts";
import { describeResult } from "./describe.ts";
import type { RetrainResult } from "./options.ts";

/** The model's card: what it tells, how well, and what it is not for. */
export function renderTaughtCard(result: RetrainResult, holds: string): string {
  const { manifest, out, task, warnings } = result;
  const labels = task.labels ?? [];
  return `# ${manifest.id}

Tells ${task.kind === "number" ? `a number, \`${task.name}\`` : `\`${task.name}\`: ${labels.join(", ")}`}, ${manifest.sees === "picture" ? "of whole pictures" : "of faces that are found and cut out"}.

${describeResult(result).join("\n\n")}
${warnings.length === 0 ? "" : `\n${warnings.map((warning) => `- ${warning}`).join("\n")}\n`}
## Use

    npx tensorface analyze PICTURE --model ${quoted(out)}
    npx tensorface serve --model ${quoted(out)}

In a program: \`createAnalyzer({ models: [${JSON.stringify(out)}] })\`.

${promiseOf(task)}

## Limits

It knows what its examples show and nothing else: other cameras, light, people and ages may lower the numbers above. What it tells of a
person is an appearance, neither identity nor inner state. Telling emotions at work and in schools is forbidden in the European Union.

Licences: ${manifest.provenance.licence}.

## What it holds

${holds}
`;
}

/** What its answers promise; only a label may be missing. */
function promiseOf({ kind }: TaskDefinition): string {
  switch (kind) {
    case "classes":
    case "ordered":
    case "age":
      return 'The probabilities are calibrated on unseen examples. A picture unlike all examples has no label: `"label": null`.';
    case "tags":
      return "The probability of each tag is calibrated on unseen examples. Tags are told of every picture, also of one unlike all examples.";
    case "number":
      return "The interval is fitted on unseen examples, to hold the true number in 80 % of cases. A number is told of every picture, also of one unlike all examples.";
    default:
      return unreachable(kind);
  }
}
