/**
 * A copy of the checkout whose deno.json names the npm providers of @std, for commands that take no import map
 * (`deno lint`, `deno publish`): see docs/dependencies.md.
 */
const root = new URL("../../", import.meta.url);

/** The folder of the npm providers, and the import map that names them. */
export const PROVIDERS = "tests/support/npm";
export const MAP: string = `${PROVIDERS}/import_map.json`;

/** The part of deno.json that is read here. */
export interface Config {
  version: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  publish: { include: string[] };
}

/** Reads a JSON file of the checkout. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(path, root))) as T;
}

/** Copies a folder without hidden files and installed packages. */
export async function copy(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (name.startsWith(".") || name === "node_modules" || name === "coverage") continue;
    const path = encodeURIComponent(name);
    if (isDirectory) await copy(new URL(`${path}/`, from), new URL(`${path}/`, to));
    if (isFile) await Deno.copyFile(new URL(path, from), new URL(path, to));
  }
}

/** Makes the copy: the same package, with `imports` from the npm map, and the map's files let into the package. */
export async function stage(folder: URL): Promise<void> {
  await copy(root, folder);
  const config = await readJson<Config>("deno.json");
  const { imports } = await readJson<Pick<Config, "imports">>(MAP);
  for (const [name, target] of Object.entries(imports)) {
    if (name in config.imports) config.imports[name] = target.replace(/^\.\//, `./${PROVIDERS}/`);
  }
  config.publish.include.push(PROVIDERS);
  await Deno.writeTextFile(new URL("deno.json", folder), JSON.stringify(config));
}
