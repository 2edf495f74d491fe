/**
 * Loads the test files of folders into one isolate. Each isolate of `deno test` costs 70 ms of processor time, and loads the
 * package anew, which is more than most files take for their tests. `deno task test` runs these folders here alone; a
 * single file still runs by its path.
 *
 * @module
 */

const tests = new URL("../", import.meta.url);

/** Files that have an isolate of their own, each loaded by one of its name in `alone`. */
const alone = new Set([...Deno.readDirSync(new URL("./alone", import.meta.url))].map(({ name }) => name));

/** Loads all test files below each `tests/FOLDER`. */
export async function load(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const { name, isDirectory } of [...Deno.readDirSync(new URL(folder, tests))]) {
      const path = `${folder}/${name}`;
      if (isDirectory) await load(path);
      else if (name.endsWith("_test.ts") && !alone.has(name)) await import(new URL(path, tests).href);
    }
  }
}
