import { download } from "../../shared/export.ts";
import { addOwnModel } from "../own-models.ts";
import { isSaved, type Lesson } from "./state.ts";

/** Taking the model away, or to the other tabs; what it holds is said first. */
export function SavePanel({ taught: { model, examples } }: { readonly taught: Lesson }) {
  const name = `${model.id}.onnx`;
  return (
    <div class="save">
      <h3>Save it</h3>
      <p>
        One file, {(model.file.size / 1e6).toFixed(1)} MB. It holds the network, the names of the classes, means of features and counts.{" "}
        <strong>None of your {examples.length} pictures is in it</strong>, and no features of a single one.
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
