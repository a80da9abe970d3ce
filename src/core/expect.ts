import { TensorFaceError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** Checks for what callers without types may give. */

/** @param value what was given, for the message @throws {TF_INVALID_ARGUMENT} unless `holds`, saying what was expected and what came */
export function expectThat(holds: boolean, message: string, value: unknown): void {
  if (!holds) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${message}, got ${describeValue(value)}`);
}

/** @throws {TF_INVALID_ARGUMENT} unless it is an object, and no list */
export function expectObject(name: string, value: unknown): void {
  expectThat(typeof value === "object" && value !== null && !Array.isArray(value), `${name} must be an object`, value);
}

/** Every name of an options type: the compiler refuses a list that lacks one, and one that has another. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * An option whose name is misspelt would be taken as not given. One whose value is undefined asks for nothing: it passes, whatever it is called.
 * @param place the option that holds them, where they are not the call's own
 * @throws {TF_INVALID_ARGUMENT} unless it is an object, and no list, without other names
 */
export function expectOptions<Options extends object>(options: Options, names: OptionNames<NoInfer<Options>>, place?: string): void {
  expectObject(place ?? "options", options);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name) && Reflect.get(options, name) !== undefined);
  if (unknown === undefined) return;
  const path = place === undefined ? unknown : `${place}.${unknown}`;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `unknown option "${path}": ${whatWasMeant(unknown, Object.keys(names))}`);
}

/** What is said of a name that is none: the known one that is near it, else all that are known. */
export function whatWasMeant(unknown: string, known: readonly string[]): string {
  const guess = nearest(unknown, known);
  return guess === undefined ? `known are ${known.join(", ")}` : `did you mean "${guess}"?`;
}

/** Where a whole number may lie. */
export interface CountRange {
  readonly least: number;
  /** @default no end */
  readonly most?: number | undefined;
}

/** @throws {TF_INVALID_ARGUMENT} unless it is left out or a whole number in the range */
export function expectCount(name: string, value: unknown, { least, most = Number.MAX_SAFE_INTEGER }: CountRange): void {
  const isCount = value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most);
  const open = least === 1 ? "above 0" : `from ${least} on`;
  expectThat(isCount, `${name} must be a whole number ${most === Number.MAX_SAFE_INTEGER ? open : `from ${least} to ${most}`}`, value);
}

/** @throws {TF_INVALID_ARGUMENT} unless it is left out or one of the choices */
export function expectChoice(name: string, value: unknown, choices: readonly string[]): void {
  const isChoice = value === undefined || (typeof value === "string" && choices.includes(value));
  expectThat(isChoice, `${name} must be one of ${choices.join(", ")}`, value);
}

/** @throws {TF_INVALID_ARGUMENT} unless it is left out or of the type */
export function expectType(name: string, value: unknown, type: keyof typeof typeWords): void {
  expectThat(value === undefined || typeof value === type, `${name} must be ${typeWords[type]}`, value);
}

const typeWords = { boolean: "true or false", string: "a text", function: "a function" } as const;

/** @throws {TF_INVALID_ARGUMENT} unless it is a text that is not empty */
export function expectPath(name: string, value: unknown): void {
  expectThat(typeof value === "string" && value.trim() !== "", `${name} must be a path`, value);
}

/** @throws {TF_INVALID_ARGUMENT} unless it is left out or an AbortSignal */
export function expectSignal(value: unknown): void {
  // By what it does and not its class: test runners give every file globals of its own.
  const isSignal = typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
  expectThat(value === undefined || isSignal, "signal must be an AbortSignal", value);
}

/**
 * What came, for a message about what was expected. JSON writes NaN as null, not at all what it does not know, and a whole picture where somebody mixed up the arguments. It has nothing to say of a promise,
 * which is given where an `await` is missing.
 */
export function describeValue(value: unknown): string {
  if (value === undefined || typeof value === "number" || typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "a function";
  if (ArrayBuffer.isView(value)) return "bytes";
  if (isPromise(value)) return "a promise that was not awaited";
  const text = jsonOf(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What refers to itself has no JSON, nor has what holds a whole number of any length. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? "a list" : "an object";
  }
}

const longestValue = 200;
