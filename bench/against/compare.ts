import { spawnSync } from "node:child_process";
import { z } from "zod";
import { askAll, type Contest, type Contestant, describeContestants, runTurns, type SaidOfPicture, turnOrder } from "../contest.ts";
import { today } from "../machine.ts";
import { spread, type Spread } from "../statistics.ts";

/** Two builds, measured in turns. */
export type Side = "before" | "now";

/** How one row came out. */
export interface AgainstRow {
  readonly title: string;
  readonly date: string;
  /** Milliseconds of a round. */
  readonly time: Readonly<Record<Side, Spread>>;
  /** Milliseconds of processor time of a round, of all threads. */
  readonly processorTime: Readonly<Record<Side, Spread>>;
  /** Now against before, round by round. */
  readonly ratio: Spread;
  readonly processorRatio: Spread;
  /** Not known of a browser, whose processes end with their pages. */
  readonly peakBytes?: Readonly<Record<Side, number>>;
}

/** Answers whose probabilities differ by no more are the same. */
const sameProbability = 0.01;

/** How far the answers are from those before. */
export interface AgainstAnswers {
  readonly date: string;
  readonly pictures: number;
  readonly faces: number;
  /** Faces that one of the two does not find. */
  readonly unmatched: number;
  /** Faces of which a probability differs by more than {@link sameProbability}. */
  readonly differing: number;
  /** Largest difference of any probability, and of a box's side or place in pixels. */
  readonly probability: number;
  readonly pixels: number;
}

export interface AgainstReport {
  readonly commit: string;
  readonly machine: string;
  readonly setup: Readonly<Record<Side, string>>;
  readonly rows: readonly AgainstRow[];
  readonly answers?: AgainstAnswers | undefined;
}

interface Round {
  readonly ms: number;
  readonly processorMs: number;
}

export function contestants(before: string): readonly Contestant<Side>[] {
  return [
    { key: "before", engine: "tensorface", build: before },
    { key: "now", engine: "tensorface" },
  ];
}

export async function describeSides(sides: readonly Contestant<Side>[]): Promise<Record<Side, string>> {
  const [before, now] = await describeContestants(sides);
  return { before: before!.setup, now: now!.setup };
}

/** Pictures, by processes that are loaded. */
export async function compareRow(contest: Contest, sides: readonly Contestant<Side>[]): Promise<AgainstRow> {
  const [before, now] = await runTurns(contest, sides);
  return rowOf(contest.title, before!.answers, now!.answers, { before: before!.peakBytes, now: now!.peakBytes });
}

const endSchema = z.object({ processorMs: z.number(), peakBytes: z.number() });

/** Runs in the measured process: what it took is known when it ends. */
const lastWords = `process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write("\\n" + JSON.stringify({ processorMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 }));
});`;

/**
 * A new process for each round, from its start to its end.
 * @param wordsOf the words behind `node`, for a build's folder
 */
export function compareStarts(
  title: string,
  rounds: number,
  wordsOf: (clone: string) => readonly string[],
  clones: Readonly<Record<Side, string>>,
): AgainstRow {
  const measured: Record<Side, Round[]> = { before: [], now: [] };
  const peakBytes = { before: 0, now: 0 };
  // What the first start of a build keeps serves the next ones.
  for (let round = -1; round < rounds; round++) {
    for (const side of turnOrder(round, ["before", "now"] as const)) {
      const { ms, ...end } = startOnce(title, wordsOf(clones[side]));
      if (round < 0) continue;
      measured[side].push({ ms, processorMs: end.processorMs });
      peakBytes[side] = Math.max(peakBytes[side], end.peakBytes);
    }
  }
  return rowOf(title, measured.before, measured.now, peakBytes);
}

function startOnce(title: string, words: readonly string[]): Round & { readonly peakBytes: number } {
  const start = performance.now();
  const hook = `--import=data:text/javascript,${encodeURIComponent(lastWords)}`;
  const { status, stderr } = spawnSync(process.execPath, [hook, ...words], { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${title}: ${stderr}`);
  return { ms, ...endSchema.parse(JSON.parse(stderr.slice(stderr.lastIndexOf("\n")))) };
}

// eslint-disable-next-line max-params -- a row's title, both sides, and their memory
export function rowOf(title: string, before: readonly Round[], now: readonly Round[], peakBytes?: AgainstRow["peakBytes"]): AgainstRow {
  const spreads = (of: (round: Round) => number): Record<Side, Spread> => ({ before: spread(before.map(of)), now: spread(now.map(of)) });
  const ratios = (of: (round: Round) => number): Spread => spread(now.map((round, index) => of(round) / of(before[index]!)));
  const ms = (round: Round): number => round.ms;
  const processorMs = (round: Round): number => round.processorMs;
  return {
    title,
    date: today(),
    time: spreads(ms),
    processorTime: spreads(processorMs),
    ratio: ratios(ms),
    processorRatio: ratios(processorMs),
    ...(peakBytes !== undefined && { peakBytes }),
  };
}

/** What both say of the same pictures. Faces belong together that overlap most, as they come. */
export async function compareAnswers(paths: readonly string[], sides: readonly Contestant<Side>[]): Promise<AgainstAnswers> {
  const said = await askAll(paths, sides);
  let [faces, unmatched, differing, probability, pixels] = [0, 0, 0, 0, 0];
  for (const [index, before] of said.before.entries()) {
    const left = [...said.now[index]!];
    for (const face of before) {
      faces++;
      const at = left.findIndex((other) => boxDistance(face, other) < Math.min(face.box.width, face.box.height) / 2);
      if (at < 0) {
        unmatched++;
        continue;
      }
      const [other] = left.splice(at, 1);
      pixels = Math.max(pixels, boxDistance(face, other!));
      const moved = Object.entries(face.probabilities).map(([name, value]) => Math.abs(value - (other!.probabilities[name] ?? Infinity)));
      const most = Math.max(...moved);
      if (most > sameProbability) differing++;
      probability = Math.max(probability, most);
    }
    unmatched += left.length;
  }
  return { date: today(), pictures: paths.length, faces, unmatched, differing, probability, pixels };
}

type SaidOfFace = SaidOfPicture[number];

function boxDistance({ box: a }: SaidOfFace, { box: b }: SaidOfFace): number {
  return Math.max(...(["x", "y", "width", "height"] as const).map((name) => Math.abs(a[name] - b[name])));
}
