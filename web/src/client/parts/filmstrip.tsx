import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import {
  clearPhotos,
  forgetPicture,
  looksForFaces,
  type Photo,
  photos,
  removePhoto,
  selectedId,
  selectPhoto,
  visibleFaces,
} from "../state.ts";

/** All photos in a row; the arrow keys walk along it, wherever the focus is, and in the strip itself Delete takes one away. */
export function Filmstrip() {
  useLayoutEffect(() => {
    document.addEventListener("keydown", onArrow);
    return () => document.removeEventListener("keydown", onArrow);
  }, []);
  // The photo that is shown is in sight here too, also when new ones were brought. Nothing but the strip scrolls.
  useSignalEffect(() => {
    const id = selectedId.value;
    requestAnimationFrame(() => bringIntoSight(document.querySelector(`#photo-${id}`)));
  });
  if (photos.value.length < 2) return null;
  return (
    <div class="filmstrip">
      <ul
        class="shelf"
        role="listbox"
        aria-label="Photos"
        aria-orientation="horizontal"
        tabIndex={0}
        aria-activedescendant={`photo-${selectedId.value}`}
        onKeyDown={onKey}
      >
        {photos.value.map((photo) => (
          <li
            key={photo.id}
            id={`photo-${photo.id}`}
            role="option"
            aria-label={`${photo.name}, ${describe(photo)}`}
            aria-selected={photo.id === selectedId.value}
            title={photo.name}
            onClick={() => selectPhoto(photo.id)}
          >
            {isBroken(photo) || photo.url === undefined ? (
              <span class="broken" />
            ) : (
              <img src={photo.url} alt="" loading="lazy" onError={() => forgetPicture(photo)} />
            )}
            <span class="count">{countOf(photo)}</span>
          </li>
        ))}
      </ul>
      <div class="strip-side">
        <Progress />
        <button type="button" class="link" onClick={clearPhotos}>
          Remove all
        </button>
      </div>
    </div>
  );
}

function bringIntoSight(photo: Element | null): void {
  const strip = photo?.parentElement;
  if (!(photo instanceof HTMLElement) || !(strip instanceof HTMLElement)) return;
  const [start, end] = [photo.offsetLeft, photo.offsetLeft + photo.offsetWidth];
  if (start < strip.scrollLeft) strip.scrollLeft = start;
  else if (end > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = end - strip.clientWidth;
}

function Progress() {
  const done = photos.value.filter(({ outcome }) => outcome !== undefined).length;
  const { length } = photos.value;
  return <span class="hint">{done === length ? `${length} photos` : `${done} of ${length} done`}</span>;
}

function isBroken({ outcome }: Photo): boolean {
  return outcome !== undefined && "error" in outcome;
}

function countOf(photo: Photo): string | number {
  if (photo.outcome === undefined) return "…";
  if (isBroken(photo)) return "!";
  return looksForFaces.value ? visibleFaces(photo.outcome).length : "✓";
}

function describe(photo: Photo): string {
  if (photo.outcome === undefined) return "not analysed yet";
  if (isBroken(photo)) return "could not be analysed";
  if (!looksForFaces.value) return "analysed";
  const { length } = visibleFaces(photo.outcome);
  return length === 1 ? "1 face" : `${length} faces`;
}

/** Files and ticks are chosen with inputs too, which do nothing with arrows; the focus may have stayed there. */
const usersOfArrows = "input:not([type=file], [type=checkbox]), select, textarea, [contenteditable], .scroll";

/** Arrows that nobody else uses: fields move a cursor or a value with them, and what scrolls scrolls. */
function onArrow(event: KeyboardEvent): void {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest(usersOfArrows) !== null) return;
  onKey(event);
}

/** What keys do where a photo of the strip has the focus; exported for its test. */
export function onKey(event: Pick<KeyboardEvent, "key" | "repeat" | "preventDefault">): void {
  if (event.key === "Delete" && selectedId.value !== undefined) {
    // Held down, it takes one away, and not one after the other.
    if (!event.repeat) removePhoto(selectedId.value);
    return;
  }
  const index = photos.value.findIndex(({ id }) => id === selectedId.value);
  const targets: Readonly<Record<string, number>> = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: photos.value.length - 1 };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  const next = photos.value[target];
  if (next === undefined) return;
  selectPhoto(next.id);
}
