/**
 * Rules that join several places of a manifest. They read the value as it is written, so that they speak up even
 * when other parts of it are wrong.
 */

import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import { presetIn } from "../fields/manifest.ts";
import { logIssues } from "./logs.ts";
import { type Lists, placedIn } from "./placed.ts";
import { siblingIssues } from "./siblings.ts";
import { protocolNameIn } from "../../options/fields/protocol.ts";
import type { PresetName } from "../../options/types.ts";
import { identityFault, isTextual, ptyFault, waitsForStderr } from "../../options/launcher.ts";
import { NO_COPY, STDIN_NEEDED } from "../../options/fields/sidecar.ts";
import { replyIssues, requestIssues, routingIssues } from "./requests.ts";
import { MAX_DEPTH } from "../plain_json.ts";
import { pathText, quote } from "../../text/words.ts";

/** How many supervisors may stand above one another, the root included. */
export const MAX_LEVELS = 32;

/** How many children a manifest may have, at all levels together. */
export const MAX_CHILDREN = 10_000;

/** Why a value is not looked at any further: it nests too deep, as a circular one does, or it has too many children. */
export function tooLarge(value: unknown): ManifestIssue | undefined {
  const open: { value: unknown; path: readonly PropertyKey[] }[] = [{ value, path: [] }];
  let children = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (!isObjectOrArray(value)) continue;
    if (path.length >= MAX_DEPTH) {
      return { path: path.slice(0, 8), message: `nests deeper than ${MAX_DEPTH} levels` };
    }
    if (Array.isArray(value) && path.at(-1) === "children") children += value.length;
    if (children > MAX_CHILDREN) {
      return {
        path,
        message: `more than ${MAX_CHILDREN.toLocaleString("en")} children in the whole manifest`,
      };
    }
    for (const [key, inner] of Object.entries(value)) {
      open.push({ value: inner, path: [...path, Array.isArray(value) ? Number(key) : key] });
    }
  }
}

/** Everything that breaks a rule. The value must not be {@linkcode tooLarge}. */
export function ruleIssues(value: unknown): ManifestIssue[] {
  return [
    ...below(value, { path: [], level: 1, defaults: presetIn(value) }),
    ...templates(value),
    ...logIssues(value),
  ];
}

/** A manifest without children has templates; their ids differ, and the rules of sidecars hold for them. */
function templates(manifest: unknown): ManifestIssue[] {
  if (!isObjectOrArray(manifest)) return [];
  const all: readonly unknown[] = Array.isArray(manifest.templates) ? manifest.templates : [];
  const ids = new Map<unknown, readonly PropertyKey[]>();
  const childless = Array.isArray(manifest.children) && manifest.children.length === 0 && all.length === 0;
  return [
    ...(childless ? [{ path: ["children"], message: "needs at least one child" }] : []),
    ...all.flatMap((template, index) => {
      if (!isObjectOrArray(template)) return [];
      const at = ["templates", index];
      return [...duplicate(template.id, [...at, "id"], ids), ...sidecar(template, at)];
    }),
  ];
}

interface Level {
  readonly path: readonly PropertyKey[];
  readonly level: number;
  /** The preset of the manifest. */
  readonly defaults: PresetName;
  /** The lists that its own is in. */
  readonly above?: Lists;
}

function below(supervisor: unknown, { path, level, defaults, above = [] }: Level): ManifestIssue[] {
  if (!isObjectOrArray(supervisor) || !Array.isArray(supervisor.children)) return [];
  const children: readonly unknown[] = supervisor.children;
  if (level > MAX_LEVELS) return [{ path, message: `supervisors nest deeper than ${MAX_LEVELS} levels` }];
  const lists = [...above, placedIn(children, path)];
  const ids = new Map<unknown, readonly PropertyKey[]>();
  return [
    ...environment(supervisor, path),
    ...siblingIssues(supervisor, lists, defaults),
    ...children.flatMap((child, index) => {
      if (!isObjectOrArray(child)) return [];
      const at = [...path, "children", index];
      return [
        ...duplicate(child.id, [...at, "id"], ids),
        ...(isObjectOrArray(child.sidecar) ? pool(child, child.sidecar, at) : sidecar(child, at)),
        ...below(child, { path: at, level: level + 1, defaults, above: lists }),
      ];
    }),
  ];
}

function duplicate(
  id: unknown,
  path: readonly PropertyKey[],
  ids: Map<unknown, readonly PropertyKey[]>,
): ManifestIssue[] {
  if (typeof id !== "string") return [];
  const first = ids.get(id);
  if (first !== undefined) {
    return [{ path, message: `duplicate id ${quote(id)}; the first is ${pathText(first)}`, also: first }];
  }
  ids.set(id, path);
  return [];
}

function pool(
  { routing }: Record<string, unknown>,
  copy: Record<string, unknown>,
  path: readonly PropertyKey[],
): ManifestIssue[] {
  return [
    ...(isObjectOrArray(routing) ? routingIssues(routing, copy.protocol, [...path, "routing"]) : []),
    ...sidecar(copy, [...path, "sidecar"], true),
  ];
}

/** What is wrong with the `env` of a sidecar, of a supervisor or of a platform's overrides, together. */
function environment(fields: unknown, path: readonly PropertyKey[], isCopy = false): ManifestIssue[] {
  const env = isObjectOrArray(fields) ? fields.env : undefined;
  if (!isObjectOrArray(env)) return [];
  const at = [...path, "env"];
  const numbered = isCopy ? [] : Object.keys(env).filter((name) => {
    const value = env[name];
    return isObjectOrArray(value) && Object.hasOwn(value, "copy");
  });
  return [
    ...numbered.map((name) => ({ path: [...at, name, "copy"], on: "key" as const, message: NO_COPY })),
    // A variable of that name would be the prototype of whatever object it is copied into.
    ...(Object.hasOwn(env, "__proto__")
      ? [{ path: [...at, "__proto__"], on: "key" as const, message: "cannot be a variable's name" }]
      : []),
    ...(isObjectOrArray(env.PATH)
      ? [{ path: [...at, "PATH"], message: "must be a text: programs are looked up by it" }]
      : []),
  ];
}

function sidecar(
  fields: Record<string, unknown>,
  path: readonly PropertyKey[],
  isCopy = false,
): ManifestIssue[] {
  const { on, protocol, ready, probes } = fields;
  const issues: ManifestIssue[] = replyIssues(fields, path);
  const places = [
    [fields, path] as const,
    ...Object.entries(isObjectOrArray(on) ? on : {}).map(([name, there]) =>
      [there, [...path, "on", name]] as const
    ),
  ];
  for (const [there, at] of places) issues.push(...environment(there, at, isCopy));
  const name = protocolNameIn(protocol);
  const pty = ptyFault({
    pty: fields.pty,
    launcher: fields.launcher,
    isText: isTextual(name, protocol),
    waitsForStderr: waitsForStderr(fields),
  });
  if (pty !== undefined) issues.push({ path: [...path, "pty"], message: pty });
  const misfit = identityFault({ ...fields, isWindows: false });
  if (misfit !== undefined) issues.push({ path, message: misfit });
  if (protocol !== undefined && fields.stdin === "null") {
    issues.push({ path: [...path, "stdin"], message: STDIN_NEEDED });
  }
  const greeting = handshakeIn(protocol, name);
  if (isObjectOrArray(ready) && "reply" in ready && greeting !== undefined) {
    const message = `${greeting} tells when it is ready; leave it out`;
    issues.push({ path: [...path, "ready", "reply"], on: "key", message });
  } else if (isObjectOrArray(ready) && "reply" in ready) {
    issues.push(...requestIssues(ready.reply, [...path, "ready", "reply"], protocol));
  }
  if (!isObjectOrArray(probes)) return issues;
  for (const [kind, probe] of Object.entries(probes)) {
    if (!isObjectOrArray(probe) || probe.ping === undefined) continue;
    issues.push(...requestIssues(probe.ping, [...path, "probes", kind, "ping"], protocol));
  }
  return issues;
}

/** The handshake of a protocol, as it is written, in words; `undefined`: it has none. */
function handshakeIn(protocol: unknown, name: string | undefined): string | undefined {
  if (name === "lsp" || name === "mcp") return `the handshake of ${name}`;
  const greets = name === "jsonrpc" && isObjectOrArray(protocol) && "hello" in protocol;
  return greets ? `the handshake in "hello"` : undefined;
}
