import { expect, it } from "vitest";
import { type FileAtPath, sortFiles } from "./sort-files.ts";

const at = (path: string, type = ""): FileAtPath => ({ path, file: new File(["x"], path.split("/").at(-1)!, { type }) });
const sorted = (...brought: readonly FileAtPath[]) => {
  const { photos, films, model, leftOut } = sortFiles(brought);
  const names = (files: readonly File[]): string => files.map(({ name }) => name).join(" ");
  return { photos: names(photos), films: names(films), model: names(model), leftOut };
};
const nothing = { photos: "", films: "", model: "", leftOut: undefined };

it("takes every film of several, beside photos", () => {
  expect(sorted(at("a.mp4", "video/mp4"), at("1.jpg", "image/jpeg"), at("b.mkv"), at("c.MOV"))).toEqual({
    ...nothing,
    photos: "1.jpg",
    films: "a.mp4 b.mkv c.MOV",
  });
});

it("tries whatever was brought by itself", () => {
  expect(sorted(at("letter.txt", "text/plain"), at("notes.json"))).toEqual({ ...nothing, photos: "letter.txt notes.json" });
  expect(sorted(at("glasses.onnx"), at("manifest.json"), at("1.jpg"))).toEqual({
    ...nothing,
    photos: "1.jpg",
    model: "glasses.onnx manifest.json",
  });
});

it("takes of a folder what it reads, and says which films it leaves out", () => {
  const folder = [at("trip/.DS_Store"), at("trip/1.jpg", "image/jpeg"), at("trip/2.heic"), at("trip/list.json")];
  expect(sorted(...folder)).toEqual({ ...nothing, photos: "1.jpg 2.heic" });
  expect(sorted(...folder, at("trip/a.mp4"))).toMatchObject({
    photos: "1.jpg 2.heic",
    films: "",
    leftOut: expect.stringMatching(/^A film in the folder/),
  });
  expect(sorted(...folder, at("trip/a.mp4"), at("trip/b.mp4"), at("c.mp4"))).toMatchObject({
    films: "c.mp4",
    leftOut: expect.stringMatching(/^2 films in the folder were left out/),
  });
  expect(sorted(at("trip/a.mp4"), at("trip/b.mp4"), at("trip/.DS_Store"))).toEqual({ ...nothing, films: "a.mp4 b.mp4" });
});

it("says where a folder has nothing for the page", () => {
  expect(sorted(at("code/main.ts"), at("code/list.json"))).toMatchObject({ ...nothing, leftOut: expect.stringMatching(/^No photo/) });
  expect(sorted()).toMatchObject({ leftOut: expect.stringMatching(/^No photo/) });
});
