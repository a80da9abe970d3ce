import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { placeBadges } from "../../shared/badges.ts";
import { goToCard } from "../parts/face-card.tsx";
import { closeFilm, focusedTrack, type OpenFilm, shownFaces, shownTime } from "./state.ts";

/** Where the player goes when something on the page is clicked. */
let seekTo: ((time: number) => void) | undefined;

/** Shows the frame of a time, in seconds. */
export function jump(time: number): void {
  seekTo?.(time);
}

/** The film as the browser plays it, with boxes on its frames. */
export function Player({ opened }: { readonly opened: OpenFilm }) {
  const { file, url, facts, stage } = opened;
  const video = useRef<HTMLVideoElement>(null);
  const isUnplayable = useSignal(false);
  useEffect(() => {
    const element = video.current!;
    const controller = new AbortController();
    followPlayer(element, controller.signal);
    seekTo = (time) => {
      // Into the frame: its beginning, rounded, may belong to the one before it.
      element.currentTime = time + frameMargin;
    };
    return () => {
      seekTo = undefined;
      controller.abort();
    };
  }, [url]);
  return (
    <figure class="stage film-stage">
      {/* What neither plays nor can be gone through is no picture. */}
      <div class="picture" hidden={isUnplayable.value && stage === "failed"}>
        {/* The film's sound has no captions: they would have to come with it. */}
        <video
          ref={video}
          src={url}
          controls
          playsInline
          preload="auto"
          aria-label={file.name}
          onError={() => (isUnplayable.value = true)}
        />
        {facts !== undefined && <TrackBoxes width={facts.width} height={facts.height} />}
      </div>
      {isUnplayable.value && stage !== "failed" && (
        <p role="alert" class="hint">
          This browser does not play the film. What is found in it can be saved all the same.
        </p>
      )}
      <figcaption>
        <span>
          {file.name}
          {facts !== undefined && ` · ${facts.width} × ${facts.height}`}
        </span>
        <button type="button" class="link" onClick={() => closeFilm(opened)}>
          Close<span class="visually-hidden"> {file.name}</span>
        </button>
      </figcaption>
    </figure>
  );
}

/** Less than the time of a frame, more than a rounding, in seconds. */
const frameMargin = 0.001;

/** Tells the time of each frame that comes on screen, for as long as the signal lets it. */
function followPlayer(video: HTMLVideoElement, signal: AbortSignal): void {
  if (typeof video.requestVideoFrameCallback === "function") {
    const onFrame: VideoFrameRequestCallback = (_, { mediaTime }) => {
      if (signal.aborted) return;
      shownTime.value = mediaTime;
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    return;
  }
  // Older browsers do not tell which frame is shown: the clock is as near as they come.
  const onTime = (): void => void (shownTime.value = video.currentTime);
  for (const name of ["timeupdate", "seeked"]) video.addEventListener(name, onTime, { signal });
}

function TrackBoxes({ width, height }: { readonly width: number; readonly height: number }) {
  const faces = shownFaces.value;
  const badges = placeBadges(
    faces.map(({ box }) => box),
    { width, height },
  );
  return (
    <div class="boxes" data-time={shownTime.value}>
      {faces.map(({ track, box, isSeen }, index) => (
        <button
          key={track}
          type="button"
          class="box"
          aria-label={`Person ${track}`}
          data-track={track}
          data-seen={isSeen ? "" : undefined}
          data-focused={focusedTrack.value === track ? "" : undefined}
          data-badge={badges[index]}
          style={{
            left: `${(box.x / width) * 100}%`,
            top: `${(box.y / height) * 100}%`,
            width: `${(box.width / width) * 100}%`,
            height: `${(box.height / height) * 100}%`,
          }}
          onPointerEnter={() => (focusedTrack.value = track)}
          onPointerLeave={() => (focusedTrack.value = undefined)}
          onFocus={() => (focusedTrack.value = track)}
          onBlur={() => (focusedTrack.value = undefined)}
          onClick={(event) => goToCard(document.querySelector(`#person-${track}`), event)}
        >
          <span>{track}</span>
        </button>
      ))}
    </div>
  );
}
