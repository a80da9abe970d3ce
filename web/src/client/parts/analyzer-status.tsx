import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ErrorReport } from "tensorface/browser";
import { explainFailure } from "../../shared/words.ts";
import { hasServer } from "../server.ts";
import { analyzerState, giveToken, restartAnalyzer, tokenRefusal, useServer, usesServer } from "../state.ts";

/** Where the networks run, and how far they are loaded. */
export function AnalyzerStatus() {
  if (usesServer.value) return <p class="status">Analysed on the server</p>;
  const state = analyzerState.value;
  if (state.kind === "ready")
    return <p class="status calm">Runs on this device ({state.device === "webgpu" ? "WebGPU" : "WebAssembly"})</p>;
  if (state.kind !== "loading") return null;
  return (
    <p class="status loading">
      <label>
        <span>{state.share === 0 ? "Starting the engine" : `Loading networks, ${Math.round(state.share * 100)} %`}</span>{" "}
        <progress value={state.share === 0 ? undefined : state.share} />
      </label>
    </p>
  );
}

/** Why photos cannot be analysed here, with what can be done about it. */
export function AnalyzerFailure() {
  if (usesServer.value) return tokenRefusal.value === undefined ? null : <TokenForm refusal={tokenRefusal.value} />;
  const state = analyzerState.value;
  return state.kind === "failed" ? <Failure error={state.error} /> : null;
}

function TokenForm({ refusal }: { readonly refusal: "missing" | "wrong" }) {
  const token = useSignal("");
  return (
    <div class="failure" role="alert">
      <h2 id="token-title">{refusal === "missing" ? "The server asks for a token" : "The server does not accept this token"}</h2>
      <p>Whoever runs the server has it. It is kept until this page is closed, and sent to this server alone.</p>
      <form
        class="group"
        aria-labelledby="token-title"
        onSubmit={(event) => {
          event.preventDefault();
          void giveToken(token.value);
        }}
      >
        <label>
          Token{" "}
          <input
            type="password"
            required
            autoComplete="off"
            pattern="[!-~]([ -~]*[!-~])?"
            title="Latin letters, digits and signs"
            value={token.value}
            onInput={({ currentTarget }) => (token.value = currentTarget.value)}
          />
        </label>
        <button type="submit" class="button">
          Send photos
        </button>
      </form>
    </div>
  );
}

function Failure({ error }: { readonly error: ErrorReport }) {
  const canAskServer = useSignal(false);
  useEffect(() => {
    void hasServer().then((answer) => (canAskServer.value = answer));
  }, [canAskServer]);
  return (
    <div class="failure" role="alert">
      <h2>{error.code === "TF_RUNTIME_FAILED" ? "The networks do not run" : "The networks could not be loaded"}</h2>
      <p>{explainFailure(error)}</p>
      <div class="group">
        <button type="button" class="button" onClick={restartAnalyzer}>
          Try again
        </button>
        {canAskServer.value && (
          <button type="button" class="button" onClick={() => void useServer()}>
            Send photos to this page's server instead
          </button>
        )}
      </div>
    </div>
  );
}
