/**
 * Replaces what a text of a client's file refers to: by its value now, or by the variable that has it at each start. Pure,
 * but for the environment that it is given.
 */

import { basename, sep } from "../../permissions/path.ts";
import { isSecretName, type RuntimeVariable } from "../../options/env_value.ts";
import type { EnvInput } from "../../options/types.ts";
import { quote, quoteChoices } from "../../text/words.ts";
import type { ClientInput, McpClientFile } from "./client_file.ts";
import { DIALECTS } from "./dialects.ts";
import { type ClientPlace, type ClientReference, referencesIn } from "./references.ts";
import type { McpClientValues } from "./types.ts";

/** A part of a text, with its value. */
export interface ClientPiece {
  readonly text: string;
  /** The variable of the runtime that it comes from, where a manifest can name it. */
  readonly from?: RuntimeVariable | undefined;
  /** Whether the text depends on the environment, or on what was given for an input. */
  readonly isVariable: boolean;
  readonly isSecret: boolean;
}

/** Where a text stands. */
export interface ClientField {
  /** The server. */
  readonly name: string;
  /** What of the server, such as `env.TOKEN`. */
  readonly field: string;
  readonly path: readonly PropertyKey[];
}

/** What the variables begin with that give inputs their values. */
export const INPUT_VARIABLE = "OUTRIDER_INPUT_";

/** The variable that gives the input `id` a value: `OUTRIDER_INPUT_API_KEY` for `api-key`. */
export function inputVariable(id: string): string {
  return `${INPUT_VARIABLE}${id.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase()}`;
}

/** Makes pieces of the texts of one file. */
export class ClientTexts {
  readonly #client: McpClientFile;
  readonly #values: McpClientValues;

  /** `values` has what is not in the file. */
  constructor(client: McpClientFile, values: McpClientValues) {
    this.#client = client;
    this.#values = values;
  }

  /** The pieces of a text. What has no value is a fault, and is empty. */
  pieces(text: string, at: ClientField): ClientPiece[] {
    return referencesIn(text, this.#client.dialect).map((part) => {
      const piece = typeof part === "string" ? plain(part) : this.#pieceOf(part, at);
      if (typeof piece !== "string") return piece;
      const [message, hint] = piece.split("\n");
      this.#client.findings.fault(at.path, `the server ${quote(at.name)} needs ${message}`, hint);
      return plain("");
    });
  }

  /** A piece, or the fault: what is needed, and behind a newline the way out. */
  #pieceOf(reference: ClientReference, { path, name, field }: ClientField): ClientPiece | string {
    const { written } = reference;
    switch (reference.kind) {
      case "literal": {
        const { title } = DIALECTS[this.#client.dialect];
        const text = `${name}: ${written} in ${field} stays as it is, as ${title} does not replace it`;
        this.#client.findings.note(path, text, { isTaken: true });
        return plain(written);
      }
      case "foreign":
        return `${written} in ${field}, which only VS Code knows\nwrite its value`;
      case "place":
        return this.#place(reference.place, field);
      case "variable":
        return this.#variable(reference, field);
      case "input":
        return this.#input(reference.id, field);
    }
  }

  #place(place: ClientPlace, field: string): ClientPiece | string {
    const { folder } = this.#client;
    switch (place) {
      case "workspaceFolder":
      case "cwd":
        return plain(folder);
      case "workspaceFolderBasename":
        return plain(basename(folder));
      case "pathSeparator":
      case "/":
        return plain(sep);
      case "userHome": {
        const home = this.#values.env("HOME") ?? this.#values.env("USERPROFILE");
        return home === undefined ? `\${userHome} in ${field}, and HOME is not set\nset HOME` : plain(home);
      }
    }
  }

  #variable(
    { name, written, default: otherwise }: ClientReference & { readonly kind: "variable" },
    field: string,
  ): ClientPiece | string {
    // Claude Code sets this one for its servers.
    const fallback = name === "CLAUDE_PROJECT_DIR" ? this.#client.folder : otherwise;
    const text = this.#values.env(name) ?? fallback;
    if (text === undefined) {
      const more = DIALECTS[this.#client.dialect].hasBareNames
        ? `, or write \${${name}:-…} for a default`
        : "";
      return `${written} in ${field}, and ${name} is not set\nset it${more}`;
    }
    const from = fallback === undefined ? { from: name } : { from: name, default: fallback };
    return {
      text,
      isVariable: true,
      isSecret: isSecretName(name),
      ...(/^[A-Za-z_]\w*$/.test(name) && { from }),
    };
  }

  #input(id: string, field: string): ClientPiece | string {
    const { inputs = {}, env, isWritten = false } = this.#values;
    const known = this.#client.inputs.get(id);
    const variable = inputVariable(id);
    const given = Object.hasOwn(inputs, id) ? inputs[id] : undefined;
    const set = given ?? env(variable);
    const text = set ?? known?.default;
    const isSecret = known?.isSecret ?? isSecretName(variable);
    if (text === undefined) return missingInput(id, known, { field, variable, isSecret });
    if (known?.options !== undefined && !known.options.includes(text)) {
      return `another value of the input ${quote(id)} in ${field}\nit is one of ${
        quoteChoices(known.options)
      }`;
    }
    const refers = isWritten && isSecret || given === undefined && set !== undefined;
    const otherwise = known?.default === undefined ? {} : { default: known.default };
    return { text, isVariable: true, isSecret, ...(refers && { from: { from: variable, ...otherwise } }) };
  }
}

function missingInput(
  id: string,
  known: ClientInput | undefined,
  { field, variable, isSecret }: { field: string; variable: string; isSecret: boolean },
): string {
  const what = known?.description === undefined ? "" : ` (${known.description.replaceAll("\n", " ")})`;
  // What stands on a command line, any user of the machine can read.
  const way = isSecret
    ? `give it in ${variable}, or in a file with --inputs-file`
    : `give it with --input ${id}=VALUE, or in ${variable}`;
  return `the input ${quote(id)}${what} for ${field}, and it has no value\n${way}`;
}

function plain(text: string): ClientPiece {
  return { text, isVariable: false, isSecret: false };
}

/** The value of a variable as a manifest has it: a text where nothing varies, else what it is made of. */
export function envInputOf(pieces: readonly ClientPiece[], { isSecret }: { isSecret: boolean }): EnvInput {
  const parts: (string | RuntimeVariable)[] = [];
  for (const { text, from } of pieces) {
    const last = parts.at(-1);
    if (from !== undefined) parts.push(from);
    else if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  const secret = isSecret ? { secret: true } : {};
  const [only = "", ...more] = parts;
  if (more.length > 0) return { join: parts, ...secret };
  if (typeof only !== "string") return { ...only, ...secret };
  return isSecret && only !== "" ? { join: [only], secret: true } : only;
}
