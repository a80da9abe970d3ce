import { roundOutcome } from "../../analyze/index.ts";
import type { OutcomeWriter } from "./writer.ts";

/** One line a picture: the contract's object. */
export function createJsonLinesWriter(): OutcomeWriter {
  return { begin: () => "", write: (outcome) => `${JSON.stringify(roundOutcome(outcome))}\n`, end: () => "" };
}

/** One array of the contract's objects, indented, whatever the number of pictures; closed also when the run stops early. */
export function createJsonWriter(): OutcomeWriter {
  let written = 0;
  return {
    begin: () => "[",
    write: (outcome) => `${written++ === 0 ? "" : ","}\n${indent(JSON.stringify(roundOutcome(outcome), undefined, 2))}`,
    end: () => (written === 0 ? "]\n" : "\n]\n"),
  };
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
