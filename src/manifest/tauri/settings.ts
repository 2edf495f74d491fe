/**
 * The settings of a Tauri configuration that have no counterpart here, each with the reason. Pure.
 */

import type { IgnoredPart } from "../resolve/platform.ts";
import { isPlainObject } from "../issue.ts";
import type { ReadFile } from "./project.ts";
import { setting } from "./unread.ts";

/** Settings that are read, by Tauri's major version, or that matter only to an editor. */
const READ: Readonly<Record<1 | 2, readonly string[]>> = {
  1: [
    ...["$schema", "package.productName", "tauri.bundle.externalBin"],
    ...["scope", "execute", "sidecar", "all"].map((key) => `tauri.allowlist.shell.${key}`),
  ],
  2: ["$schema", "productName", "bundle.externalBin", "app.security.capabilities"],
};

/** Where one looks into an object instead of naming it whole. */
const OPENED: readonly string[] = [
  ...["app", "app.security", "build", "bundle", "package", "plugins"],
  ...["tauri", "tauri.bundle", "tauri.allowlist", "tauri.allowlist.shell", "tauri.security"],
];

const WHY: readonly (readonly [prefix: string, why: string])[] = [
  ["build", "a step of Tauri's build"],
  ["bundle.resources", "packaging is Tauri's; a program among them is not a sidecar"],
  ["bundle", "packaging is Tauri's"],
  ["tauri.bundle.resources", "packaging is Tauri's; a program among them is not a sidecar"],
  ["tauri.bundle", "packaging is Tauri's"],
  ["tauri.updater", "updates are Tauri's"],
  ["plugins.shell", "a plugin of Tauri, which has its scopes in capabilities alone"],
  ["plugins", "a plugin of Tauri"],
  ["tauri.allowlist.shell.open", "Outrider opens nothing for windows"],
  ["tauri.allowlist", "a permission of the app's windows"],
  ["app", "Outrider has no windows"],
  ["tauri", "Outrider has no windows"],
  ["package", "about the app, not its sidecars"],
  ["identifier", "about the app, not its sidecars"],
  ["version", "about the app, not its sidecars"],
  ["mainBinaryName", "about the app, not its sidecars"],
];

/**
 * Those of a file of an app of that major version; `front` stands before each, and says the file. Only `isNaming` files
 * say the name of the app.
 */
export function settingsWithout(
  { value }: ReadFile,
  { version, front, isNaming }: {
    readonly version: 1 | 2;
    readonly front: string;
    readonly isNaming: boolean;
  },
): IgnoredPart[] {
  const isRead = (path: string) =>
    READ[version].includes(path) && (isNaming || !path.endsWith("productName"));
  return pathsIn(value, "").filter(({ known }) => !isRead(known)).map(({ path, known }) =>
    setting(
      `${front}${path}`,
      READ[version].includes(camelCase(known)) ? unreadWhy(known) : whyOf(known, version),
    )
  );
}

/** Why a key that is read elsewhere is not read here. */
function unreadWhy(known: string): string {
  const name = camelCase(known);
  return name === known
    ? "the name is the same on all platforms"
    : `the same as ${name}, which counts; Tauri refuses both in one configuration`;
}

function whyOf(known: string, version: 1 | 2): string {
  if (version === 1 && READ[2].includes(known)) return OF_SECOND;
  const found = WHY.find(([prefix]) => known === prefix || known.startsWith(`${prefix}.`));
  return found?.[1] ?? "Outrider has no such setting";
}

const OF_SECOND = `of Tauri 2, and this is a configuration of Tauri 1: it has "tauri"`;

/** A setting by its path: as it is written, and in camel case, which it is known by. */
interface SettingPath {
  readonly path: string;
  readonly known: string;
}

function pathsIn(value: unknown, at: string, above = at): SettingPath[] {
  if (!isPlainObject(value)) return at === "" ? [] : [{ path: at, known: above }];
  return Object.entries(value).flatMap(([key, inner]) => {
    const [path, known] = [joined(at, key), joined(above, keyIn(value, key))];
    return OPENED.includes(known) && isPlainObject(inner) ? pathsIn(inner, path, known) : [{ path, known }];
  });
}

function joined(front: string, key: string): string {
  return front === "" ? key : `${front}.${key}`;
}

/** A key in camel case, unless the object has that, too: of the two spellings of a key one is read. */
function keyIn(object: object, key: string): string {
  return Object.hasOwn(object, camelCase(key)) ? key : camelCase(key);
}

/** A key as Tauri writes it; it takes `product-name` for `productName`. */
function camelCase(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A configuration with the keys that are read in camel case, of which Tauri takes both spellings. It refuses a
 * configuration that has both, also where one of them is laid over the other; here the last counts, and in one file that in
 * camel case.
 */
export function inCamelCase(value: unknown, at = ""): unknown {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = keyIn(value, key);
      const path = joined(at, name);
      const isRead = [...READ[1], ...READ[2], ...OPENED].includes(path);
      return isRead ? [name, OPENED.includes(path) ? inCamelCase(inner, path) : inner] : [key, inner];
    }),
  );
}
