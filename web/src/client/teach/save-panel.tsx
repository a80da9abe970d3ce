import { download } from "../../shared/export.ts";
import { addOwnModel } from "../own-models.ts";
import { type Example, isSaved, type Lesson } from "./state.ts";

/** Taking the model away, or to the other tabs; what it holds is said first. */
export function SavePanel({ taught: { model, examples } }: { readonly taught: Lesson }) {
  const name = `${model.id}.onnx`;
  return (
    <div class="save">
      <h3>Save it</h3>
      <p>
        One file, {(model.file.size / 1e6).toFixed(1)} MB. It holds the network, the names of the classes, means of features and counts.{" "}
        <strong>None of your {examples.length} pictures is in it</strong>, and no features of a single one.
        <KnownFiles examples={examples} />
      </p>
      <div class="group">
        <button
          type="button"
          class="button"
          onClick={() => {
            download(model.file, name);
            isSaved.value = true;
          }}
        >
          Save {name}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            addOwnModel(model);
            location.hash = "#/photos";
          }}
        >
          Use it on photos
        </button>
      </div>
      <p class="hint">
        On a command line: <code>npx tensorface analyze PICTURE --model {name}</code>. This page opens the file as well: drop it on
        “Photos”.
      </p>
    </div>
  );
}

/** What the model knows its files by. Frames of the camera are no files that anybody could show it again. */
function KnownFiles({ examples }: { readonly examples: readonly Example[] }) {
  const files = examples.filter(({ recording }) => recording === undefined);
  if (files.length === 0) return null;
  if (files.every(({ seen }) => seen.sha256 !== undefined))
    return (
      <> Of each file it holds the beginning of a hash, by which “evaluate” tells how many of the pictures that it is shown are these.</>
    );
  return (
    <>
      {" "}
      It does not know these files again, so that “evaluate” cannot tell whether it is shown them: browsers compute hashes only for secure
      addresses, https or this machine.
    </>
  );
}
