/** `/livez`, `/readyz` and `/startupz`. */

import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { actor, supervisor, System } from "@outrider/outrider";
import { Folder, outrider, Running } from "../cli/outrider.ts";
import { Service } from "../../src/service/service.ts";
import { healthAddress, healthAnswer, type HealthSource } from "../../src/service/health.ts";
import type { ChildStatus, LastExit, TreePhase } from "../../src/supervision/status.ts";
import { wellnessOf } from "../../src/service/well.ts";

const well = { of: 2, unwell: [] };
const unwell = {
  of: 2,
  unwell: [{ path: "web", state: "restarting", why: "restarting: exit code 1\u001b[31m" }],
};

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
    const request = { method: "GET", path, host: "127.0.0.1:80" };
    assertEquals(healthAnswer(request, source(phase, wellness), "127.0.0.1").status, status);
  });
}

Deno.test("/readyz says of each child that is not well why, without what a terminal obeys", () => {
  const request = { method: "GET", path: "/readyz", host: undefined };
  const { text } = healthAnswer(request, source("running", unwell), "127.0.0.1");
  assertEquals(text, "running, 1 of 2 well\nweb: restarting: exit code 1\\x1b[31m\n");
});

const NOW = 100_000;
const died: LastExit = {
  generation: 1,
  at: NOW - 5_000,
  how: "exited",
  death: { kind: "exit_code", code: 1 },
  message: "exit code 1",
};

for (
  const [more, why] of [
    [{ state: "running" }, undefined],
    [{ state: "running", ready: false }, "its readiness probe fails"],
    [
      { state: "running", ready: false, notReady: { since: NOW - 12_000, why: "no answer from http://h/" } },
      "its readiness probe has failed for 12 s: no answer from http://h/",
    ],
    [{ state: "starting" }, "starting"],
    [{ state: "stopped" }, undefined],
    [{ state: "stopped", lastExit: died }, "it has failed: exit code 1"],
    [{ state: "waiting", waitsFor: ["db", "mig"] }, "waiting for db, mig"],
    [{ state: "waiting", waitsFor: [] }, "waiting for its turn"],
    [{ state: "restarting", until: NOW + 3_000, lastExit: died }, "restarting in 3 s: exit code 1"],
    [{ state: "restarting", until: NOW, lastExit: died }, "restarting: exit code 1"],
    [
      { state: "quarantined", until: NOW + 30_000, lastExit: died },
      "quarantined, tried again in 30 s: exit code 1",
    ],
    [{ state: "quarantined", lastExit: died }, "quarantined until it is started by hand: exit code 1"],
  ] as readonly (readonly [Partial<ChildStatus>, string | undefined])[]
) {
  const title = JSON.stringify({ ...more, lastExit: more.lastExit && "…" });
  Deno.test(`a child that is ${title} is ${why === undefined ? "well" : `not well: ${why}`}`, () => {
    const child = { id: "a", path: "a", type: "worker", generation: 1, restarts: 0, ...more } as ChildStatus;
    assertEquals(wellnessOf([child], NOW).unwell.map(({ why }) => why), why === undefined ? [] : [why]);
  });
}

Deno.test("nothing but a look is answered", () => {
  const request = { method: "POST", path: "/livez", host: undefined };
  assertEquals(healthAnswer(request, source("running", well), "127.0.0.1").status, 405);
});

for (
  const [host, hostname, status] of [
    ["127.0.0.1:80", "127.0.0.1", 200],
    ["[::1]:80", "::1", 200],
    ["LOCALHOST", "127.0.0.1", 200],
    ["evil.example:80", "127.0.0.1", 421],
    ["127.0.0.1.evil.example", "localhost", 421],
    ["shop.svc:80", "0.0.0.0", 200],
  ] as const
) {
  Deno.test(`health at ${hostname} answers ${status} when it is asked as ${host}`, () => {
    const request = { method: "GET", path: "/livez", host };
    assertEquals(healthAnswer(request, source("running", well), hostname).status, status);
  });
}

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

/** A port of loopback that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

Deno.test("up answers over HTTP while a child is not ready, and when it is", async () => {
  await using folder = new Folder();
  const go = `${folder.path}/go`;
  const slow = {
    id: "slow",
    command: "sh",
    args: ["-c", `until [ -e "$0" ]; do sleep 0.05; done; echo up; exec sleep 60`, go],
    ready: { stdout: "up", within: "1m" },
  };
  const port = freePort();
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

Deno.test("up and status say what a readiness probe got, and whom the rest waits for, when a child is not well", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const address = `127.0.0.1:${freePort()}`;
  const bad = `${folder.path}/bad`;
  const check = ["sh", "-c", `if [ -e "$0" ]; then echo no database >&2; exit 7; fi`, bad];
  const probe = { command: check, period: "50ms", failureThreshold: 1 };
  const web = { id: "web", command: "sleep", args: ["600"], probes: { readiness: probe } };
  const once = {
    id: "slow",
    command: "sh",
    ready: { stdout: "up" },
    args: ["-c", "echo no file >&2; exit 3"],
  };
  const last = { id: "last", command: "sleep", args: ["600"], after: ["slow"] };
  await using up = new Running([
    "up",
    folder.manifest([web, once, last]),
    ...["--http", address, "--control", socket],
  ]);
  await up.line(/tree +degraded/);
  await Deno.writeTextFile(bad, "");
  await up.line(/web#1 +not ready/);
  const response = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  assertEquals(response.status, 503);
  assertMatch(text, /^web: its readiness probe has failed for .*: "sh" exited with code 7, .*no database$/m);
  assertMatch(text, /^slow: (restarting|starting|quarantined).*no file$/m);
  assertMatch(text, /^last: waiting for slow$/m);
  const { stdout } = await outrider(["status", socket, "--timeout", "1m"]);
  assertMatch(stdout, /^last +waiting for slow /m);
  assertMatch(stdout, /^web: its readiness probe has failed for .* no database$/m);
  const { children } = JSON.parse((await outrider(["ps", socket, "--json", "--timeout", "1m"])).stdout);
  assertMatch(children[0].notReady.why, /exited with code 7/);
  assertEquals(children[2].waitsFor, ["slow"]);
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

Deno.test("/readyz says in how many seconds a child is tried again when it has failed", async () => {
  const backoff = { initial: "100s", factor: 1, max: "100s", jitter: 0 } as const;
  const fails = actor("fails", () => ({
    receive: () => {
      throw new Error("broken");
    },
  }), { backoff });
  await using system = new System(supervisor("root", [fails]));
  await using service = new Service(system, { http: { hostname: "127.0.0.1", port: 0 } });
  await system.start();
  const restarts = system.events({ types: ["restarting"] });
  void system.ref(fails).tell(undefined);
  await restarts.next();
  const { hostname, port } = service.address!;
  const response = await fetch(`http://${hostname}:${port}/readyz`, { signal: AbortSignal.timeout(30_000) });
  assertMatch(await response.text(), /\nfails: restarting in (100|[1-9]\d(\.\d+)?) s: broken\n$/);
});
