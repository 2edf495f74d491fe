/**
 * The formats that `outrider import` reads, and how the format of a file is told: by its name, else by its text.
 */

import { basename } from "node:path";
import { MCP_CLIENT_FILE_NAMES, MCP_CLIENT_TEXT } from "../mcp_clients/dialects.ts";
import { isTauri } from "../tauri/file_name.ts";
import { manifestFileError } from "../read.ts";
import type { ImportFile, ImportFormat } from "./format.ts";

/** The word for a format. */
export type ImportFormatName = "procfile" | "process-compose" | "supervisord" | "mcp" | "pm2" | "tauri";

/**
 * Apps, or, behind the first line that starts with a bracket, the script of one. No part of it goes from each line to the end
 * of the text, which would take hours for some texts.
 */
const PM2_TEXT =
  /(?:^|[\r\n])[^\S\r\n]*(?:[[{][^\S\r\n]*)*["']?apps["']?\s*:|^(?:(?![^\S\r\n]*[[{])[^\r\n]*[\r\n])*[^\S\r\n]*[[{][\s\S]*?\b["']?script["']?\s*:/;

/** All of them, by the word of `--from`; of several that match, the first. */
export const IMPORT_FORMATS: Readonly<Record<ImportFormatName, ImportFormat>> = {
  procfile: {
    title: "a Procfile",
    isNamed: (name) => /^Procfile(?:\.[\w-]+)?$|\.Procfile$/.test(name),
    load: async () => (await import("./procfile.ts")).importProcfile,
  },
  "process-compose": {
    title: "a file of process-compose",
    isNamed: (name) => /^process-compose[\w.-]*\.ya?ml$/.test(name),
    text: /^["']?processes["']?\s*:/m,
    load: async () => (await import("./process_compose/process_compose.ts")).importProcessCompose,
  },
  supervisord: {
    title: "a configuration of supervisord",
    isNamed: (name) => /^supervisord?[\w.-]*\.(?:conf|ini)$/.test(name),
    text: /^\[(?:program:.+|supervisord)\]\s*(?:[;#].*)?$/m,
    load: async () => (await import("./supervisord/supervisord.ts")).importSupervisord,
  },
  mcp: {
    title: "the configuration of an MCP client",
    isNamed: (name) => MCP_CLIENT_FILE_NAMES.includes(name),
    text: MCP_CLIENT_TEXT,
    takesInputs: true,
    load: async () => (await import("./mcp_client.ts")).importMcpClient,
  },
  pm2: {
    title: "a configuration of pm2",
    isNamed: (name) => /^(?:ecosystem|pm2|process)(?:\.[\w-]+)*\.(?:json5?|ya?ml)$/.test(name),
    text: PM2_TEXT,
    load: async () => (await import("./pm2/pm2.ts")).importPm2,
  },
  tauri: {
    title: "a configuration of Tauri",
    isNamed: isTauri,
    text: /^[^\S\r\n]*"?(?:tauri|bundle|identifier|productName)"?\s*[:=\]]/m,
    takesMerges: true,
    load: async () => (await import("./tauri.ts")).importTauri,
  },
};

/** All words for formats. */
export const IMPORT_FORMAT_NAMES = Object.keys(IMPORT_FORMATS) as readonly ImportFormatName[];

/** A file that can't be imported, by its name, with the way out. */
interface RefusedFile {
  readonly names: RegExp;
  readonly message: string;
  readonly hint: string;
}

const SCRIPT: RefusedFile = {
  names: /\.[cm]?[jt]s$/,
  message: "it is a program, which import does not run",
  hint:
    "print its value: node -p 'JSON.stringify(require(\"./ecosystem.config.js\"))' > ecosystem.config.json",
};
const MANIFEST: RefusedFile = {
  names: /^outrider\.jsonc?$/,
  message: "it is a manifest already",
  hint: "'outrider check' checks it",
};
/** process-compose reads a file of that name as well. */
const COMPOSE: RefusedFile = {
  names: /^(?:docker-)?compose[\w.-]*\.ya?ml$/,
  message: "Compose runs containers, and Outrider programs",
  hint: "which field is which: docs/coming-from-process-managers.md#compose",
};

/**
 * Tells the format of a file.
 *
 * @throws {ManifestError} neither its name nor its text says which it is
 */
export async function importFormatOf(file: ImportFile): Promise<ImportFormatName> {
  const name = basename(file.path);
  const named = IMPORT_FORMAT_NAMES.find((format) => IMPORT_FORMATS[format].isNamed(name));
  if (named !== undefined) return named;
  const refuse = ({ names, message, hint }: RefusedFile) => {
    if (names.test(name)) throw manifestFileError("manifest_invalid", file.path, message, { hint });
  };
  [SCRIPT, MANIFEST].forEach(refuse);
  const text = await file.text();
  const like = IMPORT_FORMAT_NAMES.find((format) => IMPORT_FORMATS[format].text?.test(text));
  if (like !== undefined) return like;
  refuse(COMPOSE);
  throw manifestFileError("manifest_invalid", file.path, "neither its name nor its text says what it is", {
    hint: `say it with --from FORMAT, which is one of ${IMPORT_FORMAT_NAMES.join(", ")}`,
  });
}
