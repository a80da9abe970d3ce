import type { Callable, Docstring, ExportedItem, Field } from "./read-exports.ts";

/** One entry of the package and its page. */
export interface LibraryEntry {
  /** As it is imported: `tensorface/train`. */
  readonly specifier: string;
  /** What the entry's file says of it. */
  readonly text: string;
  readonly items: readonly ExportedItem[];
  /** Names that another entry's page tells of, with the link to it. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

/** Where a type is told of, as a link from this page; undefined where it is of no entry. */
export type LinkTo = (name: string) => string | undefined;

const writtenBy = "<!-- Written by `npm run write -- reference` from the docstrings in src: change those. -->";
const deepest = 3; // Further down a type is looked up by its name, or in the file itself.

const kinds = [
  ["function", "Functions"],
  ["class", "Classes"],
  ["constant", "Constants"],
  ["type", "Types"],
] as const;

/** The page of one entry: what it exports, by kind and name, each with what its docstring says. */
export function libraryPage({ specifier, text, items, elsewhere }: LibraryEntry, linkTo: LinkTo): string {
  const sorted = items.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const sections = kinds.flatMap(([kind, title]) => {
    const those = sorted.filter((item) => item.kind === kind);
    return those.length === 0 ? [] : [[`## ${title}`].concat(those.map((item) => itemSection(item, linkTo))).join("\n\n")];
  });
  const calls = sorted
    .filter(({ kind }) => kind === "function")
    .map(({ name, docs }) => `- [${name}](${anchor(name)}): ${firstSentence(docs.text)}`);
  const others = [...elsewhere].map(([name, link]) => `[${name}](${link})`);
  return [
    `# ${specifier}`,
    writtenBy,
    text,
    calls.join("\n"),
    ...(others.length === 0 ? [] : [`And, told on other pages: ${others.join(", ")}.`]),
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

export const anchor = (name: string): string => `#${name.toLowerCase()}`;

function itemSection(item: ExportedItem, linkTo: LinkTo): string {
  const { name, docs, call, declaration, bases, fields, methods } = item;
  const parts = [`### ${name}`];
  if (call !== undefined) parts.push(code(item.kind === "class" ? call.signature : `function ${call.signature}`));
  if (declaration !== undefined && fields.length === 0) parts.push(code(wrapUnion(declaration)));
  parts.push(docs.text);
  if (call !== undefined) parts.push(...callParts(call, docs, linkTo));
  const known = bases.map((base) => nameWithLink(base, linkTo));
  if (known.length > 0) parts.push(`${fields.length + methods.length === 0 ? "All" : "Beside its own, all"} of ${known.join(" and of ")}.`);
  if (docs.see !== undefined) parts.push(`See [${docs.see.replace(/\.md$/, "")}](${docs.see}).`);
  else if (fields.length > 0) parts.push(fieldList(fields, linkTo));
  for (const method of methods) {
    parts.push(`#### ${name}.${method.name}`, code(method.signature), method.docs.text, ...callParts(method, method.docs, linkTo));
  }
  if (call === undefined) parts.push(...examples(docs));
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Parameters that are worth a word, the result, the errors, examples. */
function callParts({ parameters }: Callable, docs: Docstring, linkTo: LinkTo): string[] {
  const told = parameters.filter(({ text, type }) => text !== "" || linkTo(plainName(type)) !== undefined);
  const list = told.map(({ name, type, text }) => `- \`${name}\`: ${[typeWithLink(type, linkTo), text].filter(Boolean).join("; ")}`);
  const thrown = docs.throws.map((each) => `- ${linkCodes(each)}`);
  return [
    list.length === 0 ? "" : `**Takes**\n\n${list.join("\n")}`,
    docs.returns === undefined ? "" : `**Gives** ${docs.returns}`,
    thrown.length === 0 ? "" : `**Throws**\n\n${thrown.join("\n")}`,
    ...examples(docs),
  ];
}

const examples = (docs: Docstring): string[] => docs.examples.map((each) => code(each, "js"));

function fieldList(fields: readonly Field[], linkTo: LinkTo, depth = 1): string {
  const indent = "  ".repeat(depth - 1);
  return fields
    .map(({ name, isOptional, type, docs, fields: below }) => {
      const told = [docs.text, docs.default === undefined ? "" : `*Default: ${docs.default}.*`].filter(Boolean).join(" ");
      const head = `${indent}- \`${name}${isOptional ? "?" : ""}\`: ${typeWithLink(type, linkTo)}${told === "" ? "" : `. ${inLine(told)}`}`;
      return below.length === 0 || depth === deepest ? head : `${head}\n${fieldList(below, linkTo, depth + 1)}`;
    })
    .join("\n");
}

/** `{TF_A | TF_B} when ...` with each code as a link to its entry. */
function linkCodes(text: string): string {
  const [, codes, rest = ""] = /^\{([^}]*)\}\s*([\s\S]*)$/.exec(text) ?? [undefined, undefined, text];
  if (codes === undefined) return inLine(rest);
  const links = codes
    .split("|")
    .map((code) => (/^\s*TF_\w+\s*$/.test(code) ? `[${code.trim()}](errors.md#${code.trim().toLowerCase()})` : `\`${code.trim()}\``));
  return `${links.join(", ")} ${inLine(rest)}`.trim();
}

/** A type that is one name, perhaps of a list or with arguments, as a link to where it is told; any other as code. */
function typeWithLink(type: string, linkTo: LinkTo): string {
  const link = linkTo(plainName(type));
  if (link === undefined) return `\`${type}\``;
  return `[\`${type}\`](${link})`;
}

const nameWithLink = (base: string, linkTo: LinkTo): string => {
  const link = linkTo(base);
  return link === undefined ? `\`${base}\`` : `[${base}](${link})`;
};

const plainName = (type: string): string => type.replace(/^(?:Omit|Pick|Partial)<(\w+).*$/, "$1").replace(/(?:<.*>)?(?:\[\])?$/, "");

const code = (text: string, language = "ts"): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** A long union, one alternative a line. */
const wrapUnion = (text: string): string =>
  text.length <= 100 || /[({]/.test(text)
    ? text
    : text.replace(" = ", " =\n  | ").replaceAll(" | ", "\n  | ").replace("=\n \n  |", "=\n  |");

const inLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ");

const firstSentence = (text: string): string => inLine(/^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/:$/, ".");
