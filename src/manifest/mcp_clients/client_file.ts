/**
 * Reads the text of a client's file: which client's it is, its servers and the inputs it defines. Pure.
 */

import { isPlainObject } from "../issue.ts";
import { Source } from "../source.ts";
import { describeValue, quote } from "../../text/words.ts";
import { dialectOf, DIALECTS, MCP_CLIENT_TEXT, workspaceOf } from "./dialects.ts";
import { mcpClientError, McpClientFindings } from "./findings.ts";
import type { McpClientDialect } from "./types.ts";

/** A file, read and not yet resolved. */
export interface McpClientFile {
  readonly dialect: McpClientDialect;
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  /** The root key of the servers. */
  readonly key: string;
  /** By name, as they are written. */
  readonly servers: Readonly<Record<string, unknown>>;
  /** The inputs that it defines, by id. */
  readonly inputs: ReadonlyMap<string, ClientInput>;
  /** What holds for the tool calls of all servers, in ms. */
  readonly timeout?: number | undefined;
  readonly findings: McpClientFindings;
}

/** Something that the client asks its user for. */
export interface ClientInput {
  readonly id: string;
  readonly description?: string | undefined;
  readonly isSecret: boolean;
  readonly default?: string | undefined;
  /** The values that it may have. */
  readonly options?: readonly string[] | undefined;
}

/**
 * Reads a file; `undefined` if it is not the file of an MCP client. `file` is absolute.
 *
 * @throws {ManifestError} it is not JSON with comments
 */
export function readMcpClientFile(text: string, file: string): McpClientFile | undefined {
  if (!MCP_CLIENT_TEXT.test(text)) return undefined;
  const source = new Source(text.replace(/^\ufeff/, ""));
  const { value, faults } = source.read();
  if (faults.length > 0) {
    const placed = faults.map(({ path: _, offset, message, hint }) => ({
      path: "",
      ...source.at(offset),
      message,
      hint,
    }));
    throw mcpClientError(file, placed);
  }
  const known = dialectOf(value, file);
  if (known === undefined) return undefined;
  const { dialect, key } = known;
  const findings = new McpClientFindings(file, source);
  const { hasInputs, isShared } = DIALECTS[dialect];
  const { [key]: servers, inputs, context_server_timeout: timeout } = value as Record<string, unknown>;
  const read = [key, "$schema", ...(hasInputs ? ["inputs"] : []), ...(dialect === "zed" ? [TIMEOUT] : [])];
  noteOthers(Object.keys(value as object).filter((name) => !read.includes(name)), findings, isShared);
  return {
    dialect,
    file,
    folder: workspaceOf(file),
    key,
    servers: servers as Record<string, unknown>,
    inputs: hasInputs ? inputsIn(inputs, findings) : new Map(),
    timeout: dialect === "zed" && typeof timeout === "number" ? timeout * 1_000 : undefined,
    findings,
  };
}

/** Zed's time limit for the tools of all servers, in seconds. */
const TIMEOUT = "context_server_timeout";

/** Names the other keys of the file: each, or, of a file that is for much else, all of them together. */
function noteOthers(keys: readonly string[], findings: McpClientFindings, isShared: boolean): void {
  const why = "not about MCP servers that are programs";
  if (!isShared) {
    for (const key of keys) findings.note([key], `${quote(key)}: ${why}`);
  } else if (keys.length > 0) findings.note([keys[0]!], `${keys.map(quote).join(", ")}: ${why}`);
}

function inputsIn(written: unknown, findings: McpClientFindings): Map<string, ClientInput> {
  const inputs = new Map<string, ClientInput>();
  if (written === undefined) return inputs;
  if (!Array.isArray(written)) {
    findings.fault(["inputs"], `expected an array, got ${describeValue(written)}`);
    return inputs;
  }
  for (const [index, one] of written.entries()) {
    const at = ["inputs", index];
    if (!isPlainObject(one) || typeof one.id !== "string" || one.id === "") {
      findings.fault(at, 'expected an object with "id", such as { "type": "promptString", "id": "token" }');
      continue;
    }
    const { id, type, description, password, default: otherwise, options, ...others } = one;
    if (inputs.has(id)) findings.fault([...at, "id"], `the input ${quote(id)} is there twice`);
    if (type === "command") {
      findings.note([...at, "type"], `input ${quote(id)}: VS Code runs a command for it, so give its value`);
    }
    for (const key of Object.keys(others)) findings.note([...at, key], `input ${quote(id)}: ${quote(key)}`);
    inputs.set(id, {
      id,
      description: typeof description === "string" ? description : undefined,
      isSecret: password === true,
      default: plainText(otherwise),
      options: Array.isArray(options) ? options.flatMap((option) => optionText(option) ?? []) : undefined,
    });
  }
  return inputs;
}

/** VS Code takes `"a"` and `{ "label": "A", "value": "a" }`. */
function optionText(option: unknown): string | undefined {
  return plainText(isPlainObject(option) ? option.value : option);
}

function plainText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
