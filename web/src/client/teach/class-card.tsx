import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { HoldButton } from "./hold-button.tsx";
import { FilesButton } from "../parts/files-button.tsx";
import {
  addFiles,
  classes,
  type Example,
  examples,
  type Refused,
  refused,
  removeClass,
  removeExample,
  renameClass,
  type TaughtClass,
} from "./state.ts";

/** Thumbnails that are shown before somebody asks for all. */
const shownAtFirst = 12;

interface ClassCardProps {
  readonly taughtClass: TaughtClass;
  readonly place: number;
  /** Somebody asked for it, and names it next. */
  readonly isAsked: boolean;
}

/** One class: its name, its examples, and ways to bring more. */
export function ClassCard({ taughtClass: { id, name }, place, isAsked }: ClassCardProps) {
  const nameInput = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isAsked) nameInput.current?.focus();
  }, []);
  const own = examples.value.filter(({ classId }) => classId === id);
  const called = name.trim() === "" ? `class ${place + 1}` : name.trim();
  return (
    <article class="class" data-class={id} aria-label={called}>
      <header>
        <input
          ref={nameInput}
          type="text"
          class="name"
          maxLength={100}
          aria-label={`Name of class ${place + 1}`}
          placeholder={`Class ${place + 1}`}
          value={name}
          onInput={({ currentTarget }) => renameClass(id, currentTarget.value)}
        />
        <span class="hint">{own.length === 1 ? "1 picture" : `${own.length} pictures`}</span>
      </header>
      <div class="group">
        <HoldButton classId={id} called={called} />
        <FilesButton label="Files" of={`for ${called}`} onFiles={(files) => void addFiles(id, files)} />
        <FilesButton folder label="Folder" of={`for ${called}`} onFiles={(files) => void addFiles(id, files)} />
      </div>
      {own.length > 0 ? <Thumbnails own={own} called={called} /> : <p class="empty hint">or drop pictures here</p>}
      <LeftOut pictures={refused.value.filter(({ classId }) => classId === id)} />
      {classes.value.length > 2 && (
        <button type="button" class="link" onClick={() => removeClass(id)}>
          Remove<span class="visually-hidden"> {called}</span>
          {name.trim() === "" && own.length === 0 ? "" : " this class"}
        </button>
      )}
    </article>
  );
}

function Thumbnails({ own, called }: { readonly own: readonly Example[]; readonly called: string }) {
  const showsAll = useSignal(false);
  // The newest first: what was just recorded is in sight.
  const shown = own.toReversed().slice(0, showsAll.value ? own.length : shownAtFirst);
  return (
    <>
      <ul class="thumbnails">
        {shown.map(({ id, url, name }) => (
          <li key={id}>
            <button type="button" class="example" title={`Remove ${name}`} onClick={() => removeExample(id)}>
              <img src={url} alt={`${name}, an example of ${called}`} loading="lazy" />
              <span class="visually-hidden">, remove</span>
            </button>
          </li>
        ))}
      </ul>
      {own.length > shownAtFirst && (
        <button type="button" class="link" aria-expanded={showsAll.value} onClick={() => (showsAll.value = !showsAll.value)}>
          {showsAll.value ? "Show fewer" : `Show all ${own.length}`}
          <span class="visually-hidden"> of {called}</span>
        </button>
      )}
    </>
  );
}

/** Pictures that are no examples, with their reasons. */
function LeftOut({ pictures }: { readonly pictures: readonly Refused[] }) {
  if (pictures.length === 0) return null;
  const reasons = [...Map.groupBy(pictures, ({ reason }) => reason)].map(([reason, all]) => `${reason} ${all.length}`);
  const names = [...new Set(pictures.flatMap(({ name, recording }) => (recording === undefined ? [name] : [])))];
  return (
    <p class="hint left-out" title={names.join(", ")}>
      Left out: {reasons.join(", ")}
    </p>
  );
}
