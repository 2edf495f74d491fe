/** Short ways to make a manifest and to see what is wrong with one. */
import { assertInstanceOf, assertThrows } from "@std/assert";
import type { Entry, Manifest, PoolEntry, SidecarEntry, SupervisorEntry } from "@outrider/outrider/manifest";
import { type Fault, ManifestError } from "../../src/manifest/manifest_errors.ts";
import { parse, resolveValue } from "../../src/manifest/parse.ts";
import type { ManifestPermission } from "../../src/manifest/grants/permissions.ts";
import type { PermissionPurpose } from "../../src/manifest/grants/reasons.ts";

export const FILE = "/srv/outrider.json";

/** A value as a manifest. */
export function resolveManifest(value: unknown, where: Parameters<typeof resolveValue>[1]): Manifest {
  return resolveValue(value, where).manifest;
}

/** The error of a text that is not a manifest. */
export function errorOf(text: string): ManifestError {
  return assertThrows(() => parse(text, { file: FILE }), ManifestError);
}

/** Its faults, each as `line:column path: message; hint`. */
export function faultsOf(text: string): string[] {
  return errorOf(text).faults.map(spell);
}

/** The faults of one sidecar with these fields, without their places. */
export function sidecarFaults(fields: Record<string, unknown>): string[] {
  const error = errorOf(treeOf({ id: "a", command: "cat", ...fields }));
  return error.faults.map((fault) => spell({ ...fault, line: undefined }));
}

/** One sidecar with these fields, parsed. */
export function sidecar(fields: Record<string, unknown> = {}): SidecarEntry {
  return asSidecar(parse(treeOf({ id: "a", command: "cat", ...fields }), { file: FILE }).children[0]);
}

/** A manifest with these children, as text. */
export function treeOf(...children: unknown[]): string {
  return JSON.stringify({ name: "tree", children }, undefined, 1);
}

/** What a permission says of sidecars that all need it for the same. */
export function neededBy(
  purpose: PermissionPurpose,
  ...children: string[]
): Pick<ManifestPermission, "children" | "why"> {
  return { children, why: children.map((child) => ({ child, purpose })) };
}

export function asSidecar(entry: Entry | undefined): SidecarEntry {
  if (entry === undefined || !("command" in entry)) throw new Error("Cannot take this for a sidecar");
  return entry;
}

export function asSupervisor(entry: Entry | undefined): SupervisorEntry {
  if (entry === undefined || !("children" in entry)) throw new Error("Cannot take this for a supervisor");
  return entry;
}

export function asPool(entry: Entry | undefined): PoolEntry {
  if (entry === undefined || !("sidecar" in entry)) throw new Error("Cannot take this for a pool");
  return entry;
}

/** The error that a promise is rejected with, if it is about a manifest. */
export async function rejection(promise: Promise<unknown>): Promise<ManifestError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assertInstanceOf(error, ManifestError);
  return error;
}

function spell({ line, column, path, message, hint }: Fault): string {
  const place = line === undefined ? "" : `${line}:${column} `;
  return `${place}${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`;
}
