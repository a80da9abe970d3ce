import {
  type ClassDeclaration,
  type ExpressionWithTypeArguments,
  type InterfaceDeclaration,
  isClassDeclaration,
  isConstructorDeclaration,
  isExpressionWithTypeArguments,
  isFunctionDeclaration,
  isGetAccessorDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isTypeAliasDeclaration,
  isTypeLiteralNode,
  isTypeReferenceNode,
  isVariableDeclaration,
  type Node,
  type ParameterDeclaration,
} from "typescript/unstable/ast";
import { type Checker, type Symbol, SymbolFlags, type Type } from "typescript/unstable/sync";
import { followAlias, type Program } from "./program.ts";

/** What a docstring says, by its parts. */
export interface Docstring {
  readonly text: string;
  readonly returns: string | undefined;
  /** Each with its codes in braces. */
  readonly throws: readonly string[];
  readonly default: string | undefined;
  readonly examples: readonly string[];
  /** The page that tells the rest. */
  readonly see: string | undefined;
}

/** Characters of a type that still read as a line; a longer one is told otherwise. */
const longest = 240;

interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  readonly text: string;
}

export interface Callable {
  readonly name: string;
  /** `createAnalyzer(options?: NodeAnalyzerOptions): Promise<FaceAnalyzer<PictureInput>>` */
  readonly signature: string;
  readonly parameters: readonly Parameter[];
  readonly docs: Docstring;
}

export interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  /** Of a list or an object whose fields are told below, only that. */
  readonly type: string;
  readonly docs: Docstring;
  readonly fields: readonly Field[];
}

export interface ExportedItem {
  readonly name: string;
  readonly kind: "function" | "class" | "constant" | "type";
  readonly docs: Docstring;
  /** How it is called; of a class, its constructor. */
  readonly call?: Callable | undefined;
  /** As it would be written, where fields and methods do not say it. */
  readonly declaration?: string | undefined;
  /** Names of the types whose fields it has too. */
  readonly bases: readonly string[];
  readonly fields: readonly Field[];
  readonly methods: readonly Callable[];
  /** Types of this project that it names. */
  readonly mentions: readonly Symbol[];
}

/** The compiler, and what any entry exports. */
export interface Context extends Program {
  readonly isExported: (symbol: Symbol) => boolean;
  /** The name of a type that is exported. */
  readonly nameOf: (type: Type) => string | undefined;
  readonly docstringOf: (symbol: Symbol) => Docstring;
}

/** What several entries export together, for {@link readItem}. */
export function createContext(program: Program, exported: Iterable<Symbol>): Context {
  const ids = new Set<number>();
  const names = new Map<number, string>();
  for (const symbol of exported) {
    ids.add(symbol.id);
    if ((symbol.flags & SymbolFlags.TypeAlias) === 0) continue;
    const type = program.checker.getDeclaredTypeOfSymbol(symbol);
    if (type.isObjectType()) names.set(type.id, symbol.name);
  }
  return {
    ...program,
    isExported: ({ id }) => ids.has(id),
    nameOf: ({ id }) => names.get(id),
    docstringOf: (symbol) => readDocstring(program.checker, symbol),
  };
}

/** Reads one export: its docstring, and what can be done with it. */
export function readItem(program: Context, name: string, symbol: Symbol): ExportedItem {
  const [node] = program.declarationsOf(symbol);
  if (node === undefined) throw new Error(`${name}: the compiler knows no declaration`);
  const { checker } = program;
  const common = { name, docs: readDocstring(checker, symbol), bases: [], fields: [], methods: [], mentions: mentionsIn(program, [node]) };
  if (isFunctionDeclaration(node)) return { ...common, kind: "function", call: readCallable(checker, name, symbol, node) };
  if (isVariableDeclaration(node)) return { ...common, kind: "constant", declaration: constantDeclaration(checker, symbol) };
  if (isInterfaceDeclaration(node) || isClassDeclaration(node)) return { ...common, ...readMembers(program, name, node) };
  if (!isTypeAliasDeclaration(node)) throw new Error(`${name}: an export of a kind that the reference does not know`);
  const fields = isTypeLiteralNode(node.type)
    ? node.type.members.flatMap((member) => readField(checker, member))
    : isResolved(node.type)
      ? fieldsOfType(program, checker.getDeclaredTypeOfSymbol(symbol))
      : [];
  const parameters = node.typeParameters === undefined ? "" : `<${node.typeParameters.map((each) => oneLine(each)).join(", ")}>`;
  const declaration = fields.length > 0 ? undefined : `type ${name}${parameters} = ${aliasedType(checker, symbol, node.type)}`;
  return { ...common, kind: "type", fields, declaration, mentions: isResolved(node.type) ? [] : common.mentions };
}

type Members = Pick<ExportedItem, "kind" | "call" | "bases" | "fields" | "methods" | "mentions">;

/** Bases that an entry exports are named; the fields of any other stand with its own. */
function readMembers(program: Context, name: string, node: InterfaceDeclaration | ClassDeclaration): Members {
  const { checker } = program;
  const heritage = (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type));
  const isNamed = ({ expression }: ExpressionWithTypeArguments): boolean => {
    const symbol = checker.getSymbolAtLocation(expression);
    const target = symbol === undefined ? undefined : followAlias(checker, symbol);
    return (
      target === undefined || program.isExported(target) || !(isOwn(target, program.declarationsOf) || isPart.test(oneLine(expression)))
    );
  };
  const inherited = heritage.filter((base) => !isNamed(base)).flatMap((base) => fieldsOfType(program, checker.getTypeAtLocation(base)));
  const own = node.members.flatMap((member) => readField(checker, member));
  const fields = [...own, ...inherited.filter(({ name }) => own.every((field) => field.name !== name))];
  const methods = node.members.flatMap((member) => {
    if (!isMethodSignatureDeclaration(member) && !isMethodDeclaration(member)) return [];
    const symbol = checker.getSymbolAtLocation(member.name);
    return symbol === undefined || !isIdentifier(member.name) ? [] : [readCallable(checker, oneLine(member.name), symbol, member)];
  });
  const mentions = mentionsIn(program, [...(node.typeParameters ?? []), ...heritage.filter(isNamed), ...node.members]);
  const common = { bases: heritage.filter(isNamed).map(oneLine), fields, methods, mentions };
  if (!isClassDeclaration(node)) return { ...common, kind: "type" };
  const parameters = readParameters(checker, node.members.find(isConstructorDeclaration)?.parameters ?? []);
  const call = { name, signature: `new ${name}(${listParameters(parameters)})`, parameters, docs: noDocs };
  return { ...common, kind: "class", call };
}

/** A type that is a part of another one. */
const isPart = /^(?:Omit|Pick|Partial)$/;

function readField(checker: Checker, member: Node): Field[] {
  const isField = isPropertySignatureDeclaration(member) || isPropertyDeclaration(member) || isGetAccessorDeclaration(member);
  if (!isField) return [];
  const symbol = checker.getSymbolAtLocation(member.name);
  if (symbol === undefined) return [];
  const isOptional = (symbol.flags & SymbolFlags.Optional) !== 0;
  const written = member.type === undefined ? typeText(checker, checker.getTypeOfSymbol(symbol)) : oneLine(member.type);
  return [{ name: oneLine(member.name), isOptional, type: written, docs: readDocstring(checker, symbol), fields: [] }];
}

/** Whether a type is written as another value's or type's: by itself it would say nothing. */
const isResolved = (node: Node): boolean => /\btypeof\b|\bz\.|\bkeyof\b|^\w+\[|^(?:Omit|Pick|Partial)</.test(node.getText());

/** The fields of a type that a schema gave, with the docstrings of the schema's own fields, and theirs. */
function fieldsOfType(program: Context, type: Type | undefined): Field[] {
  const { checker } = program;
  if (!type?.isObjectType() || checker.isArrayLikeType(type)) return [];
  const own = checker.getPropertiesOfType(type).filter((symbol) => isOwn(symbol, program.declarationsOf));
  return own.flatMap((symbol) => {
    const written = program.declarationsOf(symbol).flatMap((node) => readField(checker, node));
    if (written.length > 0) return written.slice(0, 1);
    const isOptional = (symbol.flags & SymbolFlags.Optional) !== 0;
    const whole = checker.getTypeOfSymbol(symbol)!;
    const told = isOptional ? (checker.getNonNullableType(whole) ?? whole) : whole;
    const { element, suffix } = elementOf(checker, told);
    const known = program.nameOf(element);
    const fields = known === undefined ? fieldsOfType(program, element) : [];
    const text = typeText(checker, told).replace(/ \| undefined$/, "");
    const type = known !== undefined ? `${known}${suffix}` : fields.length > 0 || text.length > longest ? `object${suffix}` : text;
    return [{ name: symbol.name, isOptional, type, docs: readDocstring(checker, symbol), fields }];
  });
}

/** What a list holds; anything else is itself. */
function elementOf(checker: Checker, type: Type): { readonly element: Type; readonly suffix: string } {
  const element = checker.isArrayLikeType(type) && type.isTypeReference() ? checker.getTypeArguments(type)[0] : undefined;
  return element === undefined ? { element: type, suffix: "" } : { element, suffix: "[]" };
}

function readCallable(
  checker: Checker,
  name: string,
  symbol: Symbol,
  node: { readonly parameters: readonly ParameterDeclaration[]; readonly type?: Node; readonly typeParameters?: readonly Node[] },
): Callable {
  const parameters = readParameters(checker, node.parameters, checker.getJsDocTagsOfSymbol(symbol));
  const generic = node.typeParameters === undefined ? "" : `<${node.typeParameters.map(oneLine).join(", ")}>`;
  const result = node.type === undefined ? "" : `: ${oneLine(node.type)}`;
  return { name, signature: `${name}${generic}(${listParameters(parameters)})${result}`, parameters, docs: readDocstring(checker, symbol) };
}

function readParameters(
  checker: Checker,
  nodes: readonly ParameterDeclaration[],
  tags: ReturnType<Checker["getJsDocTagsOfSymbol"]> = [],
): Parameter[] {
  return nodes.map((node) => {
    const name = isIdentifier(node.name) ? oneLine(node.name) : "options";
    const told = tags.find((tag) => tag.name === "param" && tag.text?.split(/\s/)[0] === name)?.text ?? "";
    const type = node.type === undefined ? typeText(checker, checker.getTypeAtLocation(node)) : oneLine(node.type);
    const isOptional = node.questionToken !== undefined || node.initializer !== undefined;
    return { name: `${node.dotDotDotToken === undefined ? "" : "..."}${name}`, isOptional, type, text: told.slice(name.length).trim() };
  });
}

const listParameters = (parameters: readonly Parameter[]): string =>
  parameters.map(({ name, isOptional, type }) => `${name}${isOptional ? "?" : ""}: ${type}`).join(", ");

const noDocs: Docstring = { text: "", returns: undefined, throws: [], default: undefined, examples: [], see: undefined };

function readDocstring(checker: Checker, symbol: Symbol): Docstring {
  const tags = checker.getJsDocTagsOfSymbol(symbol);
  const all = (...names: readonly string[]): string[] =>
    tags.filter(({ name }) => names.includes(name)).map(({ text }) => plain(text ?? ""));
  return {
    text: plain(checker.getDocumentationCommentOfSymbol(symbol)),
    returns: all("returns", "return")[0],
    throws: all("throws"),
    default: all("default")[0],
    examples: all("example"),
    see: all("see")[0],
  };
}

/** Markdown has no `{@link}`: what it names stands as code. */
const plain = (text: string): string => text.replaceAll(/\{@link (\w[\w.]*)\}/g, "`$1`").trim();

/** A list or a record as its type says it: the values, where it knows them. */
function constantDeclaration(checker: Checker, symbol: Symbol): string | undefined {
  const type = typeText(checker, checker.getTypeOfSymbol(symbol));
  return type.length > longest ? undefined : `const ${symbol.name}: ${type}`;
}

/** An alias as it was written; resolved where it only makes sense beside other code. */
function aliasedType(checker: Checker, symbol: Symbol, node: Node): string {
  const written = oneLine(node);
  if (isResolved(node)) return typeText(checker, checker.getDeclaredTypeOfSymbol(symbol));
  return written.length > longest ? node.getText().replaceAll("readonly ", "") : written;
}

// NoTruncation, InTypeAlias: the type itself, not its name.
const typeFormat = 1 | 8_388_608;

function typeText(checker: Checker, type: Type | undefined): string {
  return type === undefined ? "unknown" : checker.typeToString(type, undefined, typeFormat);
}

/** Source text without the line breaks of its formatting, and without `readonly`: all data is. */
function oneLine(node: Node): string {
  return node
    .getText()
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([(<[]) | ([)>\]])|,(?= ?[)\]>])/g, "$1$2")
    .replaceAll(/^\| /g, "")
    .replaceAll(/\breadonly /g, "")
    .replace(/ \| undefined$/, "")
    .replace(/^\((\(.*\) => [^()]+)\)$/, "$1");
}

/** The types of this project that a declaration names, where it is not inside a body. */
function mentionsIn({ checker, declarationsOf }: Program, declarations: readonly Node[]): Symbol[] {
  const found = new Set<Symbol>();
  const look = (node: Node): void => {
    const name = isTypeReferenceNode(node) ? node.typeName : isExpressionWithTypeArguments(node) ? node.expression : undefined;
    if (name !== undefined) {
      const symbol = checker.getSymbolAtLocation(name);
      const target = symbol === undefined ? undefined : followAlias(checker, symbol);
      if (target !== undefined && isType(target) && isOwn(target, declarationsOf)) found.add(target);
    }
    node.forEachChild((child) => {
      if (child !== bodyOf(node)) look(child);
      return undefined;
    });
  };
  for (const declaration of declarations) look(declaration);
  return [...found];
}

const bodyOf = (node: Node): Node | undefined => (isFunctionDeclaration(node) || isMethodDeclaration(node) ? node.body : undefined);

const isType = ({ flags }: Symbol): boolean => (flags & (SymbolFlags.Interface | SymbolFlags.TypeAlias | SymbolFlags.Class)) !== 0;

/** Whether it is written in this project and not in a package. */
function isOwn(symbol: Symbol, declarationsOf: Program["declarationsOf"]): boolean {
  return declarationsOf(symbol).some((node) => !node.getSourceFile().fileName.includes("/node_modules/"));
}
