import { download, toCsv } from "../../shared/export.ts";
import { photos, selected, visibleFaces } from "../state.ts";
import { Choosers } from "./choosers.tsx";

/** Bringing more photos, and taking the results away. */
export function Actions() {
  const outcome = selected.value?.outcome;
  const hasPicture = outcome !== undefined && !("error" in outcome);
  return (
    <div class="actions">
      <Choosers compact />
      <div class="group" role="group" aria-labelledby="save-label">
        <span id="save-label" class="hint">
          Save
        </span>
        <button type="button" class="button small" onClick={downloadJson}>
          JSON
        </button>
        <button type="button" class="button small" onClick={downloadCsv}>
          CSV
        </button>
        <button type="button" class="button small" disabled={!hasPicture} onClick={() => void downloadPicture()}>
          Annotated picture
        </button>
      </div>
    </div>
  );
}

const outcomes = () => photos.value.map(({ outcome }) => outcome).filter((outcome) => outcome !== undefined);

function downloadJson(): void {
  download(JSON.stringify(outcomes(), undefined, 2), "tensorface.json", "application/json");
}

function downloadCsv(): void {
  download(toCsv(outcomes()), "tensorface.csv", "text/csv");
}

async function downloadPicture(): Promise<void> {
  const photo = selected.value;
  if (photo?.outcome === undefined || "error" in photo.outcome) return;
  const { annotatedBlob } = await import("../annotate.ts");
  const stem = photo.name.replace(/\.[^.]+$/, "");
  download(await annotatedBlob(photo.file, visibleFaces(photo.outcome)), `${stem}-faces.png`);
}
