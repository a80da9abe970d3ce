import type { HeadManifest, ModelManifest } from "./manifest.ts";

/** What a picture was to a model that was made of it: it was learnt from, it chose or calibrated it, or it was kept apart to ask about. */
export const pictureUses = ["training", "selection", "held out"] as const;
export type PictureUse = (typeof pictureUses)[number];

/** SHA-256 of pictures' files in hexadecimal digits, by what the pictures were to a model. */
export type UsedPictures = Readonly<Record<PictureUse, readonly string[]>>;

/**
 * So many digits of each hash are kept: 32 bits. Of 10,000 pictures beside 10,000 others, 0.02 are expected to be taken for one of them,
 * and a picture cannot be found by its digits; who has the very file can see that it was one of the examples.
 */
const digits = 8;

/**
 * Which pictures a model was made of, for its training facts: the beginnings of their files' hashes, in order, with blanks between. Nothing
 * where there are none of a use.
 */
export function listPictures(pictures: UsedPictures): Readonly<Partial<Record<PictureUse, string>>> {
  const lists = pictureUses.map((use) => [use, [...new Set(pictures[use].map((sha256) => sha256.slice(0, digits)))].toSorted()] as const);
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0).map(([use, list]) => [use, list.join(" ")]));
}

/** What pictures were to a model, by the SHA-256 of their files; undefined where its training facts do not list its pictures. */
export function knownPictures(manifest: HeadManifest): ((sha256: string) => PictureUse | undefined) | undefined {
  const lists = listsOf(manifest);
  if (lists.length === 0) return undefined;
  // What was learnt from last, as it counts most: a copy of a picture may have been kept apart.
  const uses = new Map(lists.toReversed().flatMap(([use, list]) => list.map((beginning) => [beginning, use] as const)));
  return (sha256) => uses.get(sha256.slice(0, digits));
}

function listsOf({ provenance: { training } }: ModelManifest): (readonly [PictureUse, readonly string[]])[] {
  const listed = training?.["pictures"];
  if (typeof listed !== "object" || listed === null) return [];
  return pictureUses.flatMap((use) => {
    const list: unknown = Reflect.get(listed, use);
    return typeof list === "string" ? [[use, list.split(" ")] as const] : [];
  });
}

/** The same manifest with numbers of pictures for its lists: people read those, and whoever asks a server need not know more. */
export function withPicturesCounted<Manifest extends ModelManifest>(manifest: Manifest): Manifest {
  const lists = listsOf(manifest);
  if (lists.length === 0) return manifest;
  const pictures = Object.fromEntries(lists.map(([use, list]) => [use, list.length]));
  return { ...manifest, provenance: { ...manifest.provenance, training: { ...manifest.provenance.training, pictures } } };
}
