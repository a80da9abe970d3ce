import type { FaceAnalysis } from "tensorface/browser";
import { describeFace, explain } from "../../shared/words.ts";
import {
  focusedFace,
  forgetPicture,
  mayTryAgain,
  type Photo,
  photosWait,
  removePhoto,
  settings,
  tryAgain,
  visibleFaces,
} from "../state.ts";
import { FaceBoxes } from "./face-boxes.tsx";

/** The photo with its faces boxed. */
export function Stage({ photo }: { readonly photo: Photo }) {
  const { outcome } = photo;
  if (outcome !== undefined && "error" in outcome) {
    return (
      <div class="failure" role="alert">
        <h2>This photo could not be analysed</h2>
        <p>{explain(outcome.error)}</p>
        <div class="group">
          <span class="hint">{photo.name}</span>
          {mayTryAgain(photo) && (
            <button type="button" class="button small" onClick={tryAgain}>
              Try again
            </button>
          )}
          <RemoveButton photo={photo} />
        </div>
      </div>
    );
  }
  const known = outcome ?? photo.soFar;
  const faces = visibleFaces(known);
  const { tasks } = settings.value;
  const described = [photo.name, ...faces.map((face, index) => describeFace(face, index, tasks))].join(". ");
  const isWorking = outcome === undefined && !photosWait.value;
  return (
    <figure class="stage">
      <div class="picture">
        {photo.url === undefined ? (
          <div class="unshown" role="img" aria-label={described} style={known && { aspectRatio: `${known.width} / ${known.height}` }} />
        ) : (
          <img src={photo.url} alt={described} onError={() => forgetPicture(photo)} />
        )}
        {known !== undefined && <FaceBoxes faces={faces} width={known.width} height={known.height} tasks={tasks} focused={focusedFace} />}
        {isWorking && <div class="working" role="progressbar" aria-label="Looking for faces" />}
      </div>
      <figcaption>
        <span>
          {photo.name}
          {outcome !== undefined && ` · ${outcome.width} × ${outcome.height} · ${seconds(outcome)}`}
        </span>
        <RemoveButton photo={photo} />
      </figcaption>
    </figure>
  );
}

function seconds({ timings: { decodeMs, detectMs, classifyMs } }: FaceAnalysis): string {
  const milliseconds = decodeMs + detectMs + classifyMs;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function RemoveButton({ photo }: { readonly photo: Photo }) {
  return (
    <button type="button" class="link" onClick={() => removePhoto(photo.id)}>
      Remove<span class="visually-hidden"> {photo.name}</span>
    </button>
  );
}
