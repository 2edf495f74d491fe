/** A manifest in another folder: each path in it leads where it led before. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { ManifestInput } from "../../../src/manifest/fields/types.ts";
import { rebaseManifest } from "../../../src/manifest/import/rebase.ts";

const program = {
  command: "bin/web",
  args: ["./as-it-is"],
  envFile: ["web.env", { path: "/etc/web.env" }],
  env: { KEY: { file: "key" }, PORT: { from: "PORT" } },
  log: { file: "logs/web.log", keep: 2 },
  stop: { command: ["./drain", "./as-it-is"], term: "2s" },
  probes: { readiness: { command: ["pg_isready"] }, liveness: { command: ["./alive"] } },
};

Deno.test("rebaseManifest keeps every path where it led when the manifest is in another folder", () => {
  const manifest: ManifestInput = {
    name: "app",
    envFile: ".env",
    log: { dir: "logs" },
    children: [
      { id: "group", env: { TOKEN: { file: "token" } }, children: [{ id: "web", cwd: "/srv", ...program }] },
      { id: "pool", size: 2, sidecar: { ...program, cwd: "sub" } },
      { id: "cat", command: "cat" },
    ],
  };
  const there = {
    command: "../app/bin/web",
    args: ["./as-it-is"],
    envFile: ["../app/web.env", { path: "/etc/web.env" }],
    env: { KEY: { file: "../app/key" }, PORT: { from: "PORT" } },
    log: { file: "../app/logs/web.log", keep: 2 },
    stop: { command: ["../app/drain", "./as-it-is"], term: "2s" },
    probes: { readiness: { command: ["pg_isready"] }, liveness: { command: ["../app/alive"] } },
  };
  assertEquals(rebaseManifest(manifest, "/srv/app", "/srv/manifests"), {
    name: "app",
    envFile: "../app/.env",
    log: { dir: "../app/logs" },
    children: [
      {
        id: "group",
        env: { TOKEN: { file: "../app/token" } },
        children: [{ id: "web", ...there, cwd: "/srv" }],
      },
      { id: "pool", size: 2, sidecar: { ...there, cwd: "../app/sub" } },
      { id: "cat", command: "cat", cwd: "../app" },
    ],
  });
  assertStrictEquals(rebaseManifest(manifest, "/srv/app", "/srv/app"), manifest);
});
