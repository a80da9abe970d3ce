import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type CameraFrame, explainCamera, looksAtUser, openCamera, watchFaces } from "../camera-loop.ts";
import { getAnalyzer, restarts, settings, warmUp } from "../state.ts";
import { ExplainNumbers } from "./explain-numbers.tsx";
import { FaceBoxes } from "./face-boxes.tsx";
import { AttributeSections, FaceCard } from "./face-card.tsx";

/** Live view: the camera's picture with faces followed over time. Nothing is recorded. */
export function CameraTab() {
  const video = useRef<HTMLVideoElement>(null);
  const frame = useSignal<CameraFrame | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isMirrored = useSignal(true);
  const focused = useSignal<number | undefined>(undefined);
  const start = restarts.value;
  useEffect(() => {
    problem.value = undefined;
    const controller = new AbortController();
    const { signal } = controller;
    warmUp("live");
    const run = async (element: HTMLVideoElement): Promise<void> => {
      await openCamera(element, signal);
      isMirrored.value = looksAtUser(element);
      await watchFaces(element, getAnalyzer(), { signal, onFrame: (next) => (frame.value = next) });
    };
    run(video.current!).catch((error: unknown) => {
      if (!signal.aborted) problem.value = explainCamera(error);
    });
    return () => controller.abort();
  }, [frame, problem, isMirrored, start]);

  if (problem.value !== undefined) return <CameraProblem text={problem.value} />;
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
          <figcaption>{describeFrame(frame.value)}</figcaption>
        </figure>
      </div>
      <div class="right">
        {frame.value?.attributes !== undefined && (
          <div class="face picture-answers">
            <h3>The whole picture</h3>
            <div class="estimates">
              <AttributeSections attributes={frame.value.attributes} />
            </div>
          </div>
        )}
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

function CameraProblem({ text }: { readonly text: string }) {
  return (
    <div class="failure" role="alert">
      <h1>No camera</h1>
      <p>{text}</p>
      <a class="button" href="#/photos">
        Choose photos instead
      </a>
    </div>
  );
}

function describeFrame(frame: CameraFrame | undefined): string {
  if (frame === undefined) return "Starting…";
  const faces = frame.faces.length === 1 ? "1 face" : `${frame.faces.length} faces`;
  return `${faces} · ${frame.rate.toFixed(frame.rate < 10 ? 1 : 0)} frames a second · nothing is recorded`;
}
