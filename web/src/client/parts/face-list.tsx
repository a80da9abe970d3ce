import type { FaceAnalysis } from "tensorface/browser";
import { analyzerState, focusedFace, looksForFaces, type Photo, photosWait, settings, usesServer, visibleFaces } from "../state.ts";
import { PictureAnswers, FaceCard } from "./face-card.tsx";

/** With more faces than this, cards begin folded. */
const unfoldedFaces = 2;

/** A card for every face of a photo, largest first. */
export function FaceList({ photo }: { readonly photo: Photo }) {
  const outcome = photo.outcome ?? photo.soFar;
  if (outcome === undefined) return <Waiting />;
  if ("error" in outcome) return null; // The stage explains.
  const faces = visibleFaces(outcome);
  return (
    <section aria-labelledby="faces-title">
      <div class="faces-head">
        <h2 id="faces-title">{headline(faces.length)}</h2>
        {faces.length > unfoldedFaces && <FoldButtons />}
      </div>
      <PictureAnswers title="The whole picture" attributes={outcome.attributes} />
      {faces.length === 0 && looksForFaces.value && <NoFace hidden={outcome.faces.length} />}
      {faces.length > 0 && (
        <ol class="faces">
          {faces.map((face, index) => (
            <FaceCard
              key={index}
              face={face}
              index={index}
              {...(photo.url !== undefined && { url: photo.url })}
              tasks={settings.value.tasks}
              {...sizeOf(outcome)}
              focused={focusedFace}
              isOpen={faces.length <= unfoldedFaces || index === 0}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function headline(faces: number): string {
  if (!looksForFaces.value) return "No face is looked for";
  return faces === 1 ? "1 face" : faces === 0 ? "No face" : `${faces} faces`;
}

/** What the photo waits for: the networks, the server's consent, or its turn. */
function Waiting() {
  const state = analyzerState.value;
  if (photosWait.value && usesServer.value) return <p class="note">The photo waits until the server has its token.</p>;
  if (usesServer.value || state.kind === "ready") return <p class="note">Looking for faces…</p>;
  if (state.kind === "failed") return <p class="note">The photo waits until there are networks to look at it.</p>;
  const share = state.kind === "loading" ? state.share : 0;
  return (
    <div class="note">
      <label>
        Loading the networks, once: {Math.round(share * 100)} %
        <progress class="wide" value={share} />
      </label>
      <p class="hint">They stay on this device; the next photo starts at once, also without a connection.</p>
    </div>
  );
}

function sizeOf({ width, height }: FaceAnalysis): { readonly pictureWidth: number; readonly pictureHeight: number } {
  return { pictureWidth: width, pictureHeight: height };
}

function FoldButtons() {
  const fold = (isOpen: boolean): void => {
    for (const card of document.querySelectorAll<HTMLDetailsElement>(".face details")) card.open = isOpen;
  };
  return (
    <div class="group">
      <button type="button" class="link" onClick={() => fold(true)}>
        Open all
      </button>
      <button type="button" class="link" onClick={() => fold(false)}>
        Close all
      </button>
    </div>
  );
}

function NoFace({ hidden }: { readonly hidden: number }) {
  if (hidden > 0)
    return (
      <p class="note">
        No face passes the limits that you set; {hidden} {hidden === 1 ? "stays" : "stay"} below them.
      </p>
    );
  return (
    <p class="note">
      Faces that are turned away, covered or very small are easily missed.
      {!usesServer.value && " In the settings you can ask for smaller ones."}
    </p>
  );
}
