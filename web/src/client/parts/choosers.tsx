import { isNetworkFile, openModel } from "../own-models.ts";
import { isHeicFile } from "../../shared/heic.ts";
import { addPhotos, addSample } from "../state.ts";
import { FilesButton } from "./files-button.tsx";

/** Every way to bring a photo. */
export function Choosers({ compact = false }: { readonly compact?: boolean }) {
  if (compact) {
    return (
      <div class="group">
        <FilesButton label="Add photos" onFiles={addPhotos} />
        <FilesButton label="Folder" folder onFiles={addFolder} />
        <SampleButton label="Sample" style="button small" />
      </div>
    );
  }
  return (
    <div class="choosers">
      <FilesButton label="Choose photos" style="button primary" onFiles={addPhotos} />
      <span class="hint">or drop them anywhere, or paste</span>
      <div class="others">
        <FilesButton label="A whole folder" style="button" folder onFiles={addFolder} />
        <a class="button" href="#/camera">
          Use the camera
        </a>
        <SampleButton label="Try the sample" style="button" />
      </div>
    </div>
  );
}

function SampleButton({ label, style }: { readonly label: string; readonly style: string }) {
  return (
    <button type="button" class={style} onClick={() => void addSample()}>
      {label}
    </button>
  );
}

/** A folder may be a model's. What else lies in it is passed over in silence; a file that was chosen by itself is tried, whatever it is. */
function addFolder(files: readonly File[]): void {
  if (files.some(isNetworkFile)) void openModel(files);
  addPhotos(files.filter((file) => file.type.startsWith("image/") || isHeicFile(file)));
}
