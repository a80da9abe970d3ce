import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type CameraWait, explainCamera, looksAtUser, openCamera, untilCameraIsGone } from "../camera/camera-loop.ts";
import { FaceBoxes } from "../parts/face-boxes.tsx";
import { cameraVideo, wantsCamera } from "./camera.ts";
import { LiveAnswer, useLiveAnswers } from "./live.tsx";

/** The camera: to record examples with, and to try the model on. */
export function CameraPanel() {
  const problem = useSignal<string | undefined>(undefined);
  return (
    <section class="camera-panel note" aria-labelledby="camera-title">
      <h2 id="camera-title">Camera</h2>
      {wantsCamera.value ? (
        <OpenCamera
          onProblem={(text) => {
            problem.value = text;
            wantsCamera.value = false;
          }}
        />
      ) : (
        <>
          {problem.value === undefined ? (
            <p class="hint">Open it to record examples, and to try what was taught. Nothing is sent or kept.</p>
          ) : (
            <p role="alert">{problem.value}</p>
          )}
          <button
            type="button"
            class="button"
            onClick={() => {
              problem.value = undefined;
              wantsCamera.value = true;
            }}
          >
            Open the camera
          </button>
        </>
      )}
      {wantsCamera.value && (
        <button type="button" class="link" onClick={() => (wantsCamera.value = false)}>
          Close the camera
        </button>
      )}
    </section>
  );
}

function OpenCamera({ onProblem }: { readonly onProblem: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const isMirrored = useSignal(true);
  const wait = useSignal<CameraWait | undefined>(undefined);
  const nobody = useSignal<number | undefined>(undefined);
  const frame = useLiveAnswers();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const open = async (element: HTMLVideoElement): Promise<void> => {
      const onOpen = (): boolean => (isMirrored.value = looksAtUser(element));
      await openCamera(element, { signal, onOpen, onWait: (next) => (wait.value = next) });
      if (signal.aborted) return;
      cameraVideo.value = element;
      await untilCameraIsGone(element, signal);
    };
    open(video.current!).catch((error: unknown) => {
      if (!signal.aborted) onProblem(explainCamera(error));
    });
    return () => {
      controller.abort();
      cameraVideo.value = undefined;
      // Who comes back is asked again.
      wantsCamera.value = false;
    };
  }, []);
  return (
    <>
      <div class="picture" data-mirrored={isMirrored.value ? "" : undefined}>
        <video ref={video} muted playsInline aria-label="The camera's picture" />
        {frame.value !== undefined && frame.value.faces.length > 0 && (
          <FaceBoxes
            faces={frame.value.faces}
            width={frame.value.width}
            height={frame.value.height}
            tasks={[]}
            focused={nobody}
            isMirrored={isMirrored.value}
          />
        )}
      </div>
      {wait.value === undefined ? (
        <LiveAnswer frame={frame.value} />
      ) : (
        <p role={wait.value.isProblem ? "alert" : undefined}>{wait.value.text}</p>
      )}
    </>
  );
}
