/**
 * Reads the options and arguments of a verb, in the way of POSIX and GNU: `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, and `--` before arguments that begin with a dash. The last of an option that is given twice counts, and of a list all.
 *
 * `parseArgs` of `node:util` does the same; to load it takes half the time that an empty program needs to start.
 */

import { requireGranted } from "./permission_errors.ts";
import { extname, resolve } from "../permissions/path.ts";
import { mayRead } from "../permissions/permit.ts";

/** An option: whether it takes a value, or may be given several times with one, its letter, and what holds where it is not. */
export interface OptionKind {
  readonly type: "string" | "list" | "boolean";
  readonly short?: string;
  readonly default?: string | boolean;
}

/** The options of a verb, by name. */
export type OptionKinds = Readonly<Record<string, OptionKind>>;

/** The value of an option, once it is given. */
type ValueOf<Kind extends OptionKind> = Kind["type"] extends "string" ? string
  : Kind["type"] extends "list" ? readonly string[]
  : boolean;

/** The values of options; `undefined` where one is not given and has no default. */
export type OptionValues<Options extends OptionKinds> = {
  [Name in keyof Options]:
    | ValueOf<Options[Name]>
    | (Options[Name] extends { readonly default: string | boolean } | { readonly type: "list" } ? never
      : undefined);
};

/** What was read. `unknown`: the first option that is not there; `isWrong`: a value is missing, or one too many. */
export interface ReadArguments<Options extends OptionKinds> {
  readonly values: OptionValues<Options>;
  readonly positionals: readonly string[];
  readonly unknown?: { readonly name: string; readonly written: string } | undefined;
  readonly isWrong: boolean;
}

/** Reads `args` by `options`. */
export function parseArguments<Options extends OptionKinds>(
  args: readonly string[],
  options: Options,
): ReadArguments<Options> {
  const values: Record<string, string | string[] | boolean | undefined> = {};
  for (const [name, option] of Object.entries<OptionKind>(options)) {
    values[name] = option.type === "list" ? [] : option.default;
  }
  const positionals: string[] = [];
  const rest = [...args];
  let unknown: { name: string; written: string } | undefined;
  let isWrong = false;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      return { values: values as never, positionals: [...positionals, ...rest], unknown, isWrong };
    }
    if (!isOption(arg)) {
      positionals.push(arg);
      continue;
    }
    const { name, written, kind, inline } = optionIn(arg, options);
    if (kind === undefined) {
      unknown ??= { name, written };
    } else if (kind.type !== "boolean") {
      const value = inline ?? rest.shift();
      // What looks like the next option is no value: one was forgotten.
      isWrong ||= value === undefined || (inline === undefined && isOption(value));
      values[name] = kind.type === "list" ? [...values[name] as string[], value ?? ""] : value;
    } else {
      values[name] = true;
      if (inline === undefined) continue;
      if (arg.startsWith("--")) isWrong = true;
      else rest.unshift(`-${inline}`); // Letters in one word.
    }
  }
  return { values: values as never, positionals, unknown, isWrong };
}

/** `-` alone is an argument. */
function isOption(arg: string): boolean {
  return arg.length > 1 && arg.startsWith("-");
}

interface OptionInArgs {
  readonly name: string;
  /** With its dashes. */
  readonly written: string;
  readonly kind: OptionKind | undefined;
  /** What follows in the same word. */
  readonly inline: string | undefined;
}

function optionIn(arg: string, options: OptionKinds): OptionInArgs {
  if (!arg.startsWith("--")) {
    const letter = arg.charAt(1);
    const [name, kind] = Object.entries(options).find(([, { short }]) => short === letter) ?? [letter];
    return { name, written: `-${letter}`, kind, inline: arg.length > 2 ? arg.slice(2) : undefined };
  }
  const cut = arg.indexOf("=");
  const written = cut < 0 ? arg : arg.slice(0, cut);
  const name = written.slice(2);
  const kind = Object.hasOwn(options, name) ? options[name] : undefined;
  return { name, written, kind, inline: cut < 0 ? undefined : arg.slice(cut + 1) };
}

// --- FILE or SOCKET ----------------------------------------------------------------------

/** The manifests of a folder that need not be named. */
export const DEFAULT_FILES = ["outrider.json", "outrider.jsonc"];
const FILE_EXTENSIONS = [".json", ".jsonc", ".json5", ".toml", ".ts", ".mts", ".js", ".mjs"];
const SOCKET_EXTENSION = ".sock";

/** The arguments of a verb, apart from its options. */
export interface FirstArgument {
  /** FILE or SOCKET; `undefined`: it was left out. */
  readonly given: string | undefined;
  readonly rest: readonly string[];
}

/** Takes the FILE or SOCKET from the front, if that is what stands there. */
export function takeFirst(positionals: readonly string[]): FirstArgument {
  const [first, ...rest] = positionals;
  const isGiven = first !== undefined && isFileOrSocket(first);
  return isGiven ? { given: first, rest } : { given: undefined, rest: positionals };
}

/** Puts the manifest of this folder to the front where a FILE was left out, and there is one. */
export function withFile(positionals: readonly string[]): readonly string[] {
  const { given } = takeFirst(positionals);
  const file = given === undefined ? defaultFile() : undefined;
  return file === undefined ? positionals : [file, ...positionals];
}

/** Demands to look for the manifest of this folder, where that decides. @throws {PermissionsMissingError} */
export function requireDefaultFile(): void {
  // An executable has its permissions for good.
  if (Deno.build.standalone) return;
  requireGranted("Cannot look for the manifest of this folder", [
    { name: "read", value: resolve(DEFAULT_FILES[0]!) },
  ]);
}

/** The manifest of this folder, if there is one, and it may be read. */
export function defaultFile(): string | undefined {
  return DEFAULT_FILES.find((name) => lookAt(name) !== undefined);
}

/** Whether `word` is the name of a manifest, or of a plain file. */
export function isFileName(word: string): boolean {
  return FILE_EXTENSIONS.includes(extname(word).toLowerCase()) || lookAt(word)?.isFile === true;
}

/** The paths of children have slashes as well: one that leads nowhere is taken for a child. */
function isFileOrSocket(word: string): boolean {
  const extension = extname(word).toLowerCase();
  if (extension === SOCKET_EXTENSION || FILE_EXTENSIONS.includes(extension)) return true;
  if (!word.includes("/")) return false;
  return /^\.{0,2}\//.test(word) || !mayRead(resolve(word)) || lookAt(word) !== undefined;
}

/** What is at `path`; `undefined`: nothing, or it may not be looked at. */
export function lookAt(path: string): Deno.FileInfo | undefined {
  if (!mayRead(resolve(path))) return undefined;
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
