import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ModelManifest } from "tensorface/browser";
import type { Measure } from "../../shared/measures.ts";
import { summarizeMeasures } from "../../shared/model-summary.ts";
import { defaultDetector } from "../../../../src/analyze/index.ts";
import { analyzerState, getAnalyzer, restarts, usesServer } from "../state.ts";
import { TaskMeasures } from "./measure-charts.tsx";

interface Loaded {
  readonly manifests: readonly ModelManifest[];
  readonly measures: readonly Measure[];
}

/** A card for each network: what it is, how good it is and for whom, what it is not for. */
export function ModelsPage() {
  const loaded = useSignal<Loaded | undefined>(undefined);
  const problem = useSignal(false);
  useEffect(() => {
    problem.value = false;
    load().then(
      (all) => (loaded.value = all),
      () => (problem.value = true),
    );
  }, [restarts.value]);
  // A worker that could not be started answers nothing.
  const isMissing = loaded.value === undefined && (problem.value || analyzerState.value.kind === "failed");
  return (
    <section class="models">
      <h1>The networks</h1>
      <p class="lead">
        Files of a few megabytes{usesServer.value ? ", which this page's server runs" : ", loaded once, that run on this device"}. What they
        tell, how often they are right, and where they are weak.
      </p>
      <div class="note limits">
        <p>
          <strong>For</strong> statistics over many faces, sorting your own photos, research and teaching: what people who label pictures
          would most likely say of a face.
        </p>
        <p>
          <strong>Not for</strong> deciding about anybody. They do not know who somebody is, how old, or how somebody feels; they repeat how
          faces look to annotators, prejudices included. No access control, no proof of age, no hiring, no policing, no medicine. Inferring
          emotions at work and in schools is forbidden in the European Union.
        </p>
      </div>
      {isMissing && <p role="alert">The list of networks could not be loaded. Check the connection and open this page again.</p>}
      {loaded.value === undefined && !isMissing && <progress class="late" aria-label="Loading" />}
      {loaded.value !== undefined && <Cards {...loaded.value} />}
    </section>
  );
}

async function load(): Promise<Loaded> {
  const [manifests, measures] = await Promise.all([getAnalyzer().manifests(), loadMeasures()]);
  return { manifests, measures };
}

/** The cards are worth reading without numbers too. */
async function loadMeasures(): Promise<readonly Measure[]> {
  try {
    return await (await fetch(new URL("./measures.json", document.baseURI))).json();
  } catch {
    return [];
  }
}

function Cards({ manifests, measures }: Loaded) {
  const state = analyzerState.value;
  const inUse = state.kind === "ready" ? state.models : [];
  const card = (manifest: ModelManifest) => (
    <ModelCard
      key={manifest.id}
      manifest={manifest}
      measures={measures.filter(({ sha256 }) => sha256 === manifest.sha256)}
      isInUse={inUse.includes(manifest.id)}
    />
  );
  const isHead = ({ kind }: ModelManifest): boolean => kind === "head";
  const isShown = (manifest: ModelManifest, index: number): boolean =>
    inUse.includes(manifest.id) || !isAlternative(manifest, manifests.slice(0, index));
  const shown = manifests.filter(isShown);
  const others = manifests.filter((manifest) => !shown.includes(manifest));
  return (
    <>
      <h2>What they tell of a face</h2>
      {measures.length > 0 && (
        <p class="hint">
          A line for each data set: the dot says how many answers were right, the bar around it how sure that number is, the tick what
          always giving the commonest answer would reach. Open a line for more.
        </p>
      )}
      {shown.filter(isHead).map(card)}
      <h2>How faces are found</h2>
      {shown.filter((manifest) => !isHead(manifest)).map(card)}
      {others.length > 0 && (
        <details class="fold others">
          <summary>
            {others.length} more {others.length === 1 ? "network comes" : "networks come"} with TensorFace, to compare with or to choose
          </summary>
          {others.map(card)}
        </details>
      )}
    </>
  );
}

/** Whether another is preferred for all that it does: an earlier head, or the detector that a page begins with. */
function isAlternative(manifest: ModelManifest, earlier: readonly ModelManifest[]): boolean {
  if (manifest.kind === "detector") return manifest.decoder !== defaultDetector;
  const told = new Set(earlier.flatMap(tasksOf));
  return manifest.kind === "head" && tasksOf(manifest).every((task) => told.has(task));
}

function tasksOf(manifest: ModelManifest): readonly string[] {
  return manifest.kind === "head" ? manifest.outputs.map(({ task }) => task) : [];
}

interface ModelCardProps {
  readonly manifest: ModelManifest;
  readonly measures: readonly Measure[];
  readonly isInUse: boolean;
}

function ModelCard({ manifest, measures, isInUse }: ModelCardProps) {
  const { title, id, bytes, input, provenance } = manifest;
  return (
    <article class="model" aria-labelledby={`model-${id}`}>
      <header>
        <h3 id={`model-${id}`}>{title}</h3>
        {isInUse && <span class="badge">in use</span>}
        {measures.length === 0 && <p class="hint">Tells {tells(manifest)}.</p>}
      </header>
      {summarizeMeasures(measures).map((summary) => (
        <TaskMeasures key={summary.task} model={title} labels={labelsOf(manifest, summary.task)} summary={summary} />
      ))}
      {manifest.kind === "head" && measures.length === 0 && <p class="hint">No evaluation of this very file comes with the page.</p>}
      <details class="fold">
        <summary>
          About {id} <span class="hint">{(bytes / 1e6).toFixed(1)} MB</span>
        </summary>
        <dl>
          <dt>Name</dt>
          <dd>{id}</dd>
          <dt>Looks at</dt>
          <dd>
            {input.width} × {input.height} pixels, {input.colour === "grey" ? "grey" : "in colour"}
          </dd>
          {manifest.kind === "head" && <HeadFacts manifest={manifest} />}
          <dt>Made from</dt>
          <dd>{provenance.source}</dd>
          <dt>Licence</dt>
          <dd>{provenance.licence}</dd>
        </dl>
      </details>
    </article>
  );
}

/** What changes a head's answers beyond its network, where its manifest sets it. */
function HeadFacts({ manifest: { outputs, flipAveraging } }: { readonly manifest: ModelManifest & { readonly kind: "head" } }) {
  const { intervalMass, intervalTails } = outputs.find(({ task }) => task === "age") ?? {};
  return (
    <>
      {intervalMass !== undefined && (
        <>
          <dt>Age range</dt>
          <dd>
            the middle {(intervalMass * 100).toFixed(1)} % of the probabilities, which held the true age for 8 of 10 faces that it was
            fitted on
          </dd>
        </>
      )}
      {intervalTails !== undefined && (
        <>
          <dt>Age range</dt>
          <dd>as wide as the network tells of each picture; it held the true age for 8 of 10 faces that it was fitted on</dd>
        </>
      )}
      {flipAveraging === true && (
        <>
          <dt>Looks twice</dt>
          <dd>answers are means over the face and its mirror image</dd>
        </>
      )}
    </>
  );
}

function tells(manifest: ModelManifest): string {
  if (manifest.kind === "detector") return "where faces are";
  if (manifest.kind === "landmarks") return "where eyes, nose and mouth are";
  return manifest.outputs
    .map(({ task }) => {
      const labels = labelsOf(manifest, task);
      return labels.length === 0 ? `apparent ${task}` : `apparent ${task} (${labels.join(", ")})`;
    })
    .join("; ");
}

/** The words that it chooses among; none for ages, which are years. */
function labelsOf(manifest: ModelManifest, task: string): readonly string[] {
  if (task === "age" || manifest.kind !== "head") return [];
  return manifest.outputs.find((output) => output.task === task)?.labels ?? [];
}
