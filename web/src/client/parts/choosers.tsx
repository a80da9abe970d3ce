import { addPhotos, addSample } from "../state.ts";

/** Every way to bring a photo. */
export function Choosers({ compact = false }: { readonly compact?: boolean }) {
  const button = compact ? "button small" : "button";
  return (
    <div class={compact ? "group" : "choosers"}>
      <FileButton label={compact ? "Add photos" : "Choose photos"} style={compact ? button : "button primary"} />
      <FileButton label={compact ? "Folder" : "Choose a folder"} style={button} folder />
      <a class={button} href="#/camera">
        {compact ? "Camera" : "Use the camera"}
      </a>
      <button type="button" class={button} onClick={() => void addSample()}>
        {compact ? "Sample" : "Try the sample"}
      </button>
    </div>
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
