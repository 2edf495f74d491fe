/**
 * Finds exported names that mean two things, or are so alike that one is taken for the other. Pure: files come as text,
 * formatted as `deno fmt` leaves them.
 */

/** Where a name is declared, and whether it names a type. */
interface Declaration {
  readonly file: string;
  readonly isType: boolean;
}

const EXPORT =
  /^export (?:declare |abstract |async )*(const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;

/** The exported names of `files` (text by path), each with its declarations; a re-export declares nothing. */
export function exportedNames(files: ReadonlyMap<string, string>): Map<string, Declaration[]> {
  const names = new Map<string, Declaration[]>();
  for (const [file, text] of files) {
    for (const [, kind, name] of text.matchAll(EXPORT)) {
      const known = names.get(name!) ?? [];
      // Overloads, and a type with a value of the same name, belong together.
      if (known.some((other) => other.file === file)) continue;
      names.set(name!, [...known, { file, isType: /^(class|interface|type|enum)$/.test(kind!) }]);
    }
  }
  return names;
}

/** What is wrong, a line each; `allowed` are the names that several files may declare. */
export function confusingNames(files: ReadonlyMap<string, string>, allowed: readonly string[]): string[] {
  const names = exportedNames(files);
  const found: string[] = [];
  const byFold = new Map<string, string>();
  for (const [name, declarations] of names) {
    const [first] = declarations;
    const paths = declarations.map(({ file }) => file).join(" and ");
    if (declarations.length > 1 && !allowed.includes(name)) found.push(`${name} is declared in ${paths}`);
    // `Probe` beside `probe` is the custom for a type and what makes it; two types, or two functions, are not told apart.
    const fold = `${first!.isType} ${name === name.toUpperCase()} ${name.toLowerCase().replaceAll("_", "")}`;
    const like = byFold.get(fold);
    if (like !== undefined) found.push(`${like} and ${name} differ in case alone`);
    byFold.set(fold, name);
    // `Probes` beside `Probe` in one file is a list of them.
    const [many] = names.get(`${name}s`) ?? [];
    if (many !== undefined && many.file !== first!.file && many.isType === first!.isType) {
      found.push(`${name} in ${first!.file} and ${name}s in ${many.file} differ by an s`);
    }
  }
  return found;
}

const IMPORT = /^import (type )?[^;]*? from "([^"]+)";$/gm;
/** Where a file's own code begins: programs in its texts have imports of their own. */
const CODE = /^(?:export|const|let|function|async|class|interface|type|declare|Deno\.|await|for|if)\b/m;

/** Modules that a file imports by name in two statements; one says it all: `import { a, type B } from "./x.ts"`. */
export function doubleImports(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [file, text] of files) {
    const seen = new Set<string>();
    for (const [statement, , from] of text.slice(0, text.search(CODE) >>> 0).matchAll(IMPORT)) {
      if (/^import (type )?(\* as|\w+ from|\w+,)/.test(statement)) continue;
      if (seen.has(from!)) found.push(`${file} imports ${from} twice`);
      seen.add(from!);
    }
  }
  return found;
}
