export function addExamples<T>(document: T): T {
  return document;
}
