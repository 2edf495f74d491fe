/**
 * Runs a page as its reader would: writes the files that its blocks name, types its commands into a shell, and
 * compares what is printed with what the page shows.
 *
 * - A block whose first line is `// NAME` is the file NAME; a later block of that name replaces it.
 * - In a `console` block, a line that begins with `$ ` is typed; the lines below are what it prints.
 * - Spaces on the page stand for any number of them, numbers of a line with times or pids for any; `…` stands for any
 *   text, and alone on a line for any lines.
 *
 * @module
 */

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** A command of a page with what the page says it prints. */
export interface Step {
  readonly command: string;
  readonly shown: string;
}

/** A file of a page. */
export interface PageFile {
  readonly name: string;
  readonly text: string;
}

/** The files and commands of a page, in its order. */
export function stepsOf(markdown: string): (Step | PageFile)[] {
  return [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].flatMap(
    ([, language = "", text = ""]): (Step | PageFile)[] => {
      if (language.trim() === "console") return commandsOf(text);
      const [, name] = /^\/\/ ([\w.]+\.\w+)\n/.exec(text) ?? [];
      return name === undefined ? [] : [{ name, text }];
    },
  );
}

function commandsOf(block: string): Step[] {
  return block.split(/^\$ /m).slice(1).map((part) => {
    const end = part.indexOf("\n");
    return { command: part.slice(0, end), shown: part.slice(end + 1) };
  });
}

/** Whether `printed` is what the page shows. */
export function isShown(printed: string, shown: string): boolean {
  const lines = trimmed(shown).map((line) => line === "…" ? "(?:.*\n)*?" : `${patternOf(line)}\n`);
  return new RegExp(`^${lines.join("")}$`).test(`${trimmed(printed).join("\n")}\n`);
}

function trimmed(text: string): string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

function patternOf(line: string): string {
  const isTimed = /\d\.\d|\d ?ms|\bpid \d/.test(line);
  // A page shows a terminal, which has no date; here it is a pipe.
  const date = /^\d\d:\d\d:\d\d\./.test(line) ? "(?:\\d{4}-\\d\\d-\\d\\d )?" : "";
  return date + line.replaceAll(
    /(\d[\d.,]*(?: ?(?:ms|s|min)\b)?)|( +)|(…)|[\\^$.*+?()[\]{}|]/g,
    (whole, number, spaces, any) => {
      if (number !== undefined) {
        return isTimed ? "\\d[\\d.,]*(?: ?(?:ms|s|min)\\b)?" : number.replaceAll(".", "\\.");
      }
      if (spaces !== undefined) return " +";
      return any !== undefined ? ".*" : `\\${whole}`;
    },
  );
}

/** A folder with `outrider` and `deno` on PATH, as a machine has that installed the package. */
export class Machine implements AsyncDisposable {
  /** Where the commands are typed. */
  readonly folder: string = Deno.makeTempDirSync({ prefix: "outrider-page-" });

  /** Installs both. */
  constructor() {
    const deno = Deno.execPath();
    const map = `--import-map="${root}tests/support/npm/import_map.json"`;
    const main = `"${root}src/cli/main.ts"`;
    this.#install(
      "outrider",
      `exec "${deno}" run -A --quiet --config="${root}deno.json" ${map} ${main} "$@"`,
    );
    // The package is this checkout, wherever it is named.
    this.#install(
      "deno",
      [
        `verb=$1; shift`,
        // The types are checked with those of other programs: tests/sidecar/types_test.ts.
        `[ "$verb" != test ] || set -- --no-check "$@"`,
        `for word; do shift; case $word in jsr:@outrider/outrider/cli) word=${main};; esac; set -- "$@" "$word"; done`,
        `exec "${deno}" "$verb" --quiet --no-prompt --config="${root}deno.json" ${map} "$@"`,
      ].join("\n"),
    );
  }

  /** Writes a file of the page. */
  write({ name, text }: PageFile): void {
    Deno.writeTextFileSync(`${this.folder}/${name}`, text);
  }

  /** Types a command; gives what it printed. */
  async type(command: string): Promise<string> {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", `exec 2>&1; ${command}`],
      cwd: this.folder,
      env: {
        PATH: `${this.folder}/.bin:${Deno.env.get("PATH")}`,
        NO_COLOR: "1",
        XDG_STATE_HOME: `${this.folder}/.state`,
      },
      stdin: "null",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  }

  #install(name: string, script: string): void {
    Deno.mkdirSync(`${this.folder}/.bin`, { recursive: true });
    Deno.writeTextFileSync(`${this.folder}/.bin/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
