import { useSignal } from "@preact/signals";
import type { AnalysisOutcome } from "tensorface/browser";
import { roundOutcome } from "../../../../src/analyze/index.ts";
import { download, toContract, toCsv } from "../../shared/export.ts";
import type { PageOutcome } from "../../shared/protocol.ts";
import { notice, photos, selected, settings, visibleFaces } from "../state.ts";
import { Choosers } from "./choosers.tsx";

/** Bringing more photos, and taking the results away. */
export function Actions() {
  const outcome = selected.value?.outcome;
  const hasPicture = outcome !== undefined && !("error" in outcome);
  const isNoneDone = photos.value.every((photo) => photo.outcome === undefined);
  return (
    <div class="actions">
      <Choosers compact />
      <div class="group" role="group" aria-labelledby="save-label">
        <span id="save-label" class="hint">
          Save
        </span>
        <button type="button" class="button small" disabled={isNoneDone} onClick={downloadJson}>
          JSON
        </button>
        <button type="button" class="button small" disabled={isNoneDone} onClick={downloadCsv}>
          CSV
        </button>
        <PictureButton isReady={hasPicture} />
      </div>
    </div>
  );
}

/** A large photo takes a while. */
function PictureButton({ isReady }: { readonly isReady: boolean }) {
  const isDrawing = useSignal(false);
  const save = async (): Promise<void> => {
    isDrawing.value = true;
    try {
      await downloadPicture();
    } catch {
      notice.value = "The picture could not be drawn: it may be too large for this device. JSON and CSV can be saved all the same.";
    } finally {
      isDrawing.value = false;
    }
  };
  return (
    <button type="button" class="button small" disabled={!isReady || isDrawing.value} onClick={() => void save()}>
      {isDrawing.value ? "Drawing…" : "Annotated picture"}
    </button>
  );
}

/** What is known of the photos; says so where some are still missing. */
function takeOutcomes(): AnalysisOutcome[] {
  const taken = photos.value.flatMap(({ outcome }) => (outcome === undefined ? [] : [visiblePart(outcome)]));
  const missing = photos.value.length - taken.length;
  if (missing > 0)
    notice.value = `The file holds the ${taken.length} of ${photos.value.length} photos that are done. Save again when all of them are.`;
  return taken;
}

/** What is on screen: the faces that the settings let through, without the page's own additions. */
function visiblePart(outcome: PageOutcome): AnalysisOutcome {
  if ("error" in outcome) return outcome;
  return { ...outcome, faces: visibleFaces(outcome).map((face) => toContract(face, settings.value.tasks)) };
}

function downloadJson(): void {
  download(JSON.stringify(takeOutcomes().map(roundOutcome), undefined, 2), "tensorface.json", "application/json");
}

function downloadCsv(): void {
  download(toCsv(takeOutcomes(), settings.value.tasks), "tensorface.csv", "text/csv");
}

async function downloadPicture(): Promise<void> {
  const photo = selected.value;
  if (photo?.outcome === undefined || "error" in photo.outcome) return;
  const { annotatedBlob } = await import("../annotate.ts");
  const stem = photo.name.replace(/\.[^.]+$/, "");
  const { tasks } = settings.value;
  const faces = visibleFaces(photo.outcome).map((face) => toContract(face, tasks));
  // HEIC was decoded in the worker: the page's own thread is not kept busy with it.
  const picture = photo.shown ?? photo.file;
  download(await annotatedBlob(picture, { ...photo.outcome, faces }), `${stem}-faces.png`);
}
