import { assertEquals } from "@std/assert";

interface Config {
  name: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
}

const root = new URL("../../", import.meta.url);
const mapUrl = new URL("tests/support/npm/import_map.json", root);
const read = async (url: URL): Promise<Config> => JSON.parse(await Deno.readTextFile(url)) as Config;

Deno.test("the npm import map names exactly the exports and imports of deno.json", async () => {
  const config = await read(new URL("deno.json", root));
  const { imports } = await read(mapUrl);
  const own = Object.entries(config.exports).map(([path, file]) =>
    [config.name + path.slice(1), file] as const
  );
  const expected = {
    ...config.imports,
    ...Object.fromEntries(own.map(([name, file]) => [name, new URL(file, root).href])),
  };
  // @std differs by design; the command line is a program, imported by nobody.
  const comparable = (entries: Record<string, string>) =>
    Object.entries(entries)
      .filter(([name]) => name !== `${config.name}/cli`)
      .map(([name, target]) => [name, name.startsWith("@std/") ? "std" : target])
      .toSorted();
  const resolved = Object.entries(imports).map(([name, target]) =>
    [name, target.startsWith(".") ? new URL(target, mapUrl).href : target] as const
  );
  assertEquals(comparable(Object.fromEntries(resolved)), comparable(expected));
});
