import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Actions } from "./parts/actions.tsx";
import { Choosers } from "./parts/choosers.tsx";
import { AnalyzerFailure, AnalyzerStatus } from "./parts/analyzer-status.tsx";
import { ExplainNumbers } from "./parts/explain-numbers.tsx";
import { FaceList } from "./parts/face-list.tsx";
import { Filmstrip } from "./parts/filmstrip.tsx";
import { lazy } from "./parts/lazy.tsx";
import { OwnModels } from "./parts/own-models.tsx";
import { SettingsPanel } from "./parts/settings-panel.tsx";
import { Stage } from "./parts/stage.tsx";
import { isNetworkFile } from "../shared/sort-files.ts";
import { useDropAndPaste } from "./parts/use-drop-and-paste.ts";
import { keepFocus } from "./keep-focus.ts";
import { restoreOwnModels } from "./own-models.ts";
import { announcement, notice, photos, selected, usesServer, warmUp } from "./state.ts";
import { takeFiles } from "./take-files.ts";

type Tab = "photos" | "films" | "camera" | "teach" | "models";

const tabs: readonly Tab[] = ["photos", "films", "camera", "teach", "models"];
const titles: Readonly<Record<Tab, string>> = { photos: "Photos", films: "Films", camera: "Camera", teach: "Teach", models: "Models" };

const ModelsPage = lazy(async () => (await import("./parts/models-page.tsx")).ModelsPage);
const CameraTab = lazy(async () => (await import("./camera/camera-tab.tsx")).CameraTab);
const FilmTab = lazy(async () => (await import("./film/film-tab.tsx")).FilmTab);
const TeachTab = lazy(async () => (await import("./teach/teach-tab.tsx")).TeachTab);

function tabOf(hash: string): Tab {
  const name = hash.replace(/^#\/?/, "");
  return tabs.find((tab) => tab === name) ?? "photos";
}

export function App() {
  const tab = useSignal<Tab>(tabOf(location.hash));
  const isDragging = useDropAndPaste(
    (dropped, target) => {
      const bringsModel = dropped.some(({ file }) => isNetworkFile(file));
      if (tab.value === "teach" && !bringsModel) void import("./teach/teach-tab.tsx").then(({ takeDrop }) => takeDrop(dropped, target));
      else takeFiles(dropped);
    },
    () => (notice.value = "What was dropped could not be read: it may have been moved, or is not open to the browser."),
  );
  useEffect(() => {
    const onHash = (): void => {
      // The link that skips the header leads into the page, not to another tab.
      if (location.hash !== "#main") tab.value = tabOf(location.hash);
    };
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, [tab]);
  useEffect(restoreOwnModels, []);
  const main = useRef<HTMLElement>(null);
  useEffect(() => keepFocus(main.current!), []);
  useSignalEffect(() => {
    document.title = `TensorFace: ${titles[tab.value].toLowerCase()}`;
    if (tab.value === "photos" || tab.value === "models") warmUp("photo");
  });

  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="#/photos">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>TensorFace</span>
        </a>
        <nav aria-label="Tabs">
          {tabs.map((name) => (
            <a key={name} href={`#/${name}`} aria-current={tab.value === name ? "page" : undefined}>
              {titles[name]}
            </a>
          ))}
        </nav>
        <AnalyzerStatus />
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <AnalyzerFailure />
        <Notice />
        {tab.value === "photos" && <PhotosTab />}
        {tab.value === "films" && <FilmTab />}
        {tab.value === "camera" && <CameraTab />}
        {tab.value === "teach" && <TeachTab />}
        {tab.value === "models" && <ModelsPage />}
      </main>
      <footer>
        <p>
          {usesServer.value
            ? "Photos are sent to this page's server, which keeps none."
            : "Photos and films are analysed on this device and go nowhere."}{" "}
          What you see is how a face <em>appears</em> to a network, not who someone is or how they feel.
        </p>
      </footer>
      <div class="visually-hidden" role="status">
        {announcement.value}
      </div>
      {isDragging.value && (
        <div class="drop-here">
          {tab.value === "teach" ? "Drop pictures on a class, or folders anywhere" : "Drop photos or films anywhere"}
        </div>
      )}
    </>
  );
}

function Notice() {
  if (notice.value === undefined) return null;
  return (
    <p class="note notice" role="alert">
      <span>{notice.value}</span>
      <button type="button" class="link" onClick={() => (notice.value = undefined)}>
        Close<span class="visually-hidden"> this notice</span>
      </button>
    </p>
  );
}

function PhotosTab() {
  if (photos.value.length === 0) return <Welcome />;
  const photo = selected.value;
  return (
    <div class="workspace">
      <h1 class="visually-hidden">Photos</h1>
      <div class="left">
        {photo !== undefined && <Stage key={photo.id} photo={photo} />}
        <Filmstrip />
        <Actions />
      </div>
      <div class="right">
        <SettingsPanel />
        {photo !== undefined && <FaceList key={photo.id} photo={photo} />}
        <ExplainNumbers />
      </div>
    </div>
  );
}

function Welcome() {
  return (
    <section class="welcome">
      <h1>Every face in a photo: apparent age, gender and mood</h1>
      <p class="lead">
        {usesServer.value
          ? "Your photos are sent to this page's server, as you agreed. It analyses them and keeps none."
          : "Your photos are analysed right here, in your browser. They never leave your device."}
      </p>
      <Choosers />
      <OwnModels />
      <ExplainNumbers />
    </section>
  );
}
