import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FaceAnalysis } from "tensorface/browser";
import type { PhotoNews } from "../../shared/protocol.ts";
import { explain } from "../../shared/words.ts";
import { AttributeSections } from "../parts/face-card.tsx";
import { getAnalyzer } from "../state.ts";
import { FilesButton } from "../parts/files-button.tsx";
import { Result } from "./result.tsx";
import { SavePanel } from "./save-panel.tsx";
import { isStale, isTeaching, type Lesson, lesson, obstacle, problem, stopTeaching, teach, waiting } from "./state.ts";

/** Teaching, what came out, trying and saving it. */
export function ModelPanel() {
  const taught = lesson.value;
  return (
    <section class="model-panel note" aria-labelledby="model-title">
      <h2 id="model-title">Model</h2>
      <TeachButton />
      {problem.value !== undefined && <p role="alert">{problem.value}</p>}
      {taught !== undefined && (
        <>
          {isStale.value && <p class="hint">Changed since it was taught: teach again to take that in.</p>}
          <Result taught={taught} />
          <TryPicture taught={taught} />
          <SavePanel taught={taught} />
        </>
      )}
    </section>
  );
}

function TeachButton() {
  if (isTeaching.value) {
    return (
      <div class="group">
        <label class="grow">
          Learning
          <progress class="wide" />
        </label>
        <button type="button" class="button small" onClick={stopTeaching}>
          Stop
        </button>
      </div>
    );
  }
  const isAgain = lesson.value !== undefined;
  return (
    <>
      <button
        type="button"
        class="button primary"
        disabled={obstacle.value !== undefined}
        aria-describedby="obstacle"
        onClick={() => void teach()}
      >
        {isAgain ? "Teach again" : "Teach"}
      </button>
      <p id="obstacle" class="hint">
        {obstacle.value ?? ""}
      </p>
      {waiting.value > 0 && <progress class="wide" aria-label="Looking at pictures" />}
    </>
  );
}

type Outcome = { readonly url: string; readonly name: string; readonly analysis: FaceAnalysis } | { readonly words: string };

/** For who has no camera: a picture from a file. */
function TryPicture({ taught }: { readonly taught: Lesson }) {
  const outcome = useSignal<Outcome | undefined>(undefined);
  const isLooking = useSignal(false);
  const asked = useRef<File | undefined>(undefined);
  const tryOut = async ([file]: readonly File[]): Promise<void> => {
    if (file === undefined) return;
    asked.current = file;
    isLooking.value = true;
    let shown: Blob = file;
    const onNews = (news: PhotoNews): void => void ("shown" in news && (shown = news.shown));
    const answer = await getAnalyzer().analyze(file, file.name, { profile: "taught", onNews });
    // Another model was taught meanwhile, or another picture chosen.
    if (taught !== lesson.peek() || asked.current !== file) return;
    isLooking.value = false;
    outcome.value =
      "error" in answer ? { words: explain(answer.error) } : { url: URL.createObjectURL(shown), name: file.name, analysis: answer };
  };
  // What one model said is not what the next one says.
  useEffect(
    () => () => {
      outcome.value = undefined;
      isLooking.value = false;
    },
    [taught],
  );
  const shown = outcome.value !== undefined && "url" in outcome.value ? outcome.value.url : undefined;
  useEffect(() => () => URL.revokeObjectURL(shown ?? ""), [shown]);
  return (
    <div class="try">
      <h3>Try it</h3>
      <p class="hint">The camera shows its answer at once. Or choose a picture that it has not seen:</p>
      <FilesButton label="A picture" onFiles={(files) => void tryOut(files)} />
      {isLooking.value && <progress class="wide" aria-label="Looking at the picture" />}
      {outcome.value !== undefined &&
        ("words" in outcome.value ? (
          <p role="alert">{outcome.value.words}</p>
        ) : (
          <div class="tried">
            <img src={outcome.value.url} alt={outcome.value.name} />
            <TriedAnswer taught={taught} analysis={outcome.value.analysis} />
          </div>
        ))}
    </div>
  );
}

function TriedAnswer({ taught, analysis }: { readonly taught: Lesson; readonly analysis: FaceAnalysis }) {
  const attributes = taught.model.sees === "face" ? analysis.faces[0]?.attributes : analysis.attributes;
  if (attributes === undefined) return <p class="hint">No face was found in it.</p>;
  return (
    <div class="estimates">
      <AttributeSections attributes={attributes} />
    </div>
  );
}
