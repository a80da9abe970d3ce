import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

export interface FoldedCardProps {
  readonly id: string;
  /** What pointer or keyboard is on, of all cards, and this one's number among them. */
  readonly focused: Signal<number | undefined>;
  readonly number: number;
  /** Whether the card begins unfolded. */
  readonly isOpen: boolean;
  readonly thumbnail: ComponentChildren;
  readonly title: ComponentChildren;
  readonly facts: string;
  /** What stands below the card, folded or not. */
  readonly below?: ComponentChildren;
  /** What is unfolded. */
  readonly children: ComponentChildren;
}

/** A line with the answers, and below it, unfolded, what they rest on. */
export function FoldedCard({ id, focused, number, isOpen, thumbnail, title, facts, below, children }: FoldedCardProps) {
  const on = (): number => (focused.value = number);
  const off = (): undefined => (focused.value = undefined);
  return (
    <li id={id} class="face" data-focused={focused.value === number ? "" : undefined} onPointerEnter={on} onPointerLeave={off}>
      <details open={isOpen}>
        <summary onFocus={on} onBlur={off}>
          {thumbnail}
          <span class="facts">
            <span class="hint">{title}</span>
            <strong>{facts}</strong>
          </span>
        </summary>
        <div class="estimates">{children}</div>
      </details>
      {below}
    </li>
  );
}
