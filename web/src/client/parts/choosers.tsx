import { addSample } from "../state.ts";
import { atPath, takeFiles } from "../take-files.ts";
import { FilesButton } from "./files-button.tsx";

const take = (files: readonly File[]): void => takeFiles(files.map(atPath));

/** Every way to bring a photo. */
export function Choosers({ compact = false }: { readonly compact?: boolean }) {
  if (compact) {
    return (
      <div class="group">
        <FilesButton label="Add photos" onFiles={take} />
        <FilesButton label="Folder" folder onFiles={take} />
        <SampleButton label="Sample" style="button small" />
      </div>
    );
  }
  return (
    <div class="choosers">
      <FilesButton label="Choose photos" style="button primary" onFiles={take} />
      <span class="hint">or drop them anywhere, or paste</span>
      <div class="others">
        <FilesButton label="A whole folder" style="button" folder onFiles={take} />
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
