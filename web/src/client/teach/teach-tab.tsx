import { useEffect, useRef } from "preact/hooks";
import type { FileAtPath } from "../../shared/sort-files.ts";
import { warmUp } from "../state.ts";
import { atPath } from "../take-files.ts";
import { CameraPanel } from "./camera-panel.tsx";
import { ClassCard } from "./class-card.tsx";
import { FilesButton } from "../parts/files-button.tsx";
import { ModelPanel } from "./model-panel.tsx";
import {
  addClass,
  addFiles,
  addFolders,
  changeCrop,
  changeTakesLargest,
  classes,
  crop,
  examples,
  isPicture,
  isSaved,
  isStale,
  problem,
  takesLargest,
  task,
  title,
} from "./state.ts";
import "./teach.css";

/** Closing the page forgets examples: the browser asks first, unless their model is saved. */
addEventListener("beforeunload", (event) => {
  if (examples.value.length > 0 && !(isSaved.value && !isStale.value)) event.preventDefault();
});

/** Classes of one's own: examples in, a model out, tried at once. */
export function TeachTab() {
  useEffect(() => warmUp("boxes"), []);
  const added = useRef<number | undefined>(undefined);
  return (
    <div class="teach">
      <header>
        <h1>Teach it what you want told apart</h1>
        <p class="lead">
          Show a few dozen pictures of each class. A model is made of them in seconds, in this browser. Neither pictures nor model leave
          this device.
        </p>
      </header>
      <Setup />
      <div class="lesson">
        <section class="classes" aria-labelledby="classes-title">
          <h2 id="classes-title" class="visually-hidden">
            Classes
          </h2>
          {classes.value.map((one, index) => (
            <ClassCard key={one.id} taughtClass={one} place={index} isAsked={one.id === added.current} />
          ))}
          <div class="more">
            <button type="button" class="button" onClick={() => (added.current = addClass().id)}>
              Add a class
            </button>
            <FilesButton folder label="Open folders, one for each class" onFiles={(files) => void addFolders(files.map(atPath))} />
          </div>
        </section>
        <div class="side">
          <CameraPanel />
          <ModelPanel />
        </div>
      </div>
    </div>
  );
}

/** What is told, and where to look. */
function Setup() {
  return (
    <div class="setup">
      <label class="field">
        What it tells <span class="hint">for example: glasses</span>
        <input
          type="text"
          maxLength={60}
          value={title.value}
          onInput={({ currentTarget }) => (title.value = currentTarget.value)}
          aria-describedby="task-name"
        />
        <span id="task-name" class="hint">
          {title.value.trim() === "" || task.value.name === title.value.trim() ? "" : `answers call it “${task.value.name}”`}
        </span>
      </label>
      <fieldset class="looks">
        <legend>It looks at</legend>
        <label>
          <input type="radio" name="crop" checked={crop.value === "face"} onChange={() => void changeCrop("face")} /> faces, which are found
          and cut out
        </label>
        {crop.value === "face" && (
          <label class="under">
            <input
              type="checkbox"
              checked={takesLargest.value}
              onChange={({ currentTarget }) => void changeTakesLargest(currentTarget.checked)}
            />{" "}
            of several faces, the largest
          </label>
        )}
        <label>
          <input type="radio" name="crop" checked={crop.value === "whole"} onChange={() => void changeCrop("whole")} /> whole pictures, of
          anything
        </label>
      </fieldset>
    </div>
  );
}

/** Files that were dropped on this tab: on a class they are its examples; elsewhere their folders are the classes. */
export function takeDrop(dropped: readonly FileAtPath[], target: EventTarget | null): void {
  const card = target instanceof Element ? target.closest<HTMLElement>("[data-class]") : null;
  const known = classes.value.find(({ id }) => String(id) === card?.dataset["class"]);
  const files = dropped.filter(({ file, path }) => path === file.name || isPicture(file)).map(({ file }) => file);
  if (known !== undefined) void addFiles(known.id, files);
  else if (dropped.some(({ path }) => path.includes("/"))) void addFolders(dropped.filter(({ path }) => path.includes("/")));
  else problem.value = "Drop pictures on one of the classes, or drop folders: each becomes a class.";
}
