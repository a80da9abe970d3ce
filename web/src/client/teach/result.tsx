import { counted } from "../../../../src/core/index.ts";
import type { ToldExample } from "../../../../src/retrain/lesson/index.ts";
import { percent } from "../../shared/words.ts";
import { type Lesson, moveExample, removeExample, examples as current } from "./state.ts";

/** Mistakes that are shown. */
const shownMistakes = 12;

/** How good the model is, and what it got wrong. */
export function Result({ taught }: { readonly taught: Lesson }) {
  const { measures, warnings, told, took } = taught;
  if (measures.kind !== "classes") return null;
  const { accuracy, baseline, n } = measures;
  const largest = taught.classes[baseline.label]!.name.trim();
  const at = (share: number): string => `${share * 100}%`;
  return (
    <div class="result" role="group" aria-label="How good it is" data-took={took}>
      <p class="score">
        <strong>{Math.round(accuracy.value * 100)} %</strong> right
        <span class="hint"> of {counted(n, "picture")}, each asked of a model that was made without it</span>
      </p>
      <div class="scale" aria-hidden="true">
        <span class="range" style={{ left: at(accuracy.low), width: at(accuracy.high - accuracy.low) }} />
        <span class="mark" style={{ left: at(baseline.accuracy) }} />
        <span class="point" style={{ left: at(accuracy.value) }} />
      </div>
      <p class="hint">
        The true share is most likely between {Math.round(accuracy.low * 100)} and {Math.round(accuracy.high * 100)} % (95 % interval).
        Always saying “{largest}” would be right in {Math.round(baseline.accuracy * 100)} %. Taught in {(took / 1000).toFixed(1)} s.
      </p>
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning.charAt(0).toUpperCase() + warning.slice(1)}.
        </p>
      ))}
      <Mistakes taught={taught} mistakes={told.filter(({ isRight }) => !isRight).toSorted((a, b) => b.wrongness - a.wrongness)} />
    </div>
  );
}

/** The examples that were told wrong, the surest first: some are wrong labels. */
function Mistakes({ taught, mistakes }: { readonly taught: Lesson; readonly mistakes: readonly ToldExample[] }) {
  if (mistakes.length === 0) return <p class="hint">None of the examples was told wrong.</p>;
  return (
    <div class="mistakes">
      <h3>What it got wrong</h3>
      <p class="hint">The surest first. Remove what should not be among the examples, and teach again.</p>
      <ul>
        {mistakes.slice(0, shownMistakes).map((mistake) => (
          <Mistake key={mistake.row} taught={taught} mistake={mistake} />
        ))}
      </ul>
      {mistakes.length > shownMistakes && <p class="hint">and {mistakes.length - shownMistakes} more</p>}
    </div>
  );
}

function Mistake({ taught, mistake: { row, label, answer, confidence } }: { readonly taught: Lesson; readonly mistake: ToldExample }) {
  const { id, url, name, classId } = taught.examples[row]!;
  const now = current.value.find((example) => example.id === id);
  const told = taught.classes.find((one) => one.name.trim() === answer);
  return (
    <li>
      <img class="thumbnail" src={url} alt={name} />
      <div>
        <span>
          <span class="hint">yours</span> {label} · <span class="hint">its</span> {answer}
          {confidence !== undefined && ` ${percent(confidence)}`}
        </span>
        {now === undefined && <span class="hint">removed</span>}
        {now !== undefined && now.classId !== classId && <span class="hint">moved</span>}
        {now !== undefined && now.classId === classId && (
          <span class="group">
            <button type="button" class="link" onClick={() => removeExample(id)}>
              Remove<span class="visually-hidden"> {name}</span>
            </button>
            {told !== undefined && (
              <button type="button" class="link" onClick={() => moveExample(id, told.id)}>
                It is {answer}
                <span class="visually-hidden">: {name}</span>
              </button>
            )}
          </span>
        )}
      </div>
    </li>
  );
}
