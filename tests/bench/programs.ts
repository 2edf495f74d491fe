/** Small native programs for the benchmarks, compiled where there is a compiler; else the same in Deno, and slower. */

const COMPILERS = ["cc", "gcc", "clang", "tcc"];

/** A program to start, and what it was made with. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** `"C"`, or `"Deno"` where no compiler was found. */
  readonly madeWith: "C" | "Deno";
}

const made = new Map<string, Promise<Program>>();

/** The program `name`: from `name.c`, else from `name_without_compiler.ts`. It is compiled into the folder `kit`, once. */
export function program(name: "echo" | "burn", kit: string): Promise<Program> {
  let one = made.get(name);
  if (one === undefined) made.set(name, one = make(name, kit));
  return one;
}

async function make(name: string, kit: string): Promise<Program> {
  const path = (file: string) => new URL(file, import.meta.url).pathname;
  const command = `${kit}/${name}`;
  const program = { command, args: [], madeWith: "C" } as const;
  if (await isThere(command)) return program;
  for (const compiler of COMPILERS) {
    try {
      const args = ["-O2", "-D_GNU_SOURCE", "-o", command, path(`${name}.c`)];
      if ((await new Deno.Command(compiler, { args, stdin: "null" }).output()).success) return program;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const args = ["run", "--quiet", path(`${name}_without_compiler.ts`)];
  return { command: Deno.execPath(), args, madeWith: "Deno" };
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
