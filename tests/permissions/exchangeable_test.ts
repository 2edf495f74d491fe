import { assertEquals, assertStringIncludes } from "@std/assert";
import { exchangeReason } from "../../src/permissions/exchangeable.ts";

const folder = Deno.realPathSync(await Deno.makeTempDir());
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** A file in folders of its own, with these modes. */
function fileWith(name: string, modes: { readonly folder: number; readonly file: number }): string {
  const inside = `${folder}/${name}`;
  Deno.mkdirSync(inside);
  Deno.writeTextFileSync(`${inside}/file`, "");
  Deno.chmodSync(`${inside}/file`, modes.file);
  Deno.chmodSync(inside, modes.folder);
  return `${inside}/file`;
}

Deno.test("exchangeable says which part of the path others may write to", () => {
  assertEquals(exchangeReason(fileWith("own", { folder: 0o700, file: 0o600 })), undefined);
  assertEquals(exchangeReason(fileWith("readable", { folder: 0o755, file: 0o644 })), undefined);
  assertEquals(exchangeReason(fileWith("sticky", { folder: 0o1777, file: 0o600 })), undefined);
  const open = fileWith("open", { folder: 0o777, file: 0o600 });
  assertStringIncludes(exchangeReason(open) ?? "", `others may write to ${folder}/open (mode 0777)`);
  const writable = fileWith("writable", { folder: 0o755, file: 0o606 });
  assertStringIncludes(exchangeReason(writable) ?? "", `others may write to ${writable}`);
  Deno.symlinkSync(open, `${folder}/link`);
  assertStringIncludes(exchangeReason(`${folder}/link`) ?? "", `others may write to ${folder}/open`);
  assertEquals(exchangeReason(`${folder}/none`), undefined);
});

Deno.test("exchangeable takes a group that is its user's own for no other user", () => {
  const file = fileWith("group", { folder: 0o770, file: 0o660 });
  const { uid, gid } = Deno.statSync(file);
  assertEquals(exchangeReason(file) === undefined, uid === gid);
});

Deno.test("exchangeable passes over what it may not look at", {
  permissions: { read: false, sys: false },
}, () => {
  assertEquals(exchangeReason(`${folder}/open/file`), undefined);
});
