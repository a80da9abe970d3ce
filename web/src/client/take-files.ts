import { type FileAtPath, sortFiles } from "../shared/sort-files.ts";
import { openModel } from "./own-models.ts";
import { addPhotos, notice } from "./state.ts";

/** Photos, films and models, however they were brought: each goes where it belongs, and the page to the tab that shows them. */
export function takeFiles(brought: readonly FileAtPath[]): void {
  const { photos, films, model, leftOut } = sortFiles(brought);
  if (films.length > 0) void import("./film/film-tab.tsx").then(({ takeFilms }) => takeFilms(films));
  if (model.length > 0) void openModel(model);
  addPhotos(photos);
  if (films.length > 0) location.hash = "#/films";
  // Where photos are shown already, the way back is not to lead here once more.
  else if (photos.length + model.length > 0 && location.hash !== "") location.hash = "#/photos";
  notice.value = leftOut;
}

/** A file as a button gives it: of a folder with its path. */
export function atPath(file: File): FileAtPath {
  return { file, path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath };
}
