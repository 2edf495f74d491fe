/**
 * The package as it is published: the files that `deno publish` would send, copied out of the checkout and imported
 * by a program elsewhere through `links`. Where JSR is not reached, std is linked too.
 */
import { assert, assertEquals } from "@std/assert";
import { stepsOf } from "../support/transcript.ts";
import { type Config, copy, PROVIDERS, readJson, stage } from "./stage.ts";

const root = new URL("../../", import.meta.url);

/** A folder that is gone after the test. */
async function tempFolder(): Promise<{ url: URL } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "outrider_published_" });
  return {
    url: new URL(`file://${path}/`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function deno(
  cwd: URL,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** The files that a dry run of publishing names, relative to the checkout, without the providers of std. */
async function publishedFiles(): Promise<string[]> {
  await using staged = await tempFolder();
  await stage(staged.url);
  const { code, stdout, stderr } = await deno(
    staged.url,
    "publish",
    "--dry-run",
    "--no-check",
    "--allow-dirty",
  );
  assertEquals(code, 0, stderr);
  const at = [...`${stdout}\n${stderr}`.matchAll(/^\s+(file:\S+) \(/gm)].map(([, file = ""]) =>
    new URL(file)
  );
  const folder = await Deno.realPath(staged.url);
  return at.map(({ pathname }) => decodeURIComponent(pathname).replace(`${folder}/`, ""))
    .filter((file) => !file.startsWith(`${PROVIDERS}/`));
}

/** Puts the package, and std as packages of their own, into `folder`; returns the paths to link. */
async function install(files: readonly string[], folder: URL): Promise<string[]> {
  for (const file of files) {
    await Deno.mkdir(new URL(".", new URL(`outrider/${file}`, folder)), { recursive: true });
    await Deno.copyFile(new URL(file, root), new URL(`outrider/${file}`, folder));
  }
  const { imports } = await readJson<Config>("deno.json");
  const links = ["outrider"];
  for (const [name, specifier] of Object.entries(imports)) {
    const [, std, version] = /^jsr:@std\/(\w+)@\^([\d.]+)$/.exec(specifier) ?? [];
    if (std === undefined) continue;
    await copy(new URL(`${PROVIDERS}/`, root), new URL(`std/${std}/`, folder));
    const config = {
      name,
      version: [...version!.split("."), "0", "0"].slice(0, 3).join("."),
      exports: `./${std}.ts`,
    };
    await Deno.writeTextFile(new URL(`std/${std}/deno.json`, folder), JSON.stringify(config));
    links.push(`std/${std}`);
  }
  return links;
}

Deno.test("the published files are a package for a program outside the checkout, with all of its exports", async () => {
  const files = await publishedFiles();
  assert(files.includes("mod.ts") && files.includes("README.md") && files.length > 200, `${files.length}`);
  assertEquals(files.filter((file) => file.startsWith("tests/")), []);
  await using outside = await tempFolder();
  const links = await install(files, outside.url);
  const app = new URL("app/", outside.url);
  await Deno.mkdir(app);
  await Deno.writeTextFile(
    new URL("deno.json", app),
    JSON.stringify({ links: links.map((link) => `../${link}`) }),
  );
  const { exports } = await readJson<Config>("deno.json");
  const names = Object.keys(exports).filter((name) => !["./cli", "./actors/worker"].includes(name));
  await Deno.writeTextFile(
    new URL("all.ts", app),
    names.map((name) => `import "@outrider/outrider${name.slice(1)}";\n`).join(""),
  );
  const all = await deno(app, "run", "--quiet", "--no-prompt", "all.ts");
  assertEquals(all, { code: 0, stdout: "", stderr: "" });
  // The program of README, with the flags that it names there, and what it prints.
  const readme = stepsOf(await Deno.readTextFile(new URL("README.md", root)));
  const program = readme.find((step) => "name" in step && step.name === "main.ts");
  const run = readme.find((step) => "command" in step && step.command.startsWith("deno run"));
  assert(program !== undefined && "text" in program && run !== undefined && "command" in run);
  await Deno.writeTextFile(new URL("main.ts", app), program.text);
  const [, verb, ...args] = run.command.replace(/ 2> .*/, "").split(" ");
  const { code, stdout } = await deno(app, verb!, "--quiet", "--no-prompt", ...args);
  assertEquals([code, stdout], [0, run.shown]);
});
