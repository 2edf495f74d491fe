/** A folder of the code is small enough to be taken in at once: one that outgrows that is divided by subject. */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

const MOST_FILES = 16;

/** Divided by verb already, and so of as many files as the command line has verbs. */
const VERBS = "src/cli/verbs";

/** Each folder below `folder`, itself included, with its files; paths are relative to the root. */
function foldersBelow(folder: string): [folder: string, files: string[]][] {
  const entries = [...Deno.readDirSync(new URL(folder, root))];
  const below = entries.filter(({ isDirectory }) => isDirectory);
  const own = entries.filter(({ isFile }) => isFile).map(({ name }) => name);
  return [[folder, own], ...below.flatMap(({ name }) => foldersBelow(`${folder}/${name}`))];
}

const folders = ["src", "actors"].flatMap(foldersBelow);

Deno.test(`a folder of src and actors has at most ${MOST_FILES} files when it is not that of the verbs`, () => {
  assert(folders.length > 40, `${folders.length}`);
  const over = folders.filter(([folder, files]) => folder !== VERBS && files.length > MOST_FILES);
  assertEquals(over.map(([folder, files]) => `${folder}: ${files.length} files`), []);
});

Deno.test("the folder of the verbs has only files that the table of verbs loads", () => {
  const table = Deno.readTextFileSync(new URL("src/cli/verbs.ts", root));
  const loaded = [...table.matchAll(/import\("\.\/verbs\/(\w+\.ts)"\)/g)].map(([, file]) => file!);
  const [, files] = folders.find(([folder]) => folder === VERBS)!;
  assertEquals(files.toSorted(), [...new Set(loaded)].toSorted());
});
