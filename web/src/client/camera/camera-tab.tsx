import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ExplainNumbers } from "../parts/explain-numbers.tsx";
import { FaceBoxes } from "../parts/face-boxes.tsx";
import { FaceCard, PictureAnswers } from "../parts/face-card.tsx";
import { analyzerState, getAnalyzer, looksForFaces, restarts, settings, warmUp } from "../state.ts";
import { CameraControls, LastRecording } from "./camera-controls.tsx";
import {
  type CameraFrame,
  type CameraWait,
  explainCamera,
  isCameraMissing,
  looksAtUser,
  openCamera,
  untilCameraIsGone,
  watchFaces,
} from "./camera-loop.ts";
import { chosenCamera, listCameras } from "./cameras.ts";
import { recorded, recording } from "./recording.ts";

/** Live view: the camera's picture with faces followed over time. Nothing is recorded unless the visitor says so. */
export function CameraTab() {
  const attempt = useSignal(0);
  // Another camera, or another worker, begins anew: with a player and without the problem of the one before.
  return <LiveView key={`${restarts.value} ${chosenCamera.value} ${attempt.value}`} onRetry={() => attempt.value++} />;
}

function LiveView({ onRetry }: { readonly onRetry: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const frame = useSignal<CameraFrame | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isMirrored = useSignal(true);
  const wait = useSignal<CameraWait | undefined>(undefined);
  const focused = useSignal<number | undefined>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    const camera = chosenCamera.peek();
    const { signal } = controller;
    warmUp("live");
    const run = async (element: HTMLVideoElement): Promise<void> => {
      const onOpen = (): void => {
        isMirrored.value = looksAtUser(element);
        // Where this one gives no picture, another one may be chosen.
        void listCameras(element).catch(() => undefined);
      };
      await openCamera(element, { signal, deviceId: camera, onOpen, onWait: (next) => (wait.value = next) });
      const onFrame = (next: CameraFrame): void => {
        frame.value = next;
        (recording.value ?? recorded.value)?.add(next);
      };
      await Promise.race([watchFaces(element, getAnalyzer(), { signal, onFrame }), untilCameraIsGone(element, signal)]);
    };
    run(video.current!).catch((error: unknown) => {
      if (signal.aborted) return;
      // One that was chosen and is unplugged since is no reason to open none.
      if (camera !== undefined && isCameraMissing(error)) chosenCamera.value = undefined;
      else problem.value = explainCamera(error);
      // What was asked about the last frame is asked for nobody.
      controller.abort();
    });
    return () => {
      recording.peek()?.stop();
      controller.abort();
    };
  }, []);

  if (problem.value !== undefined) {
    // Then it is not the camera, and the page says above what it is.
    if (analyzerState.value.kind === "failed") return <p class="note">The camera waits until there are networks to look at its picture.</p>;
    return <CameraProblem text={problem.value} onRetry={onRetry} />;
  }
  return (
    <div class="workspace">
      <h1 class="visually-hidden">Camera</h1>
      <div class="left">
        <figure class="stage">
          <div class="picture" data-mirrored={isMirrored.value ? "" : undefined}>
            <video ref={video} muted playsInline aria-label="The camera's picture" />
            {frame.value !== undefined && (
              <FaceBoxes
                faces={frame.value.faces}
                width={frame.value.width}
                height={frame.value.height}
                tasks={settings.value.tasks}
                focused={focused}
                isMirrored={isMirrored.value}
              />
            )}
          </div>
          <figcaption>
            {wait.value === undefined ? describeFrame(frame.value) : wait.value.isProblem ? "No picture" : wait.value.text}
          </figcaption>
        </figure>
        {wait.value?.isProblem === true && <NoPicture text={wait.value.text} onRetry={onRetry} />}
        <CameraControls video={video} isReady={frame.value !== undefined && wait.value === undefined} />
      </div>
      <div class="right">
        <PictureAnswers title="The whole picture" attributes={frame.value?.attributes} />
        <ol class="faces">
          {frame.value?.faces.map((face, index) => (
            <FaceCard
              key={index}
              face={face}
              index={index}
              tasks={settings.value.tasks}
              focused={focused}
              pictureWidth={frame.value!.width}
              pictureHeight={frame.value!.height}
              isOpen={index < 2}
            />
          ))}
        </ol>
        <ExplainNumbers />
      </div>
    </div>
  );
}

/** Of a camera that may yet give one: the view goes on by itself then. */
function NoPicture({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <div class="note no-picture" role="alert">
      <p>{text}</p>
      <button type="button" class="button small" onClick={onRetry}>
        Open the camera again
      </button>
    </div>
  );
}

function CameraProblem({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <>
      <div class="failure" role="alert">
        <h1>No camera</h1>
        <p>{text}</p>
        <div class="group">
          <button type="button" class="button" onClick={onRetry}>
            Open the camera again
          </button>
          <a class="button" href="#/photos">
            Choose photos instead
          </a>
        </div>
      </div>
      <LastRecording />
    </>
  );
}

function describeFrame(frame: CameraFrame | undefined): string {
  if (frame === undefined) return "Starting…";
  const faces = frame.faces.length === 1 ? "1 face · " : looksForFaces.value ? `${frame.faces.length} faces · ` : "";
  return `${faces}${frame.rate.toFixed(frame.rate < 10 ? 1 : 0)} frames a second · ${recording.value === undefined ? "nothing is recorded" : "recorded on this device"}`;
}
