import type { Signal } from "@preact/signals";
import type { AnalyzedFace, BoundingBox, BuiltInTask } from "tensorface/browser";
import { describeFace, isUnsureFace } from "../../shared/words.ts";
import { placeBadges } from "../../shared/badges.ts";
import { showFace } from "./face-card.tsx";

export interface FaceBoxesProps {
  readonly faces: readonly AnalyzedFace[];
  /** Size of the picture that the boxes refer to, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What is told of each face. */
  readonly tasks: readonly BuiltInTask[];
  readonly focused: Signal<number | undefined>;
  /** Whether the picture is shown as in a mirror. @default false */
  readonly isMirrored?: boolean;
}

/** With more faces than this, their numbers are written smaller. */
const spaciousFaces = 11;
/** With more faces than this, a small picture would be covered with numbers. */
const numberedFaces = 99;

/** Boxes over a picture, each a button that ties the face to its card. Sizes follow the picture, strokes do not. */
export function FaceBoxes({ faces, width, height, tasks, focused, isMirrored = false }: FaceBoxesProps) {
  const mirrored = (box: BoundingBox): BoundingBox => (isMirrored ? { ...box, x: width - box.x - box.width } : box);
  const badges = placeBadges(
    faces.map(({ box }) => mirrored(box)),
    { width, height },
  );
  return (
    <div class="boxes" data-crowded={faces.length > numberedFaces ? "throng" : faces.length > spaciousFaces ? "" : undefined}>
      {faces.map((face, index) => (
        <button
          key={index}
          type="button"
          class="box"
          aria-label={describeFace(face, index, tasks)}
          data-focused={focused.value === index ? "" : undefined}
          data-unsure={isUnsureFace(face) ? "" : undefined}
          data-badge={badges[index]}
          style={{
            left: `${(mirrored(face.box).x / width) * 100}%`,
            top: `${(face.box.y / height) * 100}%`,
            width: `${(face.box.width / width) * 100}%`,
            height: `${(face.box.height / height) * 100}%`,
          }}
          onPointerEnter={() => (focused.value = index)}
          onPointerLeave={() => (focused.value = undefined)}
          onFocus={() => (focused.value = index)}
          onBlur={() => (focused.value = undefined)}
          onClick={(event) => showFace(index, event)}
        >
          <span>{index + 1}</span>
        </button>
      ))}
    </div>
  );
}
