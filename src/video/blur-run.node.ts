import { TensorFaceError } from "../core/index.ts";
import { pathKind, writeFileAtomically } from "../files/files.node.ts";
import { followFaces, followToEnd } from "./analyze-film.ts";
import { renderFilm } from "./annotate-film.ts";
import { blurPicture, type BlurPictureOptions, pictureFormatOf } from "./blur-picture.node.ts";
import { closeLook } from "./blur/closer.ts";
import { hideEllipses } from "./blur/paint.ts";
import { type BlurPlan, createBlurPlan, ellipsesOf, type PlanOptions } from "./blur/plan.ts";
import { isFilmName } from "./film-names.ts";
import { tellsSeconds } from "./film.ts";
import { openFilm } from "./open-film.node.ts";
import { openPlan } from "./open-plan.node.ts";
import { checkFilmName, checkNotInput, createFilm } from "./write-film.node.ts";

export interface BlurRunOptions extends BlurPictureOptions {
  /** Where the plan is written. */
  readonly plan?: string | undefined;
}

/** How many faces (of a film: tracks) are hidden, and how many stay. */
export interface BlurResult {
  readonly hidden: number;
  readonly kept: number;
}

/**
 * All of `tensorface blur`. Of a film two passes are made, so that a face is hidden in the frames before it was found, too; what is written
 * holds new pixels and the sound, and nothing else of the file: no metadata, no thumbnail.
 * @throws {TF_INVALID_ARGUMENT} when a target is the input, or is called what it is not; when options contradict a plan that was made before
 */
export async function runBlur(path: string, options: BlurRunOptions): Promise<BlurResult> {
  const { out } = options;
  const isFilm = isFilmName(path);
  if ((await pathKind(path)) === "folder")
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${path}" is a folder: blur takes one picture or film`, {
      hint: `In a shell: for f in ${path}/*.jpg; do tensorface blur "$f" --out "hidden-$(basename "$f")"; done`,
    });
  if (options.render !== undefined) checkPlanAlone(options);
  for (const target of [out, options.plan]) if (target !== undefined) await checkNotInput(target, path);
  if (out !== undefined) {
    if (isFilm) checkFilmName(out);
    else pictureFormatOf(out);
  }
  const plan = await (isFilm ? blurFilm(path, options) : blurPicture(path, options));
  if (options.plan !== undefined) await writeFileAtomically(options.plan, `${JSON.stringify(plan, undefined, 1)}\n`);
  const kept = plan.tracks.filter(({ keep }) => keep).length;
  return { hidden: plan.tracks.length - kept, kept };
}

/** @throws {TF_INVALID_ARGUMENT} when it is said again how faces are hidden, which stands in the plan */
function checkPlanAlone({ effect, margin, lead, keep = [] }: PlanOptions): void {
  const said = Object.entries({ effect, margin, lead, keep: keep.length === 0 ? undefined : keep }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (said.length === 0) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${said.join(" and ")} cannot be said beside a plan that is rendered`, {
    hint: 'Change it in the plan\'s file: "effect", "margin" and "lead" stand in its beginning, "keep" at each track.',
  });
}

async function blurFilm(path: string, options: BlurRunOptions): Promise<BlurPlan> {
  const { out, render, signal, onProgress } = options;
  await using film = await openFilm(path);
  const told = (stage: string) => tellsSeconds(film, stage, onProgress);
  const findTracks = async (): Promise<BlurPlan> => {
    await using analyzer = await options.analyzer();
    const following = followFaces(film, analyzer, { ...closeLook(film, options), signal, onFrame: told("follow") });
    const { tracks } = await followToEnd(following);
    return createBlurPlan(film, tracks, options);
  };
  const plan = render === undefined ? await findTracks() : await openPlan(render, film);
  if (out === undefined) return plan;
  const ellipsesAt = ellipsesOf(plan);
  const writer = await createFilm(out, film);
  await renderFilm(film, writer, { signal, onFrame: told("hide") }, (image, time) => hideEllipses(image, ellipsesAt(time), plan.effect));
  return plan;
}
