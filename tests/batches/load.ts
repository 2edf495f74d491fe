/**
 * Loads the test files of folders into one isolate. Each isolate of `deno test` costs 70 ms of processor time, and loads the
 * package anew, which is more than most files take for their tests. `deno task test` runs these folders here alone; a
 * single file still runs by its path.
 *
 * @module
 */

const tests = new URL("../", import.meta.url);

/** Loads all test files below each `tests/FOLDER`. */
export async function load(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const { name, isDirectory } of [...Deno.readDirSync(new URL(folder, tests))]) {
      const path = `${folder}/${name}`;
      if (isDirectory) await load(path);
      else if (name.endsWith("_test.ts")) await import(new URL(path, tests).href);
    }
  }
}
