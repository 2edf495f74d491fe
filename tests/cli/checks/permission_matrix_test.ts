/**
 * Least privilege, manifest by manifest: with exactly the flags that `permissions` prints it runs; with any one value of
 * any flag taken away it is refused before a child starts, and that flag is named, and no other. That nothing is ever
 * prompted for: `prompt_test.ts`.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider } from "../outrider.ts";

/** What `permissions` prints, as a shell would read it: here no value has a quote in it. */
async function printed(file: string, more: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await outrider(["permissions", file, ...more]);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split(" ").map((flag) => flag.replace(/^'(.*)'$/, "$1"));
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
async function refusesAnyLess(
  file: string,
  flags: readonly string[],
  more: readonly string[],
): Promise<void> {
  const cases = [...oneLess(flags)];
  assert(cases.length > 0);
  const granted = new Set(cases.map(({ gone }) => gone));
  const refused = async () => {
    for (let next = cases.pop(); next !== undefined; next = cases.pop()) {
      const { left, gone } = next;
      const { code, stdout, stderr } = await outrider(["up", file, "--for", "10s", ...more], { flags: left });
      assertEquals([code, stdout], [3, ""], `without ${gone}: ${stderr}`);
      const named = stderr.split(/[\s']+/).filter((word) => granted.has(word));
      assertEquals([...new Set(named)], [gone], stderr);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, refused));
}

const examples = [...Deno.readDirSync(`${checkout}examples`)]
  .filter(({ name, isDirectory }) =>
    isDirectory &&
    [...Deno.readDirSync(`${checkout}examples/${name}`)].some((file) => file.name === "outrider.json")
  )
  .map(({ name }) => `${checkout}examples/${name}/outrider.json`).sort();

Deno.test("there are examples with a manifest", () => assert(examples.length >= 4));

for (const file of examples) {
  const name = file.split("/").at(-2)!;
  Deno.test(`example ${name} runs under exactly the printed permissions, and under nothing less`, async () => {
    const flags = await printed(file, []);
    const { code, stderr } = await outrider(["up", file, "--for", "300ms"], { flags });
    // Those that fail on purpose give up; none of them lacks a permission.
    assert(code === 0 || code === 1, stderr);
    assert(!/permission/i.test(stderr), stderr);
    await refusesAnyLess(file, flags, []);
  });
}

for (const name of ["v1_allowlist", "v1_objects", "v2_capabilities", "v2_everything", "v2_platforms"]) {
  Deno.test(`Tauri's configuration ${name} needs all that is printed, and each of it`, async () => {
    const file = `${checkout}tests/fixtures/tauri/${name}/tauri.conf.json`;
    const flags = await printed(file, []);
    // Its programs are not there, or it has templates alone: all that is granted is enough to find that out.
    const { code, stderr } = await outrider(["check", file], { flags });
    assert(code === 0 || code === 1, `${code}: ${stderr}`);
    await refusesAnyLess(file, flags, []);
  });
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
  const flags = await printed(file, more);
  const [run, env, read] = flags;
  assertEquals(run, `--allow-run=cat,ps,${tool},nice,sleep,true,head,sh`);
  assertEquals(env, "--allow-env=PATH,LANG");
  assertStringIncludes(read!, key);
  const { code, stdout, stderr } = await outrider(["up", file, "--for", "1s", ...more], { flags });
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "if Outrider is killed, a guardian ends all within a second");
  assert(/ tree +ready/.test(stdout), stdout);
  assert(!stdout.includes("hunter2"));
  await refusesAnyLess(file, flags, more);
  listener.close();
  await accepting;
});
