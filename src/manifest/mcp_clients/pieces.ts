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

/** What has no value. */
interface MissingValue {
  /** What is needed, and where. */
  readonly needs: string;
  /** The way out. */
  readonly hint: string;
}

/** Where a text stands. */
export interface ClientField {
  /** The server. */
  readonly name: string;
  /** What of the server, such as `env.TOKEN`. */
  readonly field: string;
  readonly path: readonly PropertyKey[];
  /** Whether what varies in it is a secret, whatever it is called. */
  readonly isSecret?: boolean | undefined;
}

/** What the variables begin with that give inputs their values. */
export const INPUT_VARIABLE = "OUTRIDER_INPUT_";

/** The variable that gives the input `id` a value: `OUTRIDER_INPUT_API_KEY` for `api-key`. */
function inputVariable(id: string): string {
  return `${INPUT_VARIABLE}${id.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase()}`;
}

/** Makes pieces of the texts of one file. */
export class ClientTexts {
  /** The inputs that were asked for. */
  readonly asked: Set<string> = new Set();
  readonly #client: McpClientFile;
  readonly #values: McpClientValues;

  /** `values` has what is not in the file. */
  constructor(client: McpClientFile, values: McpClientValues) {
    this.#client = client;
    this.#values = values;
  }

  /** The pieces of a text. What has no value is a fault, and something all the same. */
  pieces(text: string, at: ClientField): ClientPiece[] {
    return referencesIn(text, this.#client.dialect).map((part) => {
      const piece = typeof part === "string" ? plain(part) : this.#pieceOf(part, at);
      if (!("needs" in piece)) return piece;
      this.#client.findings.fault(at.path, `the server ${quote(at.name)} needs ${piece.needs}`, piece.hint);
      return plain("?");
    });
  }

  #pieceOf(reference: ClientReference, at: ClientField): ClientPiece | MissingValue {
    const { written } = reference;
    const { path, name, field } = at;
    switch (reference.kind) {
      case "literal": {
        const { title } = DIALECTS[this.#client.dialect];
        const text = `${name}: ${written} in ${field} stays as it is, as ${title} does not replace it`;
        this.#client.findings.note(path, text, { isTaken: true });
        return plain(written);
      }
      case "foreign":
        return { needs: `${written} in ${field}, which only VS Code knows`, hint: "write its value" };
      case "place":
        return this.#place(reference.place, field);
      case "variable":
        return this.#variable(reference, at);
      case "input":
        return this.#input(reference.id, at);
    }
  }

  #place(place: ClientPlace, field: string): ClientPiece | MissingValue {
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
        return home === undefined
          ? { needs: `\${userHome} in ${field}, and HOME is not set`, hint: "set it" }
          : plain(home);
      }
    }
  }

  #variable(
    { name, written, default: otherwise }: ClientReference & { readonly kind: "variable" },
    { field, isSecret: isSecretField = false }: ClientField,
  ): ClientPiece | MissingValue {
    // Claude Code sets this one for its servers.
    const fallback = name === "CLAUDE_PROJECT_DIR" ? this.#client.folder : otherwise;
    const text = this.#values.env(name) ?? fallback;
    if (text === undefined) {
      const more = DIALECTS[this.#client.dialect].hasBareNames
        ? `, or write \${${name}:-…} for a default`
        : "";
      return { needs: `${written} in ${field}, and ${name} is not set`, hint: `set it${more}` };
    }
    const isSecret = isSecretField || isSecretName(name);
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return isSecret && this.#values.isWritten === true
        ? {
          needs: `${written} in ${field}, a secret with a name that a manifest cannot refer to`,
          hint: "have it in another variable",
        }
        : { text, isVariable: true, isSecret };
    }
    const from = fallback === undefined ? { from: name } : { from: name, default: fallback };
    return { text, isVariable: true, isSecret, from };
  }

  #input(id: string, { field, isSecret: isSecretField = false }: ClientField): ClientPiece | MissingValue {
    this.asked.add(id);
    const { inputs = {}, env, isWritten = false } = this.#values;
    const known = this.#client.inputs.get(id);
    const variable = inputVariable(id);
    const given = Object.hasOwn(inputs, id) ? inputs[id] : undefined;
    const set = given ?? env(variable);
    const text = set ?? known?.default;
    const isSecret = isSecretField || (known?.isSecret ?? isSecretName(variable));
    if (text === undefined) return missingInput(id, known, { field, variable, isSecret });
    if (known?.options !== undefined && !known.options.includes(text)) {
      const hint = `it is one of ${quoteChoices(known.options)}`;
      return { needs: `another value of the input ${quote(id)} in ${field}`, hint };
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
): MissingValue {
  const what = known?.description === undefined ? "" : ` (${known.description})`;
  // What stands on a command line, any user of the machine can read.
  const hint = isSecret
    ? `give it in ${variable}, or in a file with --inputs-file`
    : `give it with --input ${id}=VALUE, or in ${variable}`;
  return { needs: `the input ${quote(id)}${what} for ${field}, and it has no value`, hint };
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
