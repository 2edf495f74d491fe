/** The container of docs/service.md: its command, with its flags, as far as that needs neither Docker nor an init. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { alive, checkout, Folder, outrider, Running } from "../cli/outrider.ts";

const page = Deno.readTextFileSync(`${checkout}docs/service.md`);

/** The first block of that language. */
function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "m").exec(page)![1]!;
}

const manifest = JSON.parse(block("json"));
const dockerfile = block("dockerfile").replaceAll("\\\n", "");
const words = ["ENTRYPOINT", "CMD"].flatMap((name): string[] =>
  JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, "m").exec(dockerfile)![1]!)
);
/** In place of the program of an image. */
const NODE = "#!/bin/sh\ntrap 'exit 0' TERM\necho listening\nwhile :; do sleep 0.05; done\n";

/** A free port of this machine. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** The words after the init, with this machine's places in place of the image's; the command line itself is the checkout's. */
function commandHere(folder: Folder, port: number): { flags: string[]; args: string[] } {
  const [init, end, deno, run, ...rest] = words;
  assertEquals([init, end, deno, run], ["/usr/bin/tini", "--", "deno", "run"]);
  const here = rest.map((word) =>
    word.replaceAll("/app/", `${folder.path}/`).replaceAll("8080", String(port))
      .replaceAll("/dev/termination-log", `${folder.path}/last`)
  );
  const cli = here.indexOf("jsr:@outrider/outrider/cli");
  return { flags: here.slice(0, cli), args: here.slice(cli + 1) };
}

Deno.test("the command of the container starts its tree with its flags alone, answers, and stops in time on SIGTERM", async () => {
  await using folder = new Folder();
  folder.write("outrider.json", manifest);
  Deno.mkdirSync(`${folder.path}/bin`);
  folder.write("bin/node", NODE);
  Deno.chmodSync(`${folder.path}/bin/node`, 0o755);
  const env = { PATH: `${folder.path}/bin:${Deno.env.get("PATH")}` };
  const port = freePort();
  const { flags, args } = commandHere(folder, port);
  assertEquals(flags.shift(), "--no-prompt");
  const { stdout } = await outrider(["permissions", `${folder.path}/outrider.json`], { env });
  const ofService = [`--allow-net=0.0.0.0:${port}`, `--allow-write=${folder.path}/last`];
  assertEquals(flags.toSorted(), [...stdout.trim().split(" "), ...ofService].toSorted());
  await using up = new Running(args, { flags, env });
  await up.line(/"path":"\/".*"type":"ready"/);
  for (const path of ["livez", "readyz", "startupz"]) {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(30_000) });
    await response.body?.cancel();
    assertEquals([path, response.status], [path, 200]);
  }
  const pids = up.pids();
  up.signal("SIGTERM");
  // 1 where the deadline had to end it.
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals(await alive(pids), []);
});

Deno.test("the pod has more time than the container's stop, and asks where it answers", async () => {
  const yaml = block("yaml");
  const grace = Number(/terminationGracePeriodSeconds: (\d+)/.exec(yaml)![1]);
  const within = Number(/^(\d+)s$/.exec(words[words.indexOf("--stop-within") + 1]!)![1]);
  await using folder = new Folder();
  const child = { ...manifest.children[0], command: "sh" };
  const { stdout } = await outrider(["check", folder.manifest([child])]);
  const stop = Number(/a stop takes at most ([\d.]+) s$/m.exec(stdout)![1]);
  assert(stop <= within && within < grace, `${stop}, ${within}, ${grace}`);
  for (const probe of ["startup", "liveness", "readiness"]) {
    assertMatch(yaml, new RegExp(`${probe}Probe: .* port: 8080 }`));
  }
  assertMatch(yaml, /terminationMessagePath: (\S+)/);
  assertEquals(/terminationMessagePath: (\S+)/.exec(yaml)![1], words[words.indexOf("--termination-log") + 1]);
});
