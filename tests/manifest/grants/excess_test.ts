/** What is held and not needed, by a fake holder. */
import { assert, assertEquals } from "@std/assert";
import { excessPermissions, type HeldPermission, isEverything } from "../../../src/manifest/grants/excess.ts";
import type { ManifestPermission } from "../../../src/manifest/grants/permissions.ts";

const need = (name: ManifestPermission["name"], value?: string): ManifestPermission => ({
  name,
  value,
  children: [],
  why: [],
});
const NEEDS = [
  need("run", "/opt/bin/deno"),
  need("run", "cat"),
  need("env", "HOME"),
  need("read", "/srv/app/outrider.json"),
  need("net", "127.0.0.1:8080"),
];

/** Who was given these flags, and answers as Deno does: a folder grants what is in it, a host each of its ports. */
function holder(...flags: string[]) {
  const held = flags.map((flag) => flag.split("=") as [string, string?]);
  return {
    cwd: "/srv/app",
    holds: ({ name, value }: HeldPermission) =>
      held.some(([other, values]) =>
        other === name &&
        (values === undefined ||
          value !== undefined &&
            values.split(",").some((one) =>
              one === value || value.startsWith(one.endsWith("/") ? one : `${one}/`)
            ))
      ),
  };
}

const found = (...flags: string[]) =>
  excessPermissions(NEEDS, holder(...flags)).map(({ name, value }) =>
    value === undefined ? name : `${name}=${value}`
  );

Deno.test("excessPermissions finds nothing in exact permissions, and nothing in none", () => {
  const exact = ["run=/opt/bin/deno,cat", "env=HOME", "read=/srv/app/outrider.json", "net=127.0.0.1:8080"];
  assertEquals(found(...exact), []);
  assertEquals(found(), []);
});

Deno.test("all of a permission is seen, in place of its values", () => {
  for (const name of ["run", "env", "read", "write", "net", "sys", "ffi", "import"]) {
    assertEquals(found(name), [name]);
  }
});

Deno.test("all of them is everything, and one less is not", () => {
  const names = ["run", "env", "read", "write", "net", "sys", "ffi", "import"];
  assert(isEverything(excessPermissions(NEEDS, holder(...names))));
  assert(!isEverything(excessPermissions(NEEDS, holder(...names.slice(1)))));
});

Deno.test("all of a permission is not too much where the manifest needs all of it", () => {
  assertEquals(excessPermissions([...NEEDS, need("run")], holder("run")), []);
});

Deno.test("a program that can run any other is seen, and one of the name of a needed one is not", () => {
  assertEquals(found("run=cat,sh,python3,git,deno"), ["run=sh"]);
  assertEquals(excessPermissions([need("run", "cat")], holder("run=deno")), [{ name: "run", value: "deno" }]);
});

Deno.test("excessPermissions finds the outermost folder around needed files, not those below", () => {
  assertEquals(found("read=/srv/app"), ["read=/srv/app"]);
  assertEquals(found("read=/srv"), ["read=/srv"]);
  assertEquals(found("read=/"), ["read=/"]);
  assertEquals(found("read=/srv/app/data"), []);
  const folder = [need("read", "/srv/app")];
  assertEquals(excessPermissions(folder, holder("read=/srv/app")), []);
});

Deno.test("excessPermissions flags write permission for files that are only read", () => {
  assertEquals(found("write=/srv/app/outrider.json"), ["write=/srv/app/outrider.json"]);
  assertEquals(found("write=/srv/app"), ["write=/srv/app"]);
  assertEquals(found("write=/tmp"), ["write=/tmp"]);
});

Deno.test("variables, kinds of sys, hosts and folders of libraries that are known are seen", () => {
  assertEquals(found("env=HOME,AWS_SECRET_ACCESS_KEY,PATH,MY_OWN"), [
    "env=PATH",
    "env=AWS_SECRET_ACCESS_KEY",
  ]);
  assertEquals(found("sys=uid,hostname"), ["sys=hostname", "sys=uid"]);
  assertEquals(found("net=127.0.0.1,example.com"), ["net=127.0.0.1"]);
  assertEquals(found("ffi=/srv"), ["ffi=/srv"]);
});
