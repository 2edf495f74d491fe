/**
 * From a text or a value to a {@link Manifest}, or to every fault of it at once, each with its line and column where there
 * is a text.
 */

import { dirname, resolve as absolute } from "../permissions/path.ts";
import type { Manifest } from "./fields/types.ts";
import type { ManifestIssue } from "./issue.ts";
import { type Fault, ManifestError } from "./manifest_errors.ts";
import { manifestFileError } from "./read.ts";
import { programsIn } from "./resolve/programs.ts";
import { checkValue, type LoadOptions, type ResolvedManifest } from "./resolve_value.ts";
import { dialectOf } from "./mcp_clients/dialects.ts";
import { Source } from "./source.ts";
import { familiarKeyHint } from "./validate/familiar_keys.ts";
import { patternFault } from "./validate/pattern_fault.ts";
import { OptionError } from "../options/option_error.ts";
import { shellQuote } from "../text/shell_quote.ts";
import { pathText } from "../text/words.ts";

/** Where a text or a value comes from. */
type Origin = LoadOptions & { readonly file: string };

/**
 * Reads the text of a JSON manifest. Pure; `file` is where the text stands, for messages and relative paths.
 *
 * @throws {ManifestError} `manifest_invalid` with every fault at once, or `manifest_empty`
 */
export function parse(text: string, where: LoadOptions & { readonly file: string }): Manifest {
  return resolveText(text, where).manifest;
}

/** {@linkcode parse}, with the parts of the manifest that are ignored. @throws {ManifestError} as there */
export function resolveText(text: string, where: Origin): ResolvedManifest {
  if (typeof text !== "string" || typeof where?.file !== "string") {
    throw new OptionError(
      'Cannot parse a manifest: expected its text, and { file: "…" }, where it stands; ' +
        "one that is an object is for the default export of a module",
    );
  }
  const source = new Source(text.replace(/^\ufeff/, ""));
  const { value, faults, empty } = source.read();
  if (empty) {
    throw manifestFileError(
      "manifest_empty",
      absolute(where.file),
      "there is nothing in it but space and comments",
    );
  }
  const own = faults.map((fault) => faultAt(fault, source.at(fault.offset)));
  const { resolved, issues } = value === undefined ? { issues: [] } : check(value, where);
  if (resolved !== undefined && own.length === 0) return resolved;
  const file = absolute(where.file);
  refuseMcpClient(value, file, source);
  const found = [...own, ...issues.map((issue) => positioned(issue, source))];
  found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  throw new ManifestError("manifest_invalid", {
    file,
    faults: found,
    programs: programsIn(value, dirname(file)),
  });
}

/**
 * Reads a manifest that is a value already, like the default export of a module. Pure. It may go round in circles, and is its
 * author's own code, so it is not searched for programs.
 *
 * @throws {ManifestError} `manifest_invalid` with every fault at once; they have paths, but no lines
 */
export function resolveValue(value: unknown, where: Origin): ResolvedManifest {
  const { resolved, issues } = check(value, where);
  if (resolved !== undefined) return resolved;
  const faults = issues.map((issue) => faultAt(issue, {}));
  throw new ManifestError("manifest_invalid", { file: absolute(where.file), faults });
}

/** Says what to do with the configuration of an MCP client, whose keys would all be faults. */
function refuseMcpClient(value: unknown, file: string, source: Source): void {
  const client = dialectOf(value, file);
  if (client === undefined || Object.hasOwn(value as object, "children")) return;
  const message = "this is the configuration of an MCP client";
  const name = shellQuote(file);
  const hint =
    `'outrider mcp ${name}' serves it, and 'outrider import ${name} -o outrider.json' makes a manifest of it`;
  const fault = { path: client.key, ...source.locate([client.key], "key"), message, hint };
  throw new ManifestError("manifest_invalid", { file, faults: [fault] });
}

function check(value: unknown, where: Origin): ReturnType<typeof checkValue> {
  return checkValue(value, where, { hintFor: familiarKeyHint, patternFault });
}

function positioned(issue: ManifestIssue, source: Source): Fault {
  const also = issue.also && source.locate(issue.also, "value").line;
  const message = also === undefined ? issue.message : `${issue.message} on line ${also}`;
  return faultAt({ ...issue, message }, source.locate(issue.path, issue.on ?? "value"));
}

function faultAt(
  { path, message, hint }: ManifestIssue,
  { line, column }: { readonly line?: number; readonly column?: number },
): Fault {
  return { path: pathText(path), line, column, message, hint };
}
