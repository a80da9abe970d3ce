import type { Suspicion } from "../suspicion.ts";
import type { LearntClass, LearntClasses, MixedClasses, ReviewEntry } from "./protocol.ts";

/** Faces that stand for a class, or for a pair of classes. */
const shownFaces = 8;
const shownPairs = 12;

type Show = (suspicion: Suspicion) => ReviewEntry;

/**
 * What the judges of the labels took each class for, and which classes they mixed: read off the queue as it was computed, whatever was decided
 * since.
 * @param queued the most doubtful first
 * @param classes in the order in which they are shown; those without a label are left out
 */
export function learntClasses(queued: readonly Suspicion[], classes: readonly string[], show: Show): LearntClasses {
  const byClass = Map.groupBy(queued, ({ given }) => given);
  return {
    classes: classes.flatMap((label) => {
      const labelled = byClass.get(label);
      return labelled === undefined ? [] : [learntClass(label, labelled, show)];
    }),
    mixed: mixedClasses(queued, show),
  };
}

function learntClass(label: string, labelled: readonly Suspicion[], show: Show): LearntClass {
  const typical = labelled
    .filter(({ given, suggested }) => suggested === given)
    .slice(-shownFaces)
    .toReversed();
  const shown = new Set(typical);
  const border = labelled
    .filter((suspicion) => !shown.has(suspicion))
    .toSorted((a, b) => distanceToBorder(a) - distanceToBorder(b))
    .slice(0, shownFaces);
  return { label, judged: labelled.length, typical: typical.map(show), border: border.map(show) };
}

/** How far a label is from being another one: by the margin to the best other class, or, of labels with an order, by the doubt. */
function distanceToBorder({ margin, doubt }: Suspicion): number {
  return Math.abs(margin ?? doubt - 0.5);
}

function mixedClasses(queued: readonly Suspicion[], show: Show): MixedClasses[] {
  const mixed = queued.filter(({ given, suggested }) => suggested !== given);
  return [...Map.groupBy(mixed, ({ given, suggested }) => JSON.stringify([given, suggested])).values()]
    .toSorted((a, b) => b.length - a.length)
    .slice(0, shownPairs)
    .map((pair) => ({
      given: pair[0]!.given,
      suggested: pair[0]!.suggested,
      count: pair.length,
      faces: pair.slice(0, shownFaces).map(show),
    }));
}
