/** What the Tab key leads to. */
const reachedByTab = "a[href], button, input, select, textarea, summary, video[controls], [tabindex='0']";

/** Where an element stood: in each element around it, the inner ones first, what Tab leads to before it. */
interface Focused {
  readonly element: HTMLElement;
  readonly around: readonly { readonly parent: Element; readonly before: readonly Element[] }[];
  /** Whether its visitor sees where the focus is: who goes by the keyboard. */
  readonly isShown: boolean;
  wasDisabled: boolean;
}

/**
 * Keeps the focus in a part of the page: browsers drop it when the element that has it is taken away, and who goes by the keyboard would
 * begin at the top of the page again. It goes to what stands there now: the next of the same kind, else whatever has come in its place,
 * else the part itself.
 * @param part can have the focus itself
 * @returns stops it
 */
export function keepFocus(part: HTMLElement): () => void {
  let last: Focused | undefined;
  const controller = new AbortController();
  const listen = (name: string, listener: (event: Event) => void): void =>
    part.ownerDocument.addEventListener(name, listener, { capture: true, signal: controller.signal });
  const note = ({ target }: Event): void => {
    if (!(target instanceof HTMLElement) || target !== document.activeElement) return;
    last = part.contains(target) && target !== part ? focusedIn(part, target) : undefined;
  };
  listen("focusin", note);
  // What stands around it may have changed since.
  listen("click", note);
  listen("pointerdown", () => (last = undefined));
  listen("focusout", () =>
    // Whether it was taken away is known later.
    setTimeout(() => {
      if (last?.element.isConnected === true && !last.element.matches(":disabled") && hasNobody()) last = undefined;
    }),
  );
  const observer = new MutationObserver(() => {
    if (last === undefined || !hasNobody()) return;
    const { element, isShown } = last;
    if (element.isConnected) {
      // One that is disabled for a while gets it back.
      if (element.matches(":disabled")) last.wasDisabled = true;
      else if (last.wasDisabled) element.focus({ preventScroll: !isShown });
      return;
    }
    const next = successorOf(last) ?? part;
    last = undefined;
    // A screen keyboard opens for nobody who did not ask for it.
    if (isShown || !next.matches("input, textarea, select")) next.focus({ preventScroll: !isShown });
  });
  observer.observe(part, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  return () => {
    observer.disconnect();
    controller.abort();
  };
}

function hasNobody(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function focusedIn(part: Element, element: HTMLElement): Focused {
  const around: { parent: Element; before: readonly Element[] }[] = [];
  for (let child: Element = element; child.parentElement !== null && child.parentElement !== part; child = child.parentElement) {
    const parent = child.parentElement;
    const others = reachable(parent).filter((other) => !child.contains(other));
    const precedes = (other: Element): boolean => (child.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
    around.push({ parent, before: others.filter((other) => precedes(other)) });
  }
  return { element, around, isShown: element.matches(":focus-visible"), wasDisabled: false };
}

function successorOf({ element, around }: Focused): HTMLElement | undefined {
  for (const { parent, before } of around) {
    const there = parent.isConnected ? reachable(parent) : [];
    if (there.length === 0) continue;
    // What stood before it may have changed too.
    const from = there.findLastIndex((other) => before.includes(other)) + 1;
    return there.slice(from).find((other) => isLike(other, element)) ?? there[Math.min(from, there.length - 1)];
  }
  return undefined;
}

function reachable(parent: Element): HTMLElement[] {
  return [...parent.querySelectorAll<HTMLElement>(reachedByTab)].filter(
    (element) => !element.matches(":disabled") && element.checkVisibility({ visibilityProperty: true }),
  );
}

/** Whether two do the same to different things: their own words are the same, without what is read out behind them. */
function isLike(one: Element, other: Element): boolean {
  const told = ({ tagName, className, firstChild }: Element): string =>
    `${tagName} ${className} ${firstChild instanceof Text ? firstChild.data : ""}`;
  return told(one) === told(other);
}
