/** `/livez`, `/readyz` and `/startupz`. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { actor, supervisor, System } from "@outrider/outrider";
import { Folder, Running } from "../cli/outrider.ts";
import { Service } from "../../src/service/service.ts";
import { healthAddress, healthAnswer, type HealthSource } from "../../src/service/health.ts";
import type { TreePhase } from "../../src/supervision/status.ts";

const well = { of: 2, unwell: [] };
const unwell = { of: 2, unwell: [{ path: "web", why: "restarting: exit code 1\u001b[31m" }] };

const source = (phase: TreePhase, wellness: typeof well | typeof unwell): HealthSource => ({
  phase: () => phase,
  wellness: () => wellness,
});

for (
  const [path, phase, wellness, status] of [
    ["/livez", "starting", unwell, 200],
    ["/livez", "stopping", unwell, 200],
    ["/startupz", "starting", unwell, 503],
    ["/startupz", "running", unwell, 200],
    ["/readyz", "starting", well, 503],
    ["/readyz", "running", well, 200],
    ["/readyz", "running", unwell, 503],
    ["/readyz", "stopping", well, 503],
    ["/", "running", well, 404],
  ] as const
) {
  Deno.test(`${path} answers ${status} when the tree is ${phase} and ${wellness.unwell.length} children are not well`, () => {
    const request = { method: "GET", url: `http://127.0.0.1${path}` };
    assertEquals(healthAnswer(request, source(phase, wellness)).status, status);
  });
}

Deno.test("/readyz says of each child that is not well why, without what a terminal obeys", async () => {
  const said = healthAnswer({ method: "GET", url: "http://h/readyz" }, source("running", unwell));
  assertEquals(await said.text(), "running, 1 of 2 well\nweb: restarting: exit code 1\\x1b[31m\n");
});

Deno.test("nothing but a look is answered", () => {
  assertEquals(healthAnswer({ method: "POST", url: "http://h/livez" }, source("running", well)).status, 405);
});

Deno.test("a health address is one of an interface and a port", () => {
  assertEquals(healthAddress("127.0.0.1:80"), { hostname: "127.0.0.1", port: 80 });
  assertEquals(healthAddress("[::1]:80"), { hostname: "::1", port: 80 });
  assertEquals(healthAddress(":80"), { hostname: "0.0.0.0", port: 80 });
  for (const wrong of ["", "80", "localhost", "a:b", "1.2.3.4:99999", "http://h:80"]) {
    assertThrows(() => healthAddress(wrong), Error, "such as 127.0.0.1:8080");
  }
});

Deno.test("a service answers over HTTP while a child is not ready, and when it is, and ends at once", async () => {
  const go = Promise.withResolvers<void>();
  const slow = actor("slow", () => ({ started: () => go.promise, receive: () => {} }));
  const system = new System(supervisor("root", [slow]));
  const service = new Service(system, { http: { hostname: "127.0.0.1", port: 0 } });
  const { hostname, port } = service.address!;
  const ask = async (path: string) => {
    const response = await fetch(`http://${hostname}:${port}${path}`, {
      signal: AbortSignal.timeout(30_000),
    });
    return [response.status, await response.text()] as const;
  };
  const starting = system.start();
  assertEquals((await ask("/livez"))[0], 200);
  assertEquals((await ask("/startupz"))[0], 503);
  assertEquals(await ask("/readyz"), [503, "starting, 0 of 1 well\nslow: starting\n"]);
  go.resolve();
  await starting;
  assertEquals(await ask("/readyz"), [200, "running, 1 of 1 well\n"]);
  assertEquals((await ask("/startupz"))[0], 200);
  // A client that never finishes its request does not hold up the end.
  using idle = await Deno.connect({ hostname, port });
  await idle.write(new TextEncoder().encode("GET /livez HTTP/1.1\r\nHost:"));
  await system.stop();
  await service[Symbol.asyncDispose]();
});

Deno.test("up answers over HTTP while a child is not ready, and when it is", async () => {
  await using folder = new Folder();
  const go = `${folder.path}/go`;
  const slow = {
    id: "slow",
    command: "sh",
    args: ["-c", `until [ -e "$0" ]; do sleep 0.05; done; echo up; exec sleep 60`, go],
    ready: { stdout: "up", within: "1m" },
  };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const base = `http://127.0.0.1:${port}`;
  await using up = new Running(["up", folder.manifest([slow]), "--http", `127.0.0.1:${port}`]);
  await up.line(/slow#1 +started/);
  const ask = async (path: string) => {
    const response = await fetch(base + path, { signal: AbortSignal.timeout(30_000) });
    return [response.status, await response.text()] as const;
  };
  assertEquals((await ask("/livez"))[0], 200);
  assertEquals((await ask("/startupz"))[0], 503);
  const [status, text] = await ask("/readyz");
  assertEquals(status, 503);
  assertStringIncludes(text, "slow: starting");
  await Deno.writeTextFile(go, "");
  await up.line(/tree +ready/);
  assertEquals(await ask("/readyz"), [200, "running, 1 of 1 well\n"]);
  assertEquals((await ask("/startupz"))[0], 200);
  // Clients that keep a connection, or never finish a request, do not hold up the stop.
  using idle = await Deno.connect({ hostname: "127.0.0.1", port });
  await idle.write(new TextEncoder().encode("GET /livez HTTP/1.1\r\nHost:"));
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("up leaves its last failure in the file for it", async () => {
  await using folder = new Folder();
  const log = `${folder.path}/termination-log`;
  const file = folder.manifest([{ id: "bad", command: "sh", args: ["-c", "echo no database >&2; exit 1"] }], {
    intensity: { restarts: 0, within: "1s" },
    defaults: "otp",
  });
  await using up = new Running(["up", file, "--termination-log", log]);
  assertEquals((await up.ended()).code, 1);
  assertStringIncludes(await Deno.readTextFile(log), "no database");
});
