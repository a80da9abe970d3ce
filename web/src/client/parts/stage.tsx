import { describeFace, explain } from "../../shared/words.ts";
import { focusedFace, type Photo, removePhoto, visibleFaces } from "../state.ts";
import { FaceBoxes } from "./face-boxes.tsx";

/** The photo with its faces boxed. */
export function Stage({ photo }: { readonly photo: Photo }) {
  const { outcome } = photo;
  if (outcome !== undefined && "error" in outcome) {
    return (
      <div class="failure" role="alert">
        <h2>This photo could not be analysed</h2>
        <p>{explain(outcome.error)}</p>
        <RemoveButton photo={photo} />
      </div>
    );
  }
  const faces = visibleFaces(outcome);
  return (
    <figure class="stage">
      <div class="picture">
        <img src={photo.url} alt={faces.length === 0 ? photo.name : `${photo.name}. ${faces.map(describeFace).join(". ")}`} />
        {outcome !== undefined && <FaceBoxes faces={faces} width={outcome.width} height={outcome.height} focused={focusedFace} />}
        {outcome === undefined && <div class="working" role="progressbar" aria-label="Looking for faces" />}
      </div>
      <figcaption>
        <span>
          {photo.name}
          {outcome !== undefined && ` · ${outcome.width} × ${outcome.height}`}
          {outcome !== undefined && ` · ${Math.round(outcome.timings.decodeMs + outcome.timings.detectMs + outcome.timings.classifyMs)} ms`}
        </span>
        <RemoveButton photo={photo} />
      </figcaption>
    </figure>
  );
}

function RemoveButton({ photo }: { readonly photo: Photo }) {
  return (
    <button type="button" class="link" onClick={() => removePhoto(photo.id)}>
      Remove<span class="visually-hidden"> {photo.name}</span>
    </button>
  );
}
