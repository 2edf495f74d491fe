/**
 * Least privilege, manifest by manifest: with exactly the flags that `permissions` prints it runs; without them it is
 * refused before a child starts, and each of their values is named, and no other. The manifest with every key is
 * tried without any one value, too: that alone is named. That nothing is ever prompted for: `prompt_test.ts`.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider, Running } from "../outrider.ts";
import { Session } from "../session.ts";

/** What `permissions` prints for each of these, as a shell would read it: here no value has a quote in it. */
async function printed(...lines: readonly (readonly string[])[]): Promise<string[][]> {
  await using session = new Session();
  const outcomes = await Promise.all(lines.map((line) => session.run(["permissions", ...line])));
  return outcomes.map(({ code, stdout, stderr }) => {
    // Of a Tauri app, what costs no permission is listed, and that its templates are not among the flags.
    assertEquals(
      [code, stderr.replace(/^Left out:\n( {2}.*\n)+|^Not listed: what the templates .*\n/gm, "")],
      [0, ""],
    );
    return stdout.trim().split(" ").map((flag) => flag.replace(/^'(.*)'$/, "$1"));
  });
}

/** Each value of each flag as a flag of its own. */
function singleFlags(flags: readonly string[]): string[] {
  return flags.flatMap((flag) => {
    const [name, list] = flag.split("=");
    return list === undefined ? [flag] : list.split(",").map((value) => `${name}=${value}`);
  });
}

/** Starts under `left`; it must be refused before anything starts, and name what is `gone` and no other permission. */
async function refuses(
  args: readonly string[],
  left: readonly string[],
  gone: readonly string[],
  granted: ReadonlySet<string>,
): Promise<void> {
  const { code, stdout, stderr } = await outrider(["up", ...args, "--for", "10s"], { flags: left });
  assertEquals([code, stdout], [3, ""], `without ${gone.join(" ")}: ${stderr}`);
  const named = stderr.split(/[\s']+/).filter((word) => granted.has(word));
  assertEquals([...new Set(named)], [...gone], stderr);
}

/**
 * Takes all away but the permissions to read; then those, and then those but for the manifest's own: without that one
 * nothing is known of the files that it names.
 */
async function refusesNothing(file: string, flags: readonly string[]): Promise<void> {
  const read = flags.filter((flag) => flag.startsWith("--allow-read="));
  const others = flags.filter((flag) => !read.includes(flag));
  const granted = new Set(singleFlags(flags));
  const [manifest, ...named] = singleFlags(read);
  assert(others.length > 0 && manifest !== undefined);
  await Promise.all([
    refuses([file], read, singleFlags(others), granted),
    refuses([file], others, [manifest], granted),
    ...(named.length === 0 ? [] : [refuses([file], [...others, manifest], named, granted)]),
  ]);
}

/** The flags without one value each, and that value as a flag of its own. */
function* oneLess(flags: readonly string[]): Generator<{ left: string[]; gone: string }> {
  for (const [index, flag] of flags.entries()) {
    const [name = "", list] = flag.split("=");
    const values = list?.split(",") ?? [];
    for (const value of list === undefined ? [undefined] : values) {
      const kept = values.filter((other) => other !== value);
      const left = [
        ...flags.slice(0, index),
        ...(kept.length > 0 ? [`${name}=${kept.join(",")}`] : []),
        ...flags.slice(index + 1),
      ];
      yield { left, gone: value === undefined ? name : `${name}=${value}` };
    }
  }
}

/** Up to that many at once: each is a Deno of its own. */
const AT_ONCE = 3;

/** Takes away one after the other; what is printed must be all that is needed, and no less. */
async function refusesAnyLess(args: readonly string[], flags: readonly string[]): Promise<void> {
  const cases = [...oneLess(flags)];
  const granted = new Set(singleFlags(flags));
  const refused = async () => {
    for (let next = cases.pop(); next !== undefined; next = cases.pop()) {
      await refuses(args, next.left, [next.gone], granted);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, refused));
}

/** They start as `compose` does, and need no permission of another kind; their own test runs them. */
const ALIKE = ["pm2", "prefork", "procfile", "supervisord", "systemd"];

const examples = [...Deno.readDirSync(`${checkout}examples`)]
  .filter(({ name, isDirectory }) =>
    isDirectory && !ALIKE.includes(name) &&
    [...Deno.readDirSync(`${checkout}examples/${name}`)].some((file) => file.name === "outrider.json")
  )
  .map(({ name }) => `${checkout}examples/${name}/outrider.json`).sort();

Deno.test("there are examples with a manifest", () => assert(examples.length >= 4));

const configurations = ["v1_allowlist", "v1_objects", "v2_capabilities", "v2_everything", "v2_platforms"]
  .map((name) => `${checkout}tests/fixtures/tauri/${name}/tauri.conf.json`);
const files = [...examples, ...configurations];
const flagsOf = await printed(...files.map((file) => [file]));

for (const [index, file] of files.entries()) {
  const name = file.split("/").at(-2)!;
  const flags = flagsOf[index]!;
  if (examples.includes(file)) {
    Deno.test(`example ${name} runs under exactly the printed permissions, and names each when it is missing`, async () => {
      const { code, stderr } = await outrider(["up", file, "--for", "300ms"], { flags });
      // Those that fail on purpose give up; none of them lacks a permission.
      assert(code === 0 || code === 1, stderr);
      assert(!/permission/i.test(stderr), stderr);
      await refusesNothing(file, flags);
    });
  } else {
    Deno.test(`Tauri's configuration ${name} needs all that is printed, and names each when it is missing`, async () => {
      // Its programs are not there, or it has templates alone: all that is granted is enough to find that out.
      const { code, stderr } = await outrider(["check", file], { flags });
      assert(code === 0 || code === 1, `${code}: ${stderr}`);
      await refusesNothing(file, flags);
    });
  }
}

Deno.test("a manifest with every key runs under exactly the printed permissions, and under nothing less", async () => {
  await using folder = new Folder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const connection of listener) connection.close();
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const key = folder.write("key", "hunter2\n");
  const tool = folder.write("tool.sh", "#!/bin/sh\nexec cat\n");
  Deno.chmodSync(tool, 0o755);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", Deno.readFileSync(tool)));
  const sha256 = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const inheritEnv = ["PATH"];
  const children = [
    {
      id: "crew",
      size: 2,
      sidecar: { command: "cat", protocol: "lines", inheritEnv, limits: { memory: "1GB" } },
    },
    { id: "pinned", command: "./tool.sh", sha256, inheritEnv },
    { id: "nicely", command: "tail", args: ["-f", "/dev/null"], launcher: ["nice", "-n", "1"], inheritEnv },
    {
      id: "secret",
      command: "sleep",
      args: ["60"],
      env: { KEY: { file: "./key" } },
      inheritEnv,
      probes: { readiness: { tcp: { host: "127.0.0.1", port } }, liveness: { command: ["true"] } },
    },
  ];
  const templates = [{ id: "render", command: "head", inheritEnv: ["PATH", "LANG"] }];
  const file = folder.manifest(children, { templates, onHostDeath: "guard" });
  // Where the socket is made its folder must be granted, and that is not to cover the rest.
  Deno.mkdirSync(`${folder.path}/run`);
  const more = ["--control", `${folder.path}/run/socket`];
  const [flags = [], withTemplates = []] = await printed([file, ...more], [file, ...more, "--templates"]);
  const [run, env, read] = flags;
  assertEquals(run, `--allow-run=cat,ps,${tool},nice,sleep,true,sh`);
  assertEquals(env, "--allow-env=PATH");
  assertEquals(withTemplates.slice(0, 2), [
    `--allow-run=cat,ps,${tool},nice,sleep,true,head,sh`,
    "--allow-env=PATH,LANG",
  ]);
  assertStringIncludes(read!, key);
  await using up = new Running(["up", file, ...more], { flags });
  await up.line(/ tree +ready/);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  const stdout = up.lines.join("\n");
  assertStringIncludes(stdout, "if Outrider is killed, a guardian ends all within a second");
  assert(!stdout.includes("hunter2"));
  await refusesAnyLess([file, ...more], flags);
  listener.close();
  await accepting;
});
