import type { ArgsDef, ParsedArgs } from "citty";
import { type AnalyzerOptions, detectorChoices, highestScore } from "../analyze/index.ts";
import { numberFlag } from "./command.ts";

/** The flags of every command that looks for faces in pictures. */
export const findingArgs = {
  detector: { type: "enum", options: [...detectorChoices], description: "what finds the faces (default: blazeface)" },
  "min-face": {
    type: "string",
    valueHint: "PX",
    description:
      "longer side of the smallest face box to look for, in pixels (default: 1/64 of the picture's longer side, less for panoramas, at least 20)",
  },
  "min-score": {
    type: "string",
    valueHint: "S",
    description: "leave out faces of which the detector is less sure, 0 to 1, with dlib from 0 on (default: 0, all that are found)",
  },
  "max-faces": { type: "string", valueHint: "N", description: "keep the N largest faces of a picture (default: 256)" },
  "any-rotation": { type: "boolean", description: "also find faces that lie on their side or upside down; about four times slower" },
} as const satisfies ArgsDef;

/** What these flags ask of the analyzer. @param defaults where a flag does not say it @throws {TF_INVALID_ARGUMENT} when a number is out of its range */
export function readFinding(
  args: ParsedArgs<typeof findingArgs>,
  defaults: Pick<AnalyzerOptions, "maxFaces"> = {},
): Pick<AnalyzerOptions, "detector" | "minFaceSize" | "minScore" | "maxFaces" | "anyRotation"> {
  return {
    detector: args.detector,
    minFaceSize: numberFlag("min-face", args["min-face"], { min: 1 }),
    minScore: numberFlag("min-score", args["min-score"], { min: 0, max: highestScore(args.detector) }),
    maxFaces: numberFlag("max-faces", args["max-faces"], { min: 1, whole: true }) ?? defaults.maxFaces,
    anyRotation: args["any-rotation"],
  };
}
