import { type AnalyzeOptions, type FaceAnalysis, TensorFaceError } from "tensorface/browser";
import type { Asked } from "../../../../src/bridge/index.ts";
import { createWaitingList } from "../../../../src/core/index.ts";
import type { RasterImage } from "../../../../src/image/index.ts";
import {
  asItPlays,
  blurFilm,
  type CloserLook,
  type FilmLook,
  followFaces,
  type FollowedFilm,
  jsonLine,
  openFilm,
  secondsCsv,
  tracksJson,
} from "../../../../src/video/film.browser.ts";
import type { BlurAsk, FilmNews, FollowAnswer, FollowAsk, HoldAsk, TableAsk } from "../../shared/film-questions.ts";
import { createTeller } from "./film-teller.ts";
import { createPortraits } from "./portraits.ts";

/** Follows the people of films, and writes what is told of each: the same code as `tensorface analyze` and `blur`. */
export interface Filmer {
  /**
   * Stopped early, it answers with what it has.
   * @throws {TF_VIDEO_UNSUPPORTED | TF_VIDEO_CORRUPT} when the film cannot be read to its end
   */
  readonly follow: (ask: FollowAsk, asked: Asked<FilmNews>) => Promise<FollowAnswer>;
  /** Rests between two frames, or goes on. */
  readonly hold: (ask: HoldAsk) => void;
  readonly table: (ask: TableAsk) => Blob;
  /**
   * Tells how far it is, in seconds of the film; waits for those that were asked for before.
   * @throws {TF_VIDEO_UNSUPPORTED} where this browser encodes no such film
   */
  readonly blur: (ask: BlurAsk, asked: Asked<number>) => Promise<File>;
  readonly forget: (film: number) => void;
}

export interface FilmerPlatform {
  readonly analyze: (image: RasterImage, asked?: AnalyzeOptions) => Promise<FaceAnalysis>;
  /** What looks now: another value after the settings have changed. */
  readonly sight: () => unknown;
}

/** A film that was followed. */
interface Known {
  readonly file: File;
  readonly followed: FollowedFilm;
  /** In every so-manieth frame, where somebody chose. */
  readonly every: number | undefined;
  /** What is told of its frames, a line each. */
  readonly lines: Blob;
  /** What was found when it was last looked at closely, to hide faces. */
  closer: CloserLook | undefined;
}

/** The page is told a few times a second: a message for each frame would keep it busy. */
const tellEveryMs = 200;
/** Seconds: looks nearer to each other say the same of a person, and asking takes as long as finding. */
const answerSeconds = 1 / 3;

export function createFilmer(analyzer: FilmerPlatform): Filmer {
  const known = new Map<number, Known>();
  /** Of each film that of the question that was asked last: one before it may end after it, and is not what is asked about. */
  const gates = new Map<number, Gate>();
  /** Of several the one before the last would be taken away while it is written; and two at once are no sooner done. */
  const writing = createWaitingList({ atOnce: 1 });
  const get = (film: number): Known => {
    const found = known.get(film);
    if (found === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", "this film was not followed here");
    return found;
  };
  const forget = (film: number): void => {
    known.delete(film);
    gates.delete(film);
  };
  const blur: Filmer["blur"] = async ({ film: id, effect, keep }, { signal, tell }) => {
    const one = get(id);
    const { file, followed, every, closer } = one;
    await using film = await openFilm(file, file.name);
    let told = 0;
    const onFrame = (time: number): void => {
      if (performance.now() - told < tellEveryMs) return;
      told = performance.now();
      tell(time);
    };
    const blurred = await blurFilm(film, analyzer, followed, { effect, keep, every, closer, sight: analyzer.sight(), signal, onFrame });
    // Another effect, or somebody else who stays, asks for no other look.
    one.closer = blurred.closer;
    return blurred.file;
  };
  return {
    forget,
    hold: ({ film, isHeld }) => gates.get(film)?.hold(isHeld),
    follow: async ({ film: id, file, every }, { signal, tell }) => {
      forget(id);
      const gate = createGate();
      gates.set(id, gate);
      signal.addEventListener("abort", () => gate.hold(false), { once: true });
      await using film = await openFilm(file, file.name);
      const { source, width, height, duration, hasSound } = film;
      tell({ kind: "opened", facts: { source, width, height, duration, hasSound } });
      let isWhole = true;
      // Whoever stops gets what was found until then: the film ends early.
      async function* frames(): ReturnType<typeof film.frames> {
        for await (const frame of film.frames()) {
          await gate.open();
          isWhole = !signal.aborted;
          if (!isWhole) return;
          yield frame;
        }
      }
      const teller = createTeller(tell);
      const portraits = createPortraits((track, picture) => tell({ kind: "portrait", track, picture }));
      const onLook = (look: FilmLook): void => {
        teller.look(look);
        portraits.look(look);
      };
      const pace = every ?? asItPlays(gate.now);
      const following = followFaces({ ...film, frames }, analyzer, { every: pace, answerSeconds, onLook, onFrame: teller.frame });
      const { followed, lines } = await collectLines(following);
      teller.finish();
      await portraits.finished();
      if (gates.get(id) === gate) known.set(id, { file, followed, every, lines, closer: undefined });
      const { frames: count, every: mean, attributes } = followed.told;
      return { isWhole, frames: count, every: mean, attributes };
    },
    table: ({ film, kind }) => {
      const { followed, lines } = get(film);
      if (kind === "tracks") return new Blob([tracksJson(followed.told)], { type: "application/json" });
      if (kind === "seconds") return new Blob([secondsCsv(followed.told)], { type: "text/csv" });
      return lines;
    },
    blur: async (ask, asked) => writing.run(async () => blur(ask, asked), { signal: asked.signal }),
  };
}

/** The lines go into blobs, which browsers keep on the disk where they are many. */
async function collectLines(following: ReturnType<typeof followFaces>): Promise<Pick<Known, "followed" | "lines">> {
  const parts: Blob[] = [];
  let recent: string[] = [];
  for (;;) {
    const { done, value } = await following.next();
    if (done !== true) recent.push(jsonLine(value));
    if (done === true || recent.length === linesInPart) {
      parts.push(new Blob(recent));
      recent = [];
    }
    if (done === true) return { followed: value, lines: new Blob(parts, { type: "application/jsonl" }) };
  }
}

const linesInPart = 1000;

interface Gate {
  readonly hold: (isHeld: boolean) => void;
  /** Waits while it is held. */
  readonly open: () => Promise<void>;
  /** Seconds of a clock that stands while it is held. */
  readonly now: () => number;
}

function createGate(): Gate {
  let held: (PromiseWithResolvers<void> & { readonly since: number }) | undefined;
  let rested = 0;
  return {
    hold: (isHeld) => {
      if (isHeld) held ??= { ...Promise.withResolvers<void>(), since: performance.now() };
      else if (held !== undefined) {
        rested += performance.now() - held.since;
        held.resolve();
        held = undefined;
      }
    },
    open: async () => held?.promise,
    now: () => ((held?.since ?? performance.now()) - rested) / 1000,
  };
}
