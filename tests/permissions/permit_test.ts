import { assertEquals } from "@std/assert";
import {
  flagFor,
  missingPermissions,
  type RequiredPermission,
  resolveProgram,
} from "../../src/permissions/permit.ts";

const needs: RequiredPermission[] = [
  { name: "run", value: "ls" },
  { name: "run", value: "tr" },
  { name: "run", value: "" },
  { name: "env", value: "PATH" },
  { name: "env", value: "HOME" },
  { name: "read", value: "/tmp" },
  { name: "write", value: "/tmp" },
  { name: "net", value: "localhost:80" },
  { name: "sys", value: "hostname" },
  { name: "run", value: "tr" },
];

Deno.test({
  name: "missingPermissions returns each missing permission once, in order",
  permissions: { run: ["ls"], env: ["PATH"], read: ["/tmp"] },
  fn() {
    assertEquals(missingPermissions(needs).map(flagFor), [
      "--allow-run=tr",
      "--allow-run",
      "--allow-env=HOME",
      "--allow-write=/tmp",
      "--allow-net=localhost:80",
      "--allow-sys=hostname",
    ]);
  },
});

Deno.test({
  name: "missingPermissions returns none when all is allowed",
  permissions: { run: true, env: true, read: true, write: true },
  fn: () => {
    const granted = needs.filter(({ name }) => name !== "net" && name !== "sys"); // which the tests do not have
    assertEquals(granted.length > 0, true);
    assertEquals(missingPermissions(granted), []);
  },
});

Deno.test("resolveProgram leaves a name for PATH, and makes a path absolute", () => {
  assertEquals(resolveProgram("tr"), "tr");
  assertEquals(resolveProgram("/bin/../bin/tr"), "/bin/../bin/tr");
  assertEquals(resolveProgram("./x", "/a/b"), "/a/b/x");
  assertEquals(resolveProgram("../x", "./sub"), `${Deno.cwd()}/sub/../x`);
  assertEquals(resolveProgram("bin/x"), `${Deno.cwd()}/bin/x`);
});

Deno.test({
  name: "resolveProgram returns the running deno when that may be run",
  permissions: { run: [Deno.execPath()] },
  fn: () => assertEquals(resolveProgram("deno"), Deno.execPath()),
});

Deno.test({
  name: "resolveProgram returns deno for PATH when the running one may not be run",
  permissions: { run: ["ls"] },
  fn: () => assertEquals(resolveProgram("deno"), "deno"),
});
