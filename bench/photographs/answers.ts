import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { genders } from "../../src/core/index.ts";
import type { FoundFace } from "../engines/engine.ts";
import type { Photograph } from "./pictures.ts";

const foundFaceSchema = z.object({
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  years: z.number().optional(),
  ageGroup: z.string().optional(),
  gender: z.enum(genders).optional(),
});
const answerSchema = z.object({ path: z.string(), faces: z.array(foundFaceSchema) });

/** What an engine said of pictures. */
export interface Answers {
  /** The faces of a picture; `ask` is called where the picture was not asked about before. */
  of(picture: Pick<Photograph, "path">, ask: (path: string) => Promise<readonly FoundFace[]>): Promise<readonly FoundFace[]>;
}

/**
 * What an engine said of pictures, kept line by line, so that a stopped run goes on.
 * @param engine all that an answer depends on: name, version, build, setup
 */
export async function openAnswers(folder: string, engine: readonly string[]): Promise<Answers> {
  // Names of files are short, and a setup may differ from another in its last word.
  const words = engine.join("-").replaceAll(/[^\w.-]+/g, "_");
  const file = join(folder, `${words.slice(0, 100)}-${shortHash(JSON.stringify(engine))}.jsonl`);
  await mkdir(folder, { recursive: true });
  const text = await readFile(file, "utf8").catch(() => "");
  // What has no line break was not wholly written.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) await writeFile(file, whole);
  const answers = whole.split("\n").slice(0, -1);
  const known = new Map(answers.map((line) => answerSchema.parse(JSON.parse(line))).map(({ path, faces }) => [path, faces]));
  return {
    of: async ({ path }, ask) => {
      const kept = known.get(path);
      if (kept !== undefined) return kept;
      const faces = await ask(path);
      await appendFile(file, `${JSON.stringify({ path, faces })}\n`);
      return faces;
    },
  };
}

/**
 * What tells one build of the package from another: its entry names its parts, and they are called by what they hold; the list of networks
 * holds their hashes, since converted anew one keeps its name.
 * @param entry the file that programs import
 * @param models the list of the networks that are installed
 */
export async function packageBuild(entry: string, models: string): Promise<string> {
  return shortHash(Buffer.concat([await readFile(entry), await readFile(models)]));
}

function shortHash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
