/** The outlines that stand before heavy modules: each is true of its module, and none of these is seen by a program. */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

/** Compiles only where the module `Real` can stand wherever its outline is expected. */
function holds<Outline, Real extends Outline>(_outlined: keyof Outline & keyof Real): void {}

/** Never called: what compiles here is the test. */
export function outlines(): void {
  holds<typeof import("../../src/actor/cell.d.ts"), typeof import("../../src/actor/cell.ts")>("Cell");
  holds<
    typeof import("../../src/sidecar/incarnation/sidecar_process.d.ts"),
    typeof import("../../src/sidecar/incarnation/sidecar_process.ts")
  >("SidecarProcess");
  holds<
    typeof import("../../src/supervision/decide/decide.d.ts"),
    typeof import("../../src/supervision/decide/decide.ts")
  >("decide");
  holds<
    typeof import("../../src/launch/launch_contained.d.ts"),
    typeof import("../../src/launch/launch_contained.ts")
  >("launchContained");
  holds<
    typeof import("../../actors/lsp/documents/text_document.d.ts"),
    typeof import("../../actors/lsp/documents/text_document.ts")
  >("TextDocument");
}

/** The `.d.ts` files below `folder`, relative to the root. */
function outlinesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) =>
    isDirectory ? outlinesBelow(`${folder}/${name}`) : name.endsWith(".d.ts") ? [`${folder}/${name}`] : []
  );
}

Deno.test("every outline is held to its module here", () => {
  const own = Deno.readTextFileSync(new URL(import.meta.url));
  const found = ["src", "actors"].flatMap(outlinesBelow);
  assert(found.length >= 4, `${found}`);
  for (const file of found) assert(own.includes(file) && own.includes(file.replace(".d.ts", ".ts")), file);
});

Deno.test("deno check of a program leaves out manifests and what stands behind outlines when it uses the package", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/main.ts`;
    const map = new URL("tests/support/npm/import_map.json", root);
    Deno.writeTextFileSync(
      file,
      'import { launch, sidecar } from "@outrider/outrider";\nvoid [launch, sidecar];\n',
    );
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--log-level=debug", `--import-map=${map.href}`, file],
      env: { NO_COLOR: "1", DENO_DIR: await cacheWithoutChecks(folder) },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
    const files = Number(/^ {2}Files: (\d+)/m.exec(said)?.[1]);
    // Deno's own are 163. Without outlines there are 50 more; manifests alone would bring 200.
    assert(files > 163 && files < 317, `${files} files`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A cache in which nothing was checked yet, with the packages of this machine's. */
async function cacheWithoutChecks(folder: string): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout)) as { npmCache: string };
  await Deno.mkdir(`${folder}/cache`);
  await Deno.symlink(npmCache, `${folder}/cache/npm`);
  return `${folder}/cache`;
}
