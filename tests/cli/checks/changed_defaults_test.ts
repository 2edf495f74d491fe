/** What `check` says of defaults that have changed since a manifest was written. */
import { assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../outrider.ts";
import { Session } from "../session.ts";

const { outrider } = new Session();

const cat = (id: string, more: Record<string, unknown> = {}) => ({ id, command: "cat", ...more });

/** The lines about changes: each key, and the supervisors that it concerns. */
async function changesOf(
  children: readonly unknown[],
  more: Record<string, unknown> = {},
): Promise<string[]> {
  await using folder = new Folder();
  const { code, stdout, stderr } = await outrider(["check", folder.manifest(children, more)]);
  assertEquals(code, 0, stderr);
  return stdout.split("\n").filter((line) => line.startsWith("    "))
    .map((line) => line.trim().replace(/^(\S+:)?.* → .*\((.*)\)$/, "$1 $2").trim());
}

Deno.test("check names each changed default that a manifest of version 1 does not set", async () => {
  const team = { id: "team", strategy: "rest_for_one", children: [cat("a"), cat("b", { after: ["a"] })] };
  const pool = { id: "crew", size: 2, onLimit: "escalate", sidecar: { command: "cat", protocol: "lines" } };
  assertEquals(await changesOf([cat("web"), team, pool]), [
    "intensity.per: tree, team, crew",
    "onLimit: tree, team",
    "onStartFailure: tree, team",
    "team",
    "team",
  ]);
  const { onLimit: _, ...usual } = pool;
  assertEquals((await changesOf([usual])).filter((line) => line.startsWith("onLimit")), [
    "onLimit: tree",
    "onLimit: crew",
  ]);
});

Deno.test("check names no change that a manifest sets itself, and none when its version is 2 or it names its defaults", async () => {
  const set = { intensity: { per: "child" }, onLimit: "escalate", onStartFailure: "rollback" };
  assertEquals(await changesOf([cat("web")], set), []);
  assertEquals(await changesOf([cat("web")], { version: 1, ...set, onLimit: undefined }), [
    "onLimit: tree",
  ]);
  for (const more of [{ version: 2 }, { defaults: "operator" }, { defaults: "otp" }]) {
    assertEquals(await changesOf([cat("web")], more), []);
  }
});

Deno.test("check says what a changed default was, and what it is", async () => {
  await using folder = new Folder();
  const { stdout } = await outrider(["check", folder.manifest([cat("web")])]);
  assertMatch(
    stdout,
    /defaults that it does not set have changed since version 1; with "version": 2 they are taken as known/,
  );
  assertMatch(
    stdout,
    /onLimit: with more restarts it gives up, and ends → the child is held back for 30s, 2 times as long/,
  );
});

Deno.test("check names no changed default of a Tauri configuration, which sets none", async () => {
  await using folder = new Folder();
  folder.write(`sidecar-${Deno.build.target}`, "#!/bin/sh\n");
  await Deno.chmod(`${folder.path}/sidecar-${Deno.build.target}`, 0o755);
  const config = { productName: "app", identifier: "a.b.c", bundle: { externalBin: ["sidecar"] } };
  const { stdout, stderr } = await outrider(["check", folder.write("tauri.conf.json", config)]);
  assertMatch(stdout, /no fault found/, stderr);
  assertEquals(stdout.includes("have changed since"), false);
});
