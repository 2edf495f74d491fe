/**
 * Reads the options and arguments of a verb, in the way of POSIX and GNU: `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, and `--` before arguments that begin with a dash. The last of an option that is given twice counts, and of a list all.
 *
 * `parseArgs` of `node:util` does the same; to load it takes half the time that an empty program needs to start.
 */

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
