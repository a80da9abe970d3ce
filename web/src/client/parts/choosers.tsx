import { addPhotos, addSample } from "../state.ts";

/** Every way to bring a photo. */
export function Choosers({ compact = false }: { readonly compact?: boolean }) {
  if (compact) {
    return (
      <div class="group">
        <FileButton label="Add photos" style="button small" />
        <FileButton label="Folder" style="button small" folder />
        <SampleButton label="Sample" style="button small" />
      </div>
    );
  }
  return (
    <div class="choosers">
      <FileButton label="Choose photos" style="button primary" />
      <span class="hint">or drop them anywhere, or paste</span>
      <div class="others">
        <FileButton label="A whole folder" style="button" folder />
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

interface FileButtonProps {
  readonly label: string;
  readonly style: string;
  readonly folder?: boolean;
}

function FileButton({ label, style, folder = false }: FileButtonProps) {
  const onChange = (event: Event): void => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const files = [...(event.target.files ?? [])];
    addPhotos(folder ? files.filter(({ type }) => type.startsWith("image/")) : files);
    event.target.value = ""; // The same file can be chosen again.
  };
  return (
    <label class={style}>
      {label}
      <input
        class="visually-hidden"
        type="file"
        accept={folder ? undefined : "image/*"}
        multiple
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={onChange}
      />
    </label>
  );
}
