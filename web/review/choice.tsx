import { useEffect, useRef, useState } from "preact/hooks";
import { useDialog } from "./dialog.ts";
import { type Action, matchingClasses } from "./keys.ts";
import type { Review } from "./review.ts";

interface ChoiceProps {
  readonly review: Review;
  readonly act: (action: Action) => void;
}

/** The classes by name, however many: letters leave those that are meant, Enter gives the one that is marked. */
export function Choice({ review, act }: ChoiceProps) {
  const isOpen = review.isChoosing.value;
  const dialog = useDialog(() => review.isChoosing.value);
  return (
    <dialog id="choice" ref={dialog} aria-labelledby="choice-title" onClose={() => review.closeChoice()}>
      <h2 id="choice-title">Relabel as</h2>
      {isOpen && <Classes review={review} act={act} />}
    </dialog>
  );
}

function Classes({ review, act }: ChoiceProps) {
  const labels = review.state.value?.classes.map(({ label }) => label) ?? [];
  const [typed, setTyped] = useState("");
  const [marked, setMarked] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const option = useRef<HTMLLIElement>(null);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => option.current?.scrollIntoView({ block: "nearest" }), [marked, typed]);
  const found = matchingClasses(labels, typed);
  const give = (index: number | undefined): void => {
    if (index === undefined) return;
    review.closeChoice();
    act({ kind: "relabel", index });
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || (step === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    // Held down, it would go on with the next face.
    event.stopPropagation();
    if (step === undefined) give(event.repeat ? undefined : found[marked]);
    else setMarked(Math.max(0, Math.min(marked + step, found.length - 1)));
  };
  return (
    <>
      <input
        ref={input}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-label="First letters of a class"
        aria-expanded="true"
        aria-controls="choice-classes"
        aria-activedescendant={found.length > 0 ? `choice-${found[marked]}` : undefined}
        value={typed}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setMarked(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="choice-classes" role="listbox" aria-label="Classes">
        {found.map((index, place) => (
          <li
            key={labels[index]}
            id={`choice-${index}`}
            ref={place === marked ? option : null}
            role="option"
            aria-selected={place === marked}
            onClick={() => give(index)}
          >
            {labels[index]}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p role="status">No class is called so.</p>}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </>
  );
}
