import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ErrorReport } from "tensorface/browser";
import { explainEngine } from "../../shared/words.ts";
import { hasServer } from "../server.ts";
import { engineState, restartEngine, useServer, usesServer } from "../state.ts";

/** Where the networks run, and how far they are loaded. */
export function EngineStatus() {
  if (usesServer.value) return <p class="status">Analysed on the server</p>;
  const state = engineState.value;
  if (state.kind === "ready")
    return <p class="status calm">Runs on this device ({state.device === "webgpu" ? "WebGPU" : "WebAssembly"})</p>;
  if (state.kind !== "loading") return null;
  return (
    <p class="status">
      <label>
        {state.share === 0 ? "Starting the engine" : `Loading networks, ${Math.round(state.share * 100)} %`}{" "}
        <progress value={state.share === 0 ? undefined : state.share} />
      </label>
    </p>
  );
}

/** Why the networks cannot run here, with what can be done about it. */
export function EngineFailure() {
  const state = engineState.value;
  return state.kind === "failed" && !usesServer.value ? <Failure error={state.error} /> : null;
}

function Failure({ error }: { readonly error: ErrorReport }) {
  const canAskServer = useSignal(false);
  useEffect(() => {
    void hasServer().then((answer) => (canAskServer.value = answer));
  }, [canAskServer]);
  return (
    <div class="failure" role="alert">
      <h2>The networks could not be loaded</h2>
      <p>{explainEngine(error)}</p>
      <div class="group">
        <button type="button" class="button" onClick={restartEngine}>
          Try again
        </button>
        {canAskServer.value && (
          <button type="button" class="button" onClick={useServer}>
            Send photos to this page's server instead
          </button>
        )}
      </div>
    </div>
  );
}
