import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { download } from "../../shared/export.ts";
import { clock } from "../film/clock.ts";
import { addPhotos, announcement, notice } from "../state.ts";
import { cameras, chosenCamera, openedCamera } from "./cameras.ts";
import { kindOfRecordings, type Recorded, recorded, recording } from "./recording.ts";

/** A picture, a recording, and which camera. */
export function CameraControls({ video, isReady }: { readonly video: RefObject<HTMLVideoElement | null>; readonly isReady: boolean }) {
  const told = useSignal("");
  const takeSnapshot = async (): Promise<void> => {
    const file = await snapshotOf(video.current!);
    addPhotos([file]);
    download(file, file.name);
    told.value = "The picture is saved, and analysed among the photos.";
    announcement.value = told.value;
  };
  return (
    <>
      <div class="group camera-controls">
        <button type="button" class="button small" disabled={!isReady} onClick={() => void takeSnapshot()}>
          Snapshot
        </button>
        {kindOfRecordings() !== undefined && <RecordButton video={video} isReady={isReady} />}
        {cameras.value.length > 1 && (
          <label>
            Camera{" "}
            <select value={openedCamera.value} onChange={({ currentTarget }) => (chosenCamera.value = currentTarget.value)}>
              {cameras.value.map(({ deviceId, label }, index) => (
                <option key={deviceId} value={deviceId}>
                  {label === "" ? `Camera ${index + 1}` : label}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {told.value !== "" && (
        <p class="hint">
          {told.value} <a href="#/photos">Show the photos</a>
        </p>
      )}
      <LastRecording />
    </>
  );
}

/** The picture that the camera shows now, in its full size, and not mirrored. */
async function snapshotOf(video: HTMLVideoElement): Promise<File> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  const type = "image/jpeg";
  const blob = await canvas.convertToBlob({ type, quality: 0.95 });
  return new File([blob], `camera-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.jpg`, { type });
}

function RecordButton({ video, isReady }: { readonly video: RefObject<HTMLVideoElement | null>; readonly isReady: boolean }) {
  const now = recording.value;
  const seconds = useSignal(0);
  useEffect(() => {
    if (now === undefined) return undefined;
    seconds.value = 0;
    const timer = setInterval(() => (seconds.value = (performance.now() - now.since) / 1000), 250);
    return () => clearInterval(timer);
  }, [now]);
  if (now !== undefined) {
    return (
      <button type="button" class="button small primary" onClick={now.stop}>
        Stop recording, {clock(seconds.value)}
      </button>
    );
  }
  const start = async (): Promise<void> => {
    const stream = video.current?.srcObject;
    // Few who look at themselves record.
    const { startRecording } = await import("./record.ts");
    if (stream instanceof MediaStream) startRecording(stream);
  };
  return (
    <button
      type="button"
      class="button small"
      disabled={!isReady}
      onClick={() => void start().catch(() => (notice.value = "The recording could not be started. Check the connection, and try again."))}
    >
      Record
    </button>
  );
}

/** What was recorded last; nothing where nothing was. */
export function LastRecording() {
  return recorded.value === undefined ? null : <RecordedPanel what={recorded.value} />;
}

/** What was recorded, and what can be done with it. */
function RecordedPanel({ what: { film, table, seconds } }: { readonly what: Recorded }) {
  const stem = film.name.replace(/\.\w+$/, "");
  const openUnderFilms = async (): Promise<void> => {
    location.hash = "#/films";
    const { takeFilms } = await import("../film/film-tab.tsx");
    takeFilms([film]);
  };
  return (
    <section class="note recorded" aria-labelledby="recorded-title">
      <h2 id="recorded-title">Recorded, {clock(seconds)}</h2>
      <p class="hint">
        Pictures without sound, kept on this device until you leave the page. The table has a row for each person and second.
      </p>
      <div class="group">
        <button type="button" class="button small" onClick={() => download(film, film.name)}>
          Save film
        </button>
        <button type="button" class="button small" onClick={() => download(table(), `${stem}.seconds.csv`, "text/csv")}>
          Save table (CSV)
        </button>
        <button type="button" class="button small" onClick={() => void openUnderFilms()}>
          Open under Films
        </button>
        <button type="button" class="link" onClick={() => (recorded.value = undefined)}>
          Throw away
        </button>
      </div>
    </section>
  );
}
