/**
 * One server of a client's file as a child of a manifest. Pure, but for the environment that its texts are resolved with.
 */

import { isPlainObject } from "../issue.ts";
import type { SidecarInput } from "../fields/types.ts";
import { programIn } from "../program_path.ts";
import { isSecretName } from "../../options/env_value.ts";
import { VARIABLE_NAME } from "../../options/fields/program.ts";
import { PRESETS } from "../../options/presets.ts";
import type { EnvInput } from "../../options/types.ts";
import { describeValue, nearestKey, quote } from "../../text/words.ts";
import type { McpClientFile } from "./client_file.ts";
import { type ClientField, type ClientPiece, ClientTexts, envInputOf, INPUT_VARIABLE } from "./pieces.ts";
import { shellCommand } from "./shell_command.ts";
import { noteUnread, notStartedReason } from "./unread.ts";
import type { McpClientServer, McpClientValues } from "./types.ts";

/** A server that is a program. */
export interface StartedServer extends McpClientServer {
  /** Its child, but for the id. */
  readonly child: Omit<SidecarInput, "id">;
}

/** Reads one server; `undefined` where it is not started, or has a fault. */
export class ServerReader {
  readonly #client: McpClientFile;
  readonly #texts: ClientTexts;
  readonly #isWritten: boolean;

  /** Reads servers of `client`. */
  constructor(client: McpClientFile, values: McpClientValues) {
    this.#client = client;
    this.#texts = new ClientTexts(client, values);
    this.#isWritten = values.isWritten ?? false;
  }

  /** The inputs that the servers that were read asked for. */
  get asked(): ReadonlySet<string> {
    return this.#texts.asked;
  }

  /** The server `name`, as it is written. */
  read(name: string, written: unknown): StartedServer | undefined {
    const path = [this.#client.key, name];
    const { findings } = this.#client;
    if (!isPlainObject(written)) {
      findings.fault(path, `expected an object, got ${describeValue(written)}`);
      return undefined;
    }
    const server = flattened(written);
    const why = notStartedReason(server);
    if (why !== undefined) {
      findings.note(path, `${name}: ${why}`);
      return undefined;
    }
    if (typeof server.command !== "string" || server.command === "") {
      findings.fault(path, 'needs "command", a program, or "url"', misspeltHint(server));
      return undefined;
    }
    const read = this.#program(name, server, path);
    const disabledTools = this.#list(server, ["disabledTools", "excludeTools"], path);
    noteUnread(server, { name, path, findings, isWritten: this.#isWritten, disabledTools });
    const timeout = this.#timeout(server, path) ?? this.#client.timeout;
    return { name, line: findings.line(path), child: read, disabledTools, timeout };
  }

  #program(
    name: string,
    server: Record<string, unknown>,
    path: readonly PropertyKey[],
  ): StartedServer["child"] {
    const one = (field: string) => this.#now(server[field], { name, field, path: [...path, field] });
    const [command = "", cwd, envFile] = ["command", "cwd", "envFile"].map(one);
    if (command === "") this.#client.findings.fault([...path, "command"], "nothing is left of it");
    const { env, inheritEnv } = this.#env(server.env, name, [...path, "env"]);
    const args = this.#list(server, ["args"], path).map((arg, index) => {
      const at = { name, field: `args[${index}]`, path: [...path, "args", index] };
      return this.#texts.pieces(arg, at);
    });
    const line = this.#line(programIn(command, cwd), args, { name, path, env });
    return {
      ...line,
      ...(cwd !== undefined && { cwd }),
      ...(envFile !== undefined && { envFile }),
      ...(inheritEnv && { inheritEnv }),
      protocol: "mcp",
    };
  }

  /** The command line, which a written manifest has without secrets: then a shell puts them in at the start. */
  #line(
    command: string,
    args: readonly (readonly ClientPiece[])[],
    { name, path, env }: { name: string; path: readonly PropertyKey[]; env: Record<string, EnvInput> },
  ): Pick<SidecarInput, "command" | "args" | "env"> {
    const { findings } = this.#client;
    const secrets = args.flat().filter(({ isSecret }) => isSecret);
    const at = [...path, "args"];
    const environment = (env: Record<string, EnvInput>) => Object.keys(env).length > 0 && { env };
    if (this.#isWritten) {
      for (const [index, pieces] of args.entries()) {
        if (!pieces.some(({ isVariable, isSecret }) => isVariable && !isSecret)) continue;
        const text = `${name}: args[${index}] is what it is now; a manifest replaces nothing in arguments`;
        findings.note([...at, index], text, { isTaken: true });
      }
    }
    if (this.#isWritten && secrets.length > 0) {
      const shell = shellCommand(command, args, env);
      const names = shell.names.join(", ");
      findings.note(at, `${name}: runs through sh, which puts ${names} into its arguments`, {
        isTaken: true,
      });
      return { command: "sh", args: shell.args, ...environment(shell.env) };
    }
    if (secrets.length > 0) {
      const text = `${name}: an argument has a secret in it, and any user of this machine can see arguments`;
      findings.note(at, text, { isTaken: true });
    }
    const texts = args.map(textOf);
    return { command, ...(texts.length > 0 && { args: texts }), ...environment(env) };
  }

  #env(
    written: unknown,
    name: string,
    path: readonly PropertyKey[],
  ): { env: Record<string, EnvInput>; inheritEnv?: readonly string[] } {
    const { findings } = this.#client;
    const env: Record<string, EnvInput> = {};
    if (written === undefined || written === null) return { env };
    if (!isPlainObject(written)) {
      findings.fault(path, `expected an object, got ${describeValue(written)}`);
      return { env };
    }
    const unset: string[] = [];
    for (const [variable, value] of Object.entries(written)) {
      const isSecret = isSecretName(variable);
      const at = { name, field: `env.${variable}`, path: [...path, variable], isSecret };
      if (!VARIABLE_NAME.test(variable) || variable === "__proto__") {
        findings.fault(at.path, `${quote(variable)} cannot be a variable's name`);
      } else if (value === null) unset.push(variable);
      else if (typeof value === "string" || typeof value === "number") {
        env[variable] = this.#variable(variable, this.#texts.pieces(String(value), at), at);
      } else findings.fault(at.path, `expected a text, got ${describeValue(value)}`);
    }
    const inherited = PRESETS.operator.sidecar.inheritEnv as readonly string[];
    const isLess = inherited.some((variable) => unset.includes(variable));
    return { env, ...(isLess && { inheritEnv: inherited.filter((variable) => !unset.includes(variable)) }) };
  }

  #variable(
    variable: string,
    pieces: readonly ClientPiece[],
    { name, field, path, isSecret: isNamed = false }: ClientField,
  ): EnvInput {
    const { findings } = this.#client;
    const isSecret = isNamed || pieces.some((piece) => piece.isSecret);
    // Programs are looked up by it, so a manifest has it as a text.
    if (variable === "PATH") return this.#fixed(pieces, { name, field, path });
    if (!this.#isWritten) return envInputOf(pieces, { isSecret });
    for (const { from } of pieces) {
      if (!from?.from.startsWith(INPUT_VARIABLE)) continue;
      findings.note(path, `${name}: ${field} comes from ${from.from} at each start`, { isTaken: true });
    }
    const varies = pieces.some(({ from }) => from !== undefined);
    if (isNamed && !varies) {
      const text =
        `${name}: ${field} is in clear, as it is in the file; { "from": "${variable}" } keeps it out`;
      findings.note(path, text, { isTaken: true });
    }
    return envInputOf(pieces, { isSecret: isSecret && varies });
  }

  /** A text that a manifest has as it is now; `undefined` where there is none. */
  #now(written: unknown, at: ClientField): string | undefined {
    const { findings } = this.#client;
    if (written === undefined || written === null || written === "") return undefined;
    if (typeof written !== "string") {
      findings.fault(at.path, `expected a text, got ${describeValue(written)}`);
      return undefined;
    }
    return this.#fixed(this.#texts.pieces(written, at), at) || undefined;
  }

  /** The text of now, for where a manifest replaces nothing. */
  #fixed(pieces: readonly ClientPiece[], at: ClientField): string {
    const { findings } = this.#client;
    if (this.#isWritten && pieces.some(({ isSecret }) => isSecret)) {
      findings.fault(at.path, `the server ${quote(at.name)} has a secret in ${at.field}`, 'use it in "env"');
    } else if (this.#isWritten && pieces.some(({ isVariable }) => isVariable)) {
      findings.note(at.path, `${at.name}: ${at.field} is what it is now`, { isTaken: true });
    }
    return textOf(pieces);
  }

  /** Texts of the first of `fields` that is there; a number counts as one. */
  #list(
    server: Record<string, unknown>,
    fields: readonly string[],
    path: readonly PropertyKey[],
  ): string[] {
    const field = fields.find((field) => server[field] !== undefined && server[field] !== null);
    if (field === undefined) return [];
    const value = server[field];
    if (Array.isArray(value) && value.every((item) => ["string", "number"].includes(typeof item))) {
      return value.map(String);
    }
    this.#client.findings.fault([...path, field], `expected an array of texts, got ${describeValue(value)}`);
    return [];
  }

  /** Zed has seconds, Claude Code milliseconds of which it ignores fewer than 1,000, which are seconds elsewhere. */
  #timeout({ timeout }: Record<string, unknown>, path: readonly PropertyKey[]): number | undefined {
    if (timeout === undefined || timeout === null) return undefined;
    if (typeof timeout === "number" && timeout > 0 && Number.isFinite(timeout)) {
      return Math.round(this.#client.dialect === "zed" || timeout < 1_000 ? timeout * 1_000 : timeout);
    }
    this.#client.findings.fault([...path, "timeout"], `expected a number, got ${describeValue(timeout)}`);
    return undefined;
  }
}

/** Zed once had `"command": { "path", "args", "env" }`. */
function flattened(server: Record<string, unknown>): Record<string, unknown> {
  if (!isPlainObject(server.command)) return server;
  const { path, ...rest } = server.command;
  return { ...server, command: path, ...rest };
}

/** Names a key that was meant to be one of those that a server needs. */
function misspeltHint(server: Record<string, unknown>): string | undefined {
  for (const key of Object.keys(server)) {
    const meant = nearestKey(key, ["command", "url"]);
    if (meant !== undefined && server[meant] === undefined) {
      return `${quote(key)}: did you mean ${quote(meant)}?`;
    }
  }
}

function textOf(pieces: readonly ClientPiece[]): string {
  return pieces.map(({ text }) => text).join("");
}
