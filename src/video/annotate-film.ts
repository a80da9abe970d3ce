import { ageLine, type Attributes, attributeLines, labelLine } from "../analyze/index.ts";
import { annotate, type Annotation, createRasterImage, type RasterImage } from "../image/index.ts";
import type { FollowedFilm } from "./analyze-film.ts";
import type { Film, FilmWriter } from "./film.ts";
import type { AttributeCurves } from "./tracks/attributes.ts";
import { placesAt } from "./tracks/boxes.ts";
import type { TrackSummary } from "./tracks/summary.ts";

export interface RenderOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onFrame?: ((time: number) => void) | undefined;
}

/** Writes a film with each face boxed and numbered by its track, and what is told of it: age and gender of the track, mood of the second. */
export async function annotateFilm(
  film: Film,
  writer: FilmWriter,
  followed: FollowedFilm,
  { signal, onFrame }: RenderOptions = {},
): Promise<void> {
  const told = new Map(followed.told.tracks.map((track) => [track.id, track]));
  await renderFilm(film, writer, { signal, onFrame }, (image, time) => {
    const annotations = placesAt(followed.tracks, time).map(({ track, box, isSeen }) => ({
      box,
      name: String(track.id),
      lines: trackLines(told.get(track.id)!, time),
      isUnsure: !isSeen && track.points.length === 1,
    }));
    return annotateFrame(image, [...annotations, ...wholePicture(image, followed.told.attributeCurves, time)]);
  });
}

/** Reads each frame, changes it, and writes it where and when it was. Unless all is written, nothing stays. */
export async function renderFilm(
  film: Film,
  writer: FilmWriter,
  { signal, onFrame }: RenderOptions,
  change: (image: RasterImage, time: number) => RasterImage,
): Promise<void> {
  try {
    for await (const { time, duration, picture } of film.frames({ signal })) {
      await writer.write({ time, duration, image: change(await picture(), time) });
      onFrame?.(time + duration);
    }
    await writer.finish();
  } catch (error) {
    await writer.cancel();
    throw error;
  }
}

/** The legend that a picture grows by, where there are many, is cut off: a film's frames have one size. */
function annotateFrame(image: RasterImage, annotations: readonly Annotation[]): RasterImage {
  const drawn = annotate(image, annotations);
  if (drawn.width === image.width && drawn.height === image.height) return drawn;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < image.height; y++) {
    const from = y * drawn.width * 3;
    data.set(drawn.data.subarray(from, from + image.width * 3), y * image.width * 3);
  }
  return createRasterImage(image.width, image.height, data);
}

/** What is told of the whole picture stands at a box around it, as in pictures. */
// eslint-disable-next-line max-params -- of what, when
function wholePicture({ width, height }: RasterImage, curves: AttributeCurves | undefined, time: number): Annotation[] {
  if (curves === undefined) return [];
  return [{ box: { x: 0, y: 0, width, height }, name: "picture", lines: attributeLines(attributesAt(curves, time)) }];
}

/** Of the second, or the nearest one before it. */
function attributesAt(curves: AttributeCurves | undefined, time: number): Attributes {
  return Object.fromEntries(
    Object.entries(curves ?? {}).flatMap(([task, curve]) => {
      const point = curve.findLast((one) => one.time <= time);
      return point === undefined ? [] : [[task, point]];
    }),
  );
}

/** What stands at a box at a time, in seconds. */
export function trackLines({ age, gender, moods, attributeCurves }: TrackSummary, time: number): Annotation["lines"] {
  const mood = moods.findLast((point) => point.time <= time);
  return [
    ...(gender === undefined ? [] : [labelLine("gender", gender)]),
    ...(age === undefined ? [] : [ageLine(age)]),
    ...(mood === undefined ? [] : [labelLine("mood", { ...mood, confidence: mood.probabilities[mood.label]! })]),
    ...attributeLines(attributesAt(attributeCurves, time)),
  ];
}
