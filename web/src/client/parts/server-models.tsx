import { tasksInWords } from "../../shared/words.ts";
import { analyzerState, type ChosenServerModel, serverModels, switchServerModel, useDevice, useServer } from "../state.ts";

/** For a page whose server has models of its owner's. */
export function OfferServer() {
  return (
    <p class="hint">
      The server of this page has models of its own. To have their answers too,{" "}
      <button type="button" class="link" onClick={() => void useServer()}>
        send photos to it
      </button>
    </p>
  );
}

/** Which of the server's models answer. */
export function ServerModels() {
  const own = serverModels.value.filter(({ tasks }) => tasks.length > 0);
  return (
    <div class="own-models">
      {own.length > 0 && (
        <>
          <p id="server-models" class="hint">
            Models of this server
          </p>
          <ul aria-labelledby="server-models">
            {own.map((model) => (
              <ServerModelRow key={model.id} model={model} />
            ))}
          </ul>
        </>
      )}
      {analyzerState.value.kind !== "failed" && (
        <div class="group">
          <button type="button" class="link" onClick={useDevice}>
            Analyse on this device again
          </button>
        </div>
      )}
    </div>
  );
}

function ServerModelRow({ model }: { readonly model: ChosenServerModel }) {
  const { id, tasks, isOn } = model;
  return (
    <li>
      <label>
        <input type="checkbox" checked={isOn} onChange={() => switchServerModel(model)} /> <strong>{id}</strong>{" "}
        <span class="hint">{tasksInWords(tasks)}</span>
      </label>
    </li>
  );
}
