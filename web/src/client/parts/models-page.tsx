import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchModels, type ModelManifest } from "tensorface/browser";

/** The networks that the page uses, as their manifests describe them. */
export function ModelsPage() {
  const manifests = useSignal<readonly ModelManifest[] | undefined>(undefined);
  const problem = useSignal(false);
  useEffect(() => {
    loadManifests().then(
      (loaded) => (manifests.value = loaded),
      () => (problem.value = true),
    );
  }, []);
  return (
    <section class="models">
      <h1>The networks</h1>
      <p class="lead">Each is a file of a few megabytes that is loaded once and runs on this device.</p>
      {problem.value && <p role="alert">The list of networks could not be loaded. Check the connection and open this page again.</p>}
      {manifests.value?.map((manifest) => (
        <ModelCard key={manifest.id} manifest={manifest} />
      ))}
    </section>
  );
}

async function loadManifests(): Promise<readonly ModelManifest[]> {
  return fetchModels(new URL("./models/", document.baseURI)).manifests();
}

function ModelCard({ manifest }: { readonly manifest: ModelManifest }) {
  const { title, id, bytes, input, provenance } = manifest;
  return (
    <article class="model">
      <h2>{title}</h2>
      <dl>
        <dt>Name</dt>
        <dd>{id}</dd>
        <dt>Tells</dt>
        <dd>{tells(manifest)}</dd>
        <dt>Input</dt>
        <dd>
          {input.width} × {input.height} pixels, {input.colour === "grey" ? "grey" : "colour"}
        </dd>
        <dt>Size</dt>
        <dd>{(bytes / 1e6).toFixed(1)} MB</dd>
        <dt>Source</dt>
        <dd>{provenance.source}</dd>
        <dt>Licence</dt>
        <dd>{provenance.licence}</dd>
      </dl>
    </article>
  );
}

function tells(manifest: ModelManifest): string {
  if (manifest.kind === "detector") return "where faces are";
  if (manifest.kind === "landmarks") return "where eyes, nose and mouth are";
  return manifest.outputs.map(({ task, labels }) => (task === "age" ? "apparent age" : `${task}: ${labels.join(", ")}`)).join("; ");
}
