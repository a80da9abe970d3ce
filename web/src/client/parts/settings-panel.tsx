import { type BuiltInTask, builtInTasks } from "tensorface/browser";
import { changeSettings, ownModels, serverModels, settings, usesServer } from "../state.ts";
import { OwnModels } from "./own-models.tsx";

const names: Readonly<Record<BuiltInTask, string>> = { age: "Age", gender: "Gender", mood: "Mood" };

/** What to tell, and which faces to show. */
export function SettingsPanel() {
  const { tasks, minScore, minFaceSize } = settings.value;
  return (
    <details class="settings">
      <summary>
        Settings <span class="hint">{summary()}</span>
      </summary>
      <fieldset class="choices">
        <legend>Tell of every face</legend>
        {builtInTasks.map((task) => (
          <label key={task}>
            <input type="checkbox" checked={tasks.includes(task)} onChange={() => toggle(task)} /> {names[task]}
          </label>
        ))}
      </fieldset>
      <OwnModels />
      <label>
        Hide doubtful faces{" "}
        <span class="hint">{minScore === 0 ? "(all are shown)" : `(found with a score below ${minScore.toFixed(2)})`}</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={minScore}
          onInput={(event) => changeSettings({ minScore: event.currentTarget.valueAsNumber })}
        />
      </label>
      <label>
        {usesServer.value ? (
          <>
            Smallest face to show, in pixels <span class="hint">(how small a face the server looks for is its own choice)</span>
          </>
        ) : (
          <>
            Smallest face to look for, in pixels <span class="hint">(smaller takes longer)</span>
          </>
        )}
        <input
          type="number"
          min="8"
          max="2000"
          placeholder="automatic"
          value={minFaceSize ?? ""}
          onChange={({ currentTarget }) => currentTarget.validity.valid && changeSettings({ minFaceSize: numberOf(currentTarget) })}
        />
      </label>
    </details>
  );
}

function summary(): string {
  const { tasks, minScore, minFaceSize } = settings.value;
  const told = tasks.map((task) => names[task].toLowerCase()).join(", ");
  const limits = [
    ...(minScore > 0 ? [`score from ${minScore.toFixed(2)}`] : []),
    ...(minFaceSize === undefined ? [] : [`faces from ${minFaceSize} pixels`]),
  ];
  const models = usesServer.value ? serverModels.value : ownModels.value;
  const own = models.flatMap(({ id, isOn, tasks }) => (isOn && tasks.length > 0 ? [id] : []));
  const all = [told, ...own].filter((part) => part !== "").join(", ");
  return [all === "" ? "boxes alone" : all, ...limits].join(" · ");
}

function numberOf(input: HTMLInputElement): number | undefined {
  return input.value === "" ? undefined : input.valueAsNumber;
}

function toggle(task: BuiltInTask): void {
  const { tasks } = settings.value;
  changeSettings({ tasks: builtInTasks.filter((other) => (other === task) !== tasks.includes(other)) });
}
