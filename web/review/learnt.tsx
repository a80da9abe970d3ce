import { counted } from "../../src/core/index.ts";
import type { ComponentChildren } from "preact";
import type { LearntClass, LearntClasses, MixedClasses, ReviewEntry } from "../../src/datasets/review/index.ts";
import { useDialog } from "./dialog.ts";
import type { Review } from "./review.ts";

/** What the judges of the labels took each class for, in faces. */
export function Learnt({ review }: { readonly review: Review }) {
  const shown = review.learnt.value;
  const dialog = useDialog(() => review.learnt.value !== undefined);
  return (
    <dialog id="learnt" ref={dialog} aria-labelledby="learnt-title" onClose={() => review.closeLearnt()}>
      <h2 id="learnt-title">What the model learnt</h2>
      {shown !== undefined && <Contents learnt={shown} />}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Contents({ learnt: { classes, mixed } }: { readonly learnt: LearntClasses }) {
  return (
    <>
      <p class="soft">
        As the labels were judged before the review, each by what other labels teach. Where the typical faces look right, the marks are
        worth something; where they do not, decide by yourself.
      </p>
      <section>
        <h3>Mixed most often</h3>
        {mixed.length === 0 && <p>No label speaks for another class.</p>}
        {mixed.map((pair) => (
          <Mixed key={`${pair.given}\n${pair.suggested}`} pair={pair} />
        ))}
      </section>
      {classes.map((item) => (
        <Class key={item.label} item={item} />
      ))}
    </>
  );
}

function Mixed({ pair: { given, suggested, count, faces } }: { readonly pair: MixedClasses }) {
  return (
    <Row
      title={
        <>
          <strong>{given}</strong>, seen as <strong>{suggested}</strong>: {count}
        </>
      }
      faces={faces}
      captionOf={({ doubt }) => `${Math.round(100 * doubt)} % likely wrong`}
    />
  );
}

function Class({ item: { label, judged, typical, border } }: { readonly item: LearntClass }) {
  return (
    <section>
      <h3>
        {label} <span class="soft">{counted(judged, "label")}</span>
      </h3>
      {typical.length === 0 && <p>No face speaks for this class.</p>}
      <Row title="Typical" faces={typical} />
      <Row title="On the border" faces={border} captionOf={otherClassOf} />
    </section>
  );
}

function otherClassOf({ given, suggested, alternative }: ReviewEntry): string {
  const other = suggested === given ? alternative : suggested;
  return other === undefined ? "" : `or ${other}`;
}

interface RowProps {
  readonly title: ComponentChildren;
  readonly faces: readonly ReviewEntry[];
  readonly captionOf?: (entry: ReviewEntry) => string;
}

function Row({ title, faces, captionOf = () => "" }: RowProps) {
  if (faces.length === 0) return null;
  return (
    <div class="learnt-row">
      <p>{title}</p>
      <div class="related">
        {faces.map((entry) => (
          <figure key={entry.id} title={entry.id}>
            <img src={`.${entry.picture}`} alt={`face with the label ${entry.given}`} loading="lazy" decoding="async" />
            {captionOf(entry) !== "" && <figcaption>{captionOf(entry)}</figcaption>}
          </figure>
        ))}
      </div>
    </div>
  );
}
