import { expect, test } from "vitest";
import type { AttributeEstimate } from "./analysis.ts";
import { attributeLines } from "./annotate-faces.ts";

const classOf = (label: string | null, confidence: number, labels?: readonly string[]): AttributeEstimate => ({
  label,
  confidence,
  probabilities: { beard: confidence, moustache: 1 - confidence, none: 0 },
  ...(labels === undefined ? {} : { set: { labels, level: 0.9 } }),
});

test.each<[string, AttributeEstimate, boolean]>([
  // As "female 99 %" beside it: a class of one's own is no surer than it says.
  ["hair: beard 88 %", classOf("beard", 0.88), false],
  ["hair: perhaps beard 62 %", classOf("beard", 0.62), true],
  ["hair: unclear", classOf("beard", 0.5), true],
  ["hair: none of these", classOf(null, 0.99), true],
  ["hair: beard 55 %", classOf("beard", 0.55, ["beard"]), false],
  ["hair: beard or moustache", classOf("beard", 0.7, ["beard", "moustache"]), true],
  ["hair: nothing", { labels: [], probabilities: { hat: 0.1 } }, false],
  ["hair: 7.2 (5.9 to 8)", { value: 7.2, interval: { low: 5.9, high: 8, level: 0.8 } }, false],
])("on a picture stands %s", (text, estimate, isUnsure) => {
  expect(attributeLines({ hair: estimate })).toEqual([{ text, isUnsure }]);
});
