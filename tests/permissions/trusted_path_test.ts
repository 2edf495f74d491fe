import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  exchangeReason,
  ownUid,
  type PathEntry,
  type PathLook,
  pathTrust,
} from "../../src/permissions/trusted_path.ts";

const ME = 1000;
const STRANGER = 1001;

type Listed = { uid?: number; mode?: number; link?: string; file?: true; hidden?: true };

/** A file system of what is listed; `/` is root's. */
function system(listed: Record<string, Listed>): PathLook {
  const all: Record<string, Listed> = { "/": {}, ...listed };
  return {
    entry: (path) => {
      const found = all[path];
      if (found === undefined) return "missing";
      if (found.hidden) return "hidden";
      const { uid = 0, mode = found.link === undefined ? 0o755 : 0o777, link, file } = found;
      return {
        isSymlink: link !== undefined,
        isDirectory: link === undefined && !file,
        mode,
        uid,
        gid: uid,
      } satisfies PathEntry;
    },
    target: (path) => all[path]?.link,
  };
}

const HOME = { "/home": {}, "/home/me": { uid: ME, mode: 0o700 }, "/home/me/x": { uid: ME, mode: 0o700 } };
const trust = (path: string, listed: Record<string, Listed>, self: number | undefined = ME) =>
  pathTrust(path, { self, look: system(listed) });

Deno.test("path is safe when this user or root owns every part, and no part lets others write", () => {
  assertEquals(trust("/home/me/x", HOME), { unseen: [] });
  assertEquals(trust("/home/me/../me//./x", HOME), { unseen: [] });
  assertEquals(trust("/", {}), { unseen: [] });
});

Deno.test("path is unsafe when a folder anywhere on the way lets others write", () => {
  for (const mode of [0o777, 0o775, 0o757, 0o2775, 0o720]) {
    for (const path of ["/", "/home", "/home/me", "/home/me/x"]) {
      const found = trust("/home/me/x", { ...HOME, [path]: { uid: path.includes("me") ? ME : 0, mode } });
      assertEquals(found.unsafe?.path, path);
      assertEquals(found.unsafe?.reason, "writable");
      assertStringIncludes(found.unsafe!.why, `0${mode.toString(8)}`);
    }
  }
});

Deno.test("path is safe when the folder that others may write to is sticky, and the entry belongs to this user", () => {
  const tmp = { "/tmp": { mode: 0o1777 } };
  assertEquals(trust("/tmp/x", { ...tmp, "/tmp/x": { uid: ME } }), { unseen: [] });
  assertEquals(trust("/tmp/x", { ...tmp, "/tmp/x": { uid: STRANGER } }).unsafe?.reason, "owner");
  assertEquals(trust("/tmp/x", { "/tmp": { uid: STRANGER, mode: 0o1777 }, "/tmp/x": { uid: ME } }).unsafe, {
    path: "/tmp",
    reason: "owner",
    why: `/tmp belongs to user ${STRANGER}`,
  });
});

Deno.test("path is unsafe when a file lets others write, sticky or not", () => {
  const file = (mode: number) =>
    trust("/home/me/x", { ...HOME, "/home/me/x": { uid: ME, mode, file: true } });
  assertEquals(file(0o600), { unseen: [] });
  assertEquals(file(0o666).unsafe?.reason, "writable");
  assertEquals(file(0o1666).unsafe?.reason, "writable");
});

Deno.test("path is unsafe when another user owns a part of it, for root as for any user", () => {
  assertEquals(trust("/home/me/x", HOME, STRANGER).unsafe?.path, "/home/me");
  assertEquals(trust("/home/me/x", HOME, 0).unsafe?.path, "/home/me");
  assertEquals(trust("/home/me/x", { ...HOME, "/home": { uid: STRANGER } }).unsafe?.path, "/home");
});

Deno.test("path is safe with one owner besides root when this user is not known", () => {
  assertEquals(trust("/home/me/x", HOME, undefined), { unseen: [] });
  assertEquals(
    trust("/home/me/x", { ...HOME, "/home/me/x": { uid: STRANGER } }, undefined).unsafe?.reason,
    "owner",
  );
});

Deno.test("path is unsafe when a link on the way is another user's, or leads through an unsafe folder", () => {
  const linked = (link: Listed, more: Record<string, Listed> = {}) =>
    trust("/home/me/x/file", { ...HOME, "/home/me/x": link, ...more });
  const there = { "/srv": {}, "/srv/a": { uid: ME }, "/srv/a/file": { uid: ME } };
  assertEquals(linked({ uid: ME, link: "/srv/a" }, there), { unseen: [] });
  assertEquals(linked({ uid: ME, link: "../../srv/./a/" }, there), { unseen: [] });
  assertEquals(linked({ uid: STRANGER, link: "/srv/a" }, there).unsafe?.path, "/home/me/x");
  assertEquals(
    linked({ uid: ME, link: "/srv/a" }, { ...there, "/srv": { mode: 0o777 } }).unsafe?.path,
    "/srv",
  );
  assertEquals(
    linked({ uid: ME, link: "/srv/b" }, {
      ...there,
      "/srv/b": { uid: ME, link: "open/../a" },
      "/srv/open": { mode: 0o777 },
    }).unsafe?.path,
    "/srv/open",
  );
});

Deno.test("path is unsafe when its links are a circle", () => {
  const found = trust("/a/b", { "/a": { link: "/c" }, "/c": { link: "/a" } });
  assertEquals(found.unsafe?.reason, "links");
});

Deno.test("pathTrust reports the missing part and the parts that may not be read", () => {
  assertEquals(trust("/home/me/y/z", HOME), { missing: "/home/me/y", unseen: [] });
  assertEquals(trust("/dev/null/y", { "/dev": {}, "/dev/null": { mode: 0o666, file: true } }), {
    missing: "/dev/null/y",
    unseen: [],
  });
  assertEquals(trust("/home/me/x", { ...HOME, "/": { hidden: true }, "/home": { hidden: true } }), {
    unseen: ["/", "/home"],
  });
  assertEquals(
    trust("/home/me/x", { ...HOME, "/home": { hidden: true }, "/home/me": { mode: 0o777 } }).unsafe?.path,
    "/home/me",
  );
});

Deno.test({
  name: "pathTrust reads real folders and links when no look is given",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const base = Deno.realPathSync(Deno.makeTempDirSync());
    try {
      const self = ownUid(base);
      assertEquals(self, Deno.uid());
      Deno.mkdirSync(join(base, "own"));
      Deno.writeTextFileSync(join(base, "own", "file"), "", { mode: 0o600 });
      Deno.symlinkSync("own", join(base, "link"));
      assertEquals(pathTrust(join(base, "link", "file"), { self }), { unseen: [] });
      assertEquals(
        pathTrust(join(base, "own", "file", "below"), { self }).missing,
        join(base, "own", "file", "below"),
      );
      Deno.chmodSync(join(base, "own"), 0o777);
      assertEquals(pathTrust(join(base, "link", "file"), { self }).unsafe?.path, join(base, "own"));
      assertEquals([...Deno.readDirSync(base)].map(({ name }) => name).sort(), ["link", "own"]);
    } finally {
      Deno.removeSync(base, { recursive: true });
    }
  },
});

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

Deno.test("exchangeReason names the part of the path that others may write to", () => {
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

Deno.test("exchangeReason ignores a group when it is its user's own", () => {
  const file = fileWith("group", { folder: 0o770, file: 0o660 });
  const { uid, gid } = Deno.statSync(file);
  assertEquals(exchangeReason(file) === undefined, uid === gid);
});

Deno.test("exchangeReason skips the parts that may not be read", {
  permissions: { read: false, sys: false },
}, () => {
  assertEquals(exchangeReason(`${folder}/open/file`), undefined);
});
