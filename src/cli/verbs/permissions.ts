/**
 * `outrider permissions FILE`
 */

import { basename } from "node:path";
import { stateFolder } from "../../containment/folder.ts";
import { isModule } from "../../manifest/load.ts";
import { withoutTemplates } from "../../manifest/resolve/children.ts";
import { MCP_CLIENT_FILE_NAMES } from "../../manifest/mcp_clients/dialects.ts";
import { isTauri } from "../../manifest/tauri/file_name.ts";
import {
  type ManifestPermission,
  permissionFlags,
  permissionSet,
} from "../../manifest/grants/permissions.ts";
import { isShellWord, shellQuote } from "../../text/shell_quote.ts";
import { isPrintable, visibleJson } from "../../text/printable.ts";
import { EXIT, parseOneOf, print, printErrorsEscaped, readFileArgs, UsageError, type Verb } from "../verb.ts";
import type { LoadedClientFile } from "../checks/client_file.ts";
import { optionalPermissions } from "../checks/containment.ts";
import { explainedLines } from "../checks/permissions.ts";
import { ignoredBriefly, prepare } from "../checks/prepare.ts";
import { ignoredStartLines } from "../checks/start_cost.ts";

/** How many templates are named. */
const MAX_NAMED = 5;

/** The output formats of {@linkcode permissionsVerb}. */
const FORMATS = ["flags", "shell", "lines", "deno.json"] as const;

/** Prints the smallest permissions. */
export const permissionsVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    control: { type: "string" },
    contain: { type: "boolean" },
    explain: { type: "boolean" },
    templates: { type: "boolean", default: false },
    format: { type: "string", default: "flags" },
    name: { type: "string" },
    input: { type: "list" },
    "inputs-file": { type: "string" },
  });
  const format = parseOneOf("--format", values.format, FORMATS);
  if (values.explain && format !== "flags") {
    throw new UsageError(`Cannot use --explain with --format ${format}: it prints lines to read`);
  }
  if (values.name !== undefined && format !== "deno.json") {
    throw new UsageError("Cannot use --name without --format deno.json: flags have no name");
  }
  if (values.name === "") throw new UsageError("Cannot use --name: it is empty");
  const client = await clientFileOf(file, values);
  const { manifest: whole, all, ignored } = await prepare(file, {
    ...values,
    own: client?.own ?? [],
    loaded: client?.loaded,
  });
  const leaves = !values.templates && whole.children.length > 0;
  const manifest = leaves ? withoutTemplates(whole) : whole;
  if (isTauri(file) && ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(ignored));
  if (isModule(file)) {
    const name = basename(file);
    await printErrorsEscaped(
      `Not listed: what ${name} imports; each local file needs --allow-read too, and 'deno info ${name}' names them`,
    );
  }
  if (leaves && whole.templates !== undefined) await printErrorsEscaped(...templateLines(whole.templates));
  if (values.contain) await printErrorsEscaped(...unrecordedLines(), ...ignoredStartLines(manifest, all));
  const permissions = [...all, ...(values.contain ? optionalPermissions(manifest, all) : [])];
  if (values.explain) print(...explainedLines(manifest, permissions));
  // A tab in a path has to stay one.
  else if (format !== "deno.json") console.log(written(permissions, format));
  else {
    const set = permissionSet(values.name ?? manifest.name, permissions);
    print(...visibleJson(JSON.stringify(set, null, 2)).split("\n"));
  }
  return EXIT.OK;
};

/** The file of an MCP client, which only one of these names is taken for: most files are manifests. */
async function clientFileOf(
  file: string,
  values: { readonly input: readonly string[]; readonly "inputs-file"?: string | undefined },
): Promise<LoadedClientFile | undefined> {
  if (!MCP_CLIENT_FILE_NAMES.includes(basename(file))) return undefined;
  const { loadClientFile } = await import("../checks/client_file.ts");
  const { readInputs } = await import("../inputs.ts");
  return await loadClientFile(file, await readInputs({ "inputs-file": undefined, ...values }));
}

/** That the programs of templates are not among the flags. */
function templateLines(templates: readonly { readonly id: string }[]): string[] {
  if (templates.length === 0) return [];
  const ids = templates.slice(0, MAX_NAMED).map(({ id }) => id).join(", ");
  const more = templates.length > MAX_NAMED ? ` and ${templates.length - MAX_NAMED} more` : "";
  return [
    `Not listed: what the templates need, which 'outrider up' does not start (${ids}${more}); ` +
    "a program of yours that does needs the flags that --templates adds",
  ];
}

/** That the folder of the record is not among the flags. */
function unrecordedLines(): string[] {
  return stateFolder() !== undefined || Deno.build.os === "windows" ? [] : [
    "Left out: the folder for the record of what runs, as none is known; set HOME or XDG_STATE_HOME to an absolute " +
    "path here and where it runs, or a killed run leaves no trace, and a second one is not refused",
  ];
}

/** @throws {UsageError} `flags` of which a shell would make others */
function written(permissions: readonly ManifestPermission[], format: "flags" | "shell" | "lines"): string {
  const all = permissionFlags(permissions);
  if (format === "shell") return all.map(shellQuote).join(" ");
  const broken = all.find((flag) =>
    format === "flags" ? !isShellWord(flag) : !isPrintable(flag.replaceAll("\t", ""))
  );
  if (broken === undefined) return all.join(format === "flags" ? " " : "\n");
  const [what, ways] = format === "flags"
    ? ["on one line: in $(…), a shell would split it into other words", "shell for eval, lines"]
    : ["a line each: it has a line break in it, or what a terminal obeys or hides", "shell for eval"];
  throw new UsageError(
    `Cannot print '${broken}' ${what}; take --format ${ways}, or deno.json for deno run -P`,
  );
}
