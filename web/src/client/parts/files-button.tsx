export interface FilesButtonProps {
  readonly label: string;
  /** Read out behind the label, where several buttons have the same. */
  readonly of?: string;
  readonly folder?: boolean;
  /** @default "button small" */
  readonly style?: string;
  /** What is offered, of single files. @default pictures */
  readonly accept?: string;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A button that lets pictures, or a folder of them, be chosen. */
export function FilesButton({
  label,
  of,
  folder = false,
  style = "button small",
  accept = "image/*,.heic,.heif",
  onFiles,
}: FilesButtonProps) {
  return (
    <label class={style}>
      {label}
      {of !== undefined && <span class="visually-hidden"> {of}</span>}
      <input
        class="visually-hidden"
        type="file"
        accept={folder ? undefined : accept}
        multiple
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // The same files can be chosen again.
        }}
      />
    </label>
  );
}
