import { signal } from "@preact/signals";
import { isOpening, keepOwnModel, modelProblem, openModel, removeOwnModel, switchOwnModel } from "../own-models.ts";
import { hasServerModels } from "../server.ts";
import { type OwnModel, ownModels, usesServer } from "../state.ts";
import { tasksInWords } from "../../shared/words.ts";
import { lazy } from "./lazy.tsx";

const ServerModels = lazy(async () => (await import("./server-models.tsx")).ServerModels);
const OfferServer = lazy(async () => (await import("./server-models.tsx")).OfferServer);
/** Asked once, by whatever part is shown first. */
const serverOffers = signal(false);
void hasServerModels().then((answer) => (serverOffers.value = answer));

/** Models of the visitor's, or the server's, that answer beside the page's own. */
export function OwnModels() {
  if (usesServer.value) return <ServerModels />;
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
      {serverOffers.value && <OfferServer />}
      {modelProblem.value !== undefined && <p role="alert">{modelProblem.value}</p>}
    </div>
  );
}

function OwnModelRow({ model }: { readonly model: OwnModel }) {
  const { id, tasks, isOn, isKept } = model;
  return (
    <li>
      <label>
        <input type="checkbox" checked={isOn} onChange={() => switchOwnModel(model)} /> <strong>{id}</strong>{" "}
        <span class="hint">{tasksInWords(tasks)}</span>
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
