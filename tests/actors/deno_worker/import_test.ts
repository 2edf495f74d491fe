/** What a worker's module may import: Deno checks no static import of the program that it is given. */
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { denoWorker, WorkerClient, type WorkerPermissions } from "@outrider/outrider/actors/deno_worker";
import { SidecarExitedError } from "@outrider/outrider";
import { Planted } from "../planted.ts";

const SECRET = "not for the worker";
const serve = import.meta.resolve("../../../actors/deno_worker/worker.ts");
/** The smallest module of WebAssembly. */
const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A folder `own` for the worker, and `other` beside it. */
class Folders implements Disposable {
  readonly root = Deno.realPathSync(Deno.makeTempDirSync());

  constructor(files: Record<string, string | Uint8Array>) {
    const all = { "other/a.ts": `export default ${JSON.stringify(SECRET)};`, ...files };
    Deno.mkdirSync(join(this.root, "own"));
    for (const [name, content] of Object.entries(all)) {
      Deno.mkdirSync(dirname(join(this.root, name)), { recursive: true });
      Deno.writeFileSync(
        join(this.root, name),
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
  }

  readonly url = (name: string) => pathToFileURL(join(this.root, name)).href;

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

const serves = `import { serve } from ${JSON.stringify(serve)};\n`;
const tells = "\nawait serve({ steal: async () => String(await stolen()) });";

/** What the worker tells of what it has imported, or why it can't. */
async function stealing(
  module: string,
  { permissions, flags }: { permissions?: WorkerPermissions; flags?: string[] } = {},
): Promise<string> {
  await using planted = new Planted([
    denoWorker("s", { module, permissions, flags, restart: "temporary", env: { NO_COLOR: "1" } }),
  ]);
  const said = () => planted.all("output").map(({ line }) => line).join("\n");
  try {
    await planted.system.start();
  } catch {
    const { cause } = await planted.event("start_failed");
    assertInstanceOf(cause, SidecarExitedError);
    return `${cause.lastWords}\n${said()}`;
  }
  const worker = new WorkerClient<{ steal(): string }>(planted.ref);
  const told = worker.call("steal").catch((error: Error) => error.message);
  return `${await told}\n${said()}`;
}

const attempts: Record<string, (folders: Folders) => string> = {
  "statically": () => `import t from "../other/a.ts";const stolen = () => t;`,
  "as text": () => `import t from "../other/a.txt" with { type: "text" };const stolen = () => t;`,
  "as bytes": () => `import t from "../other/a.txt" with { type: "bytes" };const stolen = () => t;`,
  "as JSON": () => `import t from "../other/a.json" with { type: "json" };const stolen = () => t;`,
  "as WebAssembly": () =>
    `import * as t from "../other/a.wasm";const stolen = () => ${JSON.stringify(SECRET)} + t;`,
  "as CommonJS": () => `import t from "../other/a.cjs";const stolen = () => t;`,
  "by re-export": () => `import * as t from "./reexport.ts";const stolen = () => t.default;`,
  "behind a module of its own folder": () => `import t from "./nested.ts";const stolen = () => t;`,
  "behind a data: module": ({ url }) =>
    `import t from "data:text/javascript,export{default}from'${url("other/a.ts")}'";const stolen = () => t;`,
  "by an encoded path": () => `import t from "./%2e%2e/other/a.ts";const stolen = () => t;`,
  "by an import of a literal": () => `const stolen = async () => (await import("../other/a.ts")).default;`,
  "by an import of a literal as text": () =>
    `const stolen = async () => (await import("../other/a.txt", { with: { type: "text" } })).default;`,
  "by an import of a computed name": () =>
    `const stolen = async () => (await import(["../other/a.ts"][0])).default;`,
  "once its program has run": () =>
    `const stolen = async () => { await new Promise((run) => setTimeout(run)); return (await import("../other/a.ts")).default; };`,
  "through an import map": () => `import t from "elsewhere";const stolen = () => t;`,
  "by require": () =>
    `import { createRequire } from "node:module";const stolen = () => createRequire(import.meta.url)("../other/a.cjs");`,
  "by require in a module of its own folder": () => `import t from "./nested.cjs";const stolen = () => t;`,
  "by fetch": ({ url }) =>
    `const stolen = async () => (await fetch(${JSON.stringify(url("other/a.txt"))})).text();`,
  "in a Worker": ({ url }) =>
    `const stolen = () => new Promise((tell, fail) => {
       const worker = new Worker('data:text/javascript,import t from "${
      url("other/a.ts")
    }";postMessage(t)', { type: "module" });
       worker.onmessage = ({ data }) => tell(data);
       worker.onerror = (event) => (event.preventDefault(), fail(new Error(event.message)));
     });`,
};

const FILES = {
  "other/a.txt": SECRET,
  "other/a.json": JSON.stringify(SECRET),
  "other/a.wasm": WASM,
  "other/a.cjs": `module.exports = ${JSON.stringify(SECRET)}`,
  "own/reexport.ts": `export { default } from "../other/a.ts";`,
  "own/nested.ts": `import "./deeper.ts"; export { default } from "./deeper.ts";`,
  "own/deeper.ts": `import t from "../other/a.ts"; export default t;`,
  "own/nested.cjs": `module.exports = require("../other/a.cjs");`,
  "own/deno.json": `{ "imports": { "elsewhere": "../other/a.ts" } }`,
};

for (const [how, module] of Object.entries(attempts)) {
  Deno.test(`a worker reads nothing outside its folder when it imports it ${how}`, async () => {
    using folders = new Folders({ ...FILES });
    Deno.writeTextFileSync(join(folders.root, "own/worker.ts"), serves + module(folders) + tells);
    // With the flag, Deno 2.6 takes text and bytes, as later versions take text.
    const told = await stealing(folders.url("own/worker.ts"), { flags: ["--unstable-raw-imports"] });
    assert(!told.includes(SECRET), told);
    assertStringIncludes(told, "Requires read access to");
  });
}

Deno.test("a worker that is a data: module reads no file when it imports one", async () => {
  using folders = new Folders({});
  const text = `${serves}import t from ${
    JSON.stringify(folders.url("other/a.ts"))
  };const stolen = () => t;${tells}`;
  const told = await stealing(`data:text/typescript,${encodeURIComponent(text)}`);
  assert(!told.includes(SECRET), told);
  assertStringIncludes(told, "Requires read access to");
});

Deno.test("a worker's failed start names the file and the option when an import is refused", async () => {
  using folders = new Folders({ "own/worker.ts": `import "../other/a.ts";` });
  const [words] = (await stealing(folders.url("own/worker.ts"))).split("\n");
  assertStringIncludes(words!, `Requires read access to "${join(folders.root, "other/a.ts")}"`);
  assertStringIncludes(words!, "what its option permissions grants");
});

Deno.test("a worker imports from its folder, and from what permissions grants, with the deno.json around it", async () => {
  using folders = new Folders({
    ...FILES,
    "own/sibling.ts": `export default "sibling";`,
    "own/mapped.ts": `export { default } from "elsewhere";`,
    "own/worker.ts": serves +
      `import a from "./sibling.ts";import b from "./mapped.ts";const stolen = () => a + ", " + b;` +
      tells,
  });
  const module = folders.url("own/worker.ts");
  const told = await stealing(module, { permissions: { read: [join(folders.root, "other")] } });
  assertEquals(told, `sibling, ${SECRET}\n`);
  assertEquals(await stealing(module, { permissions: { read: true } }), `sibling, ${SECRET}\n`);
  assertEquals(await stealing(module, { flags: ["-A"] }), `sibling, ${SECRET}\n`);
});

Deno.test("a worker imports packages of a node_modules folder above it, and through them nothing else", async () => {
  const files = {
    "other/a.json": FILES["other/a.json"],
    "package.json": `{ "dependencies": { "pack": "1.0.0" } }`,
    "node_modules/pack/package.json": `{ "name": "pack", "version": "1.0.0", "main": "index.js" }`,
    "node_modules/pack/index.js": `module.exports = "packed";`,
  };
  const told = async (specifier: string) => {
    using folders = new Folders(files);
    Deno.symlinkSync("../../other/a.json", join(folders.root, "node_modules/pack/link.json"));
    const as = specifier.endsWith(".json") ? ` with { type: "json" }` : "";
    const module = `import t from ${JSON.stringify(specifier)}${as};const stolen = () => t;`;
    Deno.writeTextFileSync(join(folders.root, "own/worker.ts"), serves + module + tells);
    return await stealing(folders.url("own/worker.ts"));
  };
  assertEquals(await told("pack"), "packed\n");
  for (const specifier of ["pack/../../other/a.json", "pack/../../other/a.ts", "pack/link.json"]) {
    assertStringIncludes(await told(specifier), "Requires read access to");
  }
});

Deno.test("an error that a worker's module throws as it loads is shown as Deno shows it", async () => {
  using folders = new Folders({ "own/worker.ts": `throw new RangeError("no good");` });
  const told = await stealing(folders.url("own/worker.ts"));
  assertStringIncludes(told, "RangeError: no good");
  assertStringIncludes(told, "own/worker.ts:1:7");
});
