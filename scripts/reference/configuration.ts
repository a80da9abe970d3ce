import type { Checker, Type } from "typescript/unstable/sync";
import { z } from "zod";
import { trainingConfigSchema } from "../../src/train/index.ts";
import type { Context } from "./read-exports.ts";

/**
 * The page of the training configuration: fields, limits and defaults from the zod schema, what they mean from its docstrings. One says
 * nothing of the other, so both are walked together.
 */

type Schema = z.core.JSONSchema.BaseSchema;

/** Further inside than this, lists of fields no longer read. */
const deepest = 5;
/** So many kinds may stand on the page twice. */
const few = 3;

/** @param sourceFile of the entry that exports the configuration's type */
export function configurationPage(context: ConfigurationContext, type: Type, recipes: readonly string[]): string {
  const schema = z.toJSONSchema(trainingConfigSchema, { io: "input" });
  return [
    "# The training configuration",
    "<!-- Written by `npm run write -- reference` from the schema and its docstrings in src/train: change those. -->",
    "What a training file holds: a TypeScript file that exports `defineTraining({ ... })` of [`tensorface/train`](library-train.md#definetraining), or the same as JSON. " +
      "Unknown fields are refused, and so is a value outside its limits, each by its name. [Training](training.md) shows how to use it.",
    "A field with `?` may be left out. `--set epochs=12,schedule.peak=0.002` changes fields on the command line.",
    "## Fields",
    createWriter(context)(schema, type, 1),
    "## Recipes",
    "Configurations that are in the repository, to begin with. The comment in each says what it is for.",
    recipes.map((name) => `- [\`recipes/${name}\`](../../recipes/${name})`).join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

export type ConfigurationContext = Pick<Context, "checker" | "docstringOf">;

/** Writes the fields of an object, and those inside them, as a nested list. */
type FieldWriter = (schema: Schema, type: Type | undefined, depth: number) => string;

function createWriter({ checker, docstringOf }: ConfigurationContext): FieldWriter {
  /** Long lists of kinds that stand on the page already. */
  const told = new Set<string>();

  const fields: FieldWriter = (schema, type, depth) => {
    const required = new Set(schema.required ?? []);
    return Object.entries(schema.properties ?? {})
      .flatMap(([name, value]) =>
        isSchema(value) && value.const === undefined ? [field(name, value, type, required.has(name), depth)] : [],
      )
      .join("\n");
  };

  function field(name: string, schema: Schema, owner: Type | undefined, isRequired: boolean, depth: number): string {
    const symbol = owner === undefined ? undefined : checker.getPropertyOfType(owner, name);
    const docs = symbol === undefined ? undefined : docstringOf(symbol);
    const whole = symbol === undefined ? undefined : checker.getTypeOfSymbol(symbol);
    const type = whole === undefined ? undefined : (checker.getNonNullableType(whole) ?? whole);
    const initial = schema.default === undefined ? docs?.default : `\`${JSON.stringify(schema.default)}\``;
    const words = [docs?.text ?? "", initial === undefined ? "" : `*Default: ${initial}.*`].filter(Boolean).join(" ");
    const below = inside(schema, type, depth + 1);
    const where = below === "" ? "above" : "below";
    return item(`\`${name}${isRequired ? "" : "?"}\`: ${shape(schema).replace("kinds below", `kinds ${where}`)}`, words, below, depth);
  }

  /** The fields of an object, of what a list holds, of each kind that something may be. */
  function inside(schema: Schema, type: Type | undefined, depth: number): string {
    if (depth > deepest) return "";
    if (isSchema(schema.items)) return inside(schema.items, elementOf(checker, type), depth);
    if (schema.properties !== undefined) return fields(schema, type, depth);
    const kinds = alternatives(schema).filter((each) => each.properties !== undefined);
    const whole = JSON.stringify(kinds);
    if (kinds.length > few && told.has(whole)) return "";
    told.add(whole);
    return kinds
      .map((each) => {
        const tag = tagOf(each);
        if (tag === undefined) return fields(each, memberWith(checker, type, each), depth);
        const below = depth === deepest ? "" : fields(each, memberOf(checker, type, tag), depth + 1);
        return item(`\`${tag.name}: "${tag.word}"\``, each.description ?? "", below, depth);
      })
      .join("\n");
  }

  return fields;
}

/** A line of a nested list, and what is below it. */
function item(head: string, words: string, below: string, depth: number): string {
  const line = `${"  ".repeat(depth - 1)}- ${head}${words === "" ? "" : `. ${words.replaceAll(/\s*\n\s*/g, " ")}`}`;
  return below === "" ? line : `${line}\n${below}`;
}

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);

const alternatives = (schema: Schema): Schema[] => (schema.oneOf ?? schema.anyOf ?? []).filter(isSchema);

/** What tells one kind from the others: its field with one word. */
function tagOf({ properties = {} }: Schema): { readonly name: string; readonly word: string } | undefined {
  for (const [name, value] of Object.entries(properties)) {
    if (isSchema(value) && typeof value.const === "string") return { name, word: value.const };
  }
  return undefined;
}

function elementOf(checker: Checker, type: Type | undefined): Type | undefined {
  return type?.isTypeReference() ? checker.getTypeArguments(type)[0] : type;
}

const membersOf = (type: Type | undefined): readonly Type[] =>
  type?.isUnionType() ? (type.getTypes() ?? []) : type === undefined ? [] : [type];

function memberOf(
  checker: Checker,
  type: Type | undefined,
  { name, word }: { readonly name: string; readonly word: string },
): Type | undefined {
  return membersOf(type).find((member) => {
    const symbol = checker.getPropertyOfType(member, name);
    const told = symbol === undefined ? undefined : checker.getTypeOfSymbol(symbol);
    return told?.isStringLiteralType() === true && told.value === word;
  });
}

function memberWith(checker: Checker, type: Type | undefined, { properties = {} }: Schema): Type | undefined {
  return membersOf(type).find(
    (member) => member.isObjectType() && Object.keys(properties).every((name) => checker.getPropertyOfType(member, name) !== undefined),
  );
}

/** A value's kind and its limits in few words: `whole number, 1 to 512`. */
function shape(schema: Schema): string {
  if (schema.$ref !== undefined) return "[`Layer`](library-train.md#layer)";
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (isSchema(schema.items)) return `list${counts(schema)} of ${shape(schema.items)}`;
  if (alternatives(schema).length > 0) {
    const simple = alternatives(schema).filter((each) => each.properties === undefined);
    const hasObjects = simple.length < alternatives(schema).length;
    return [
      ...simple.map(shape),
      ...(hasObjects ? [alternatives(schema).some((each) => tagOf(each)) ? "one of the kinds below" : "an object"] : []),
    ].join(" or ");
  }
  if (schema.type === "object") return "object";
  const noun = schema.type === "integer" ? "whole number" : String(schema.type ?? "any value");
  const pattern = schema.pattern === undefined ? "" : ` like \`${schema.pattern}\``;
  return `${noun}${limits(schema)}${pattern}`;
}

const largestSafe = Number.MAX_SAFE_INTEGER;

const numberOrNone = (value: number | boolean | undefined): number | undefined => (typeof value === "number" ? value : undefined);

function limits({ type, minimum, maximum, ...rest }: Schema): string {
  const [exclusiveMinimum, exclusiveMaximum] = [numberOrNone(rest.exclusiveMinimum), numberOrNone(rest.exclusiveMaximum)];
  const low = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const isOpen = exclusiveMinimum !== undefined && !(type === "integer" && exclusiveMinimum === 0);
  const from = low === undefined || low <= -largestSafe ? undefined : type === "integer" && low === 0 && exclusiveMinimum === 0 ? 1 : low;
  const to = exclusiveMaximum ?? (maximum === undefined || maximum >= largestSafe ? undefined : maximum);
  const above = isOpen ? `above ${from}` : `${from}`;
  if (from !== undefined && to !== undefined) return `, ${above} to ${exclusiveMaximum === undefined ? "" : "below "}${to}`;
  if (from !== undefined) return isOpen ? `, ${above}` : `, at least ${from}`;
  return to === undefined ? "" : `, ${exclusiveMaximum === undefined ? "at most" : "below"} ${to}`;
}

const counts = ({ minItems, maxItems }: Schema): string =>
  minItems === undefined && maxItems === undefined
    ? ""
    : ` (${maxItems === undefined ? `at least ${minItems}` : `${minItems ?? 0} to ${maxItems}`})`;
