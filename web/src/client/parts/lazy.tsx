import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";

/** A component whose code is fetched when it is first shown. */
export function lazy(load: () => Promise<FunctionComponent>): FunctionComponent {
  return function Lazy() {
    const loaded = useSignal<{ readonly Component: FunctionComponent } | undefined>(undefined);
    const failed = useSignal(false);
    useEffect(() => {
      load().then(
        (Component) => (loaded.value = { Component }),
        () => (failed.value = true),
      );
    }, [loaded, failed]);
    if (failed.value) return <p role="alert">This part of the page could not be loaded. Check the connection and open it again.</p>;
    // Where it takes long, on a slow connection, nobody is left before an empty page.
    return loaded.value === undefined ? <progress class="late" aria-label="Loading" /> : <loaded.value.Component />;
  };
}
