import type { Signal } from "@preact/signals";
import type { AnalyzedFace, BuiltInTask } from "tensorface/browser";
import { describeFace, isUnsureFace } from "../../shared/words.ts";
import { showFace } from "./face-card.tsx";

export interface FaceBoxesProps {
  readonly faces: readonly AnalyzedFace[];
  /** Size of the picture that the boxes refer to, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What is told of each face. */
  readonly heads: readonly BuiltInTask[];
  readonly focused: Signal<number | undefined>;
  /** Whether the picture is shown as in a mirror. @default false */
  readonly isMirrored?: boolean;
}

/** Boxes over a picture, each a button that ties the face to its card. Sizes follow the picture, strokes do not. */
export function FaceBoxes({ faces, width, height, heads, focused, isMirrored = false }: FaceBoxesProps) {
  return (
    <div class="boxes">
      {faces.map((face, index) => (
        <button
          key={index}
          type="button"
          class="box"
          aria-label={describeFace(face, index, heads)}
          data-focused={focused.value === index ? "" : undefined}
          data-unsure={isUnsureFace(face) ? "" : undefined}
          data-low={face.box.y < height * 0.08 ? "" : undefined}
          style={{
            left: `${((isMirrored ? width - face.box.x - face.box.width : face.box.x) / width) * 100}%`,
            top: `${(face.box.y / height) * 100}%`,
            width: `${(face.box.width / width) * 100}%`,
            height: `${(face.box.height / height) * 100}%`,
          }}
          onPointerEnter={() => (focused.value = index)}
          onPointerLeave={() => (focused.value = undefined)}
          onFocus={() => (focused.value = index)}
          onBlur={() => (focused.value = undefined)}
          onClick={() => showFace(index)}
        >
          <span>{index + 1}</span>
        </button>
      ))}
    </div>
  );
}
