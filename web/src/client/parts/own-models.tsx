import { isOpening, keepOwnModel, modelProblem, openModel, removeOwnModel, switchOwnModel } from "../own-models.ts";
import { type OwnModel, ownModels, usesServer } from "../state.ts";

/** Models of the visitor's that answer beside the page's own. */
export function OwnModels() {
  // A server has models of its own.
  if (usesServer.value) return null;
  return (
    <div class="own-models">
      {ownModels.value.length > 0 && (
        <ul aria-label="Your models">
          {ownModels.value.map((model) => (
            <OwnModelRow key={model.id} model={model} />
          ))}
        </ul>
      )}
      <div class="group">
        <label class="button small">
          {isOpening.value ? "Opening…" : "Open a model of yours"}
          <input
            class="visually-hidden"
            type="file"
            accept=".onnx,.json"
            multiple
            disabled={isOpening.value}
            onChange={({ currentTarget }) => {
              const files = [...(currentTarget.files ?? [])];
              currentTarget.value = "";
              if (files.length > 0) void openModel(files);
            }}
          />
        </label>
        <a href="#/teach">Teach one</a>
      </div>
      {modelProblem.value !== undefined && <p role="alert">{modelProblem.value}</p>}
    </div>
  );
}

function OwnModelRow({ model }: { readonly model: OwnModel }) {
  const { id, tasks, isOn, isKept } = model;
  const told = tasks.map(({ name, labels = [] }) => (labels.length === 0 ? name : `${name}: ${labels.join(", ")}`)).join("; ");
  return (
    <li>
      <label>
        <input type="checkbox" checked={isOn} onChange={() => switchOwnModel(model)} /> <strong>{id}</strong>{" "}
        <span class="hint">{told}</span>
      </label>
      <span class="group">
        <label class="hint">
          <input type="checkbox" checked={isKept} onChange={() => void keepOwnModel(model, !isKept)} /> keep on this device
          <span class="visually-hidden"> {id}</span>
        </label>
        <button type="button" class="link" onClick={() => void removeOwnModel(model)}>
          Remove<span class="visually-hidden"> {id}</span>
        </button>
      </span>
    </li>
  );
}
