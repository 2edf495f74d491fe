/**
 * Checks the programs of a manifest on this machine, without starting any: of a manifest's file (`outrider
 * check`) and of an executable (`NAME check`).
 *
 * Much of it may be unreadable, above all for an executable, which has only the permissions of its run. Unreadable
 * parts are named.
 */

import { type ProgramEntry, programsOf } from "../../../manifest/resolve/children.ts";
import { findProgram, isNoSuchPlace, searchPath } from "../../../permissions/find_program.ts";
import { whyReadByShell, whyUnrunnable } from "../../../process/start/failed/unrunnable.ts";
import { isPath, missingPermissions } from "../../../permissions/permit.ts";
import { readByShellWarning } from "../../../process/start/start_warnings.ts";
import { PS } from "../../../process/ps.ts";
import { SWEEP_TERM_MS } from "../../../containment/guarantees.ts";
import { defaultMs } from "../../../options/presets.ts";
import { commandLineHint, launcherOf, launcherProgram, packageOf } from "../../../options/launcher.ts";
import { formatDuration } from "../../../text/words.ts";
import { dirname } from "../../../permissions/path.ts";
import type { CopyEntry, Manifest } from "../../../manifest/fields/types.ts";
import { probeCommands, stopCommands } from "../../../manifest/grants/permissions.ts";
import { shellQuote } from "../../../text/shell_quote.ts";
import { heldOutputHint } from "./held_output.ts";
import { interpreterHint } from "./interpreters.ts";
import { confinementIssues } from "./confinement.ts";
import { environmentIssues } from "./environment.ts";
import { type CheckIssue, fault, unknown, warning } from "./issue.ts";
import { referenceIssues } from "./references.ts";
import { hasTriple, siblingsLine } from "../startable.ts";

/** The default of `stop.term`, in ms: one who writes more means it. */
const LONG_TERM_MS: number = defaultMs("speakingStop", "term");

/** Where the permissions are those of an executable: fixed. */
export interface FixedPermissions {
  /** The folder that its programs are unpacked to; embedded programs are checked elsewhere. */
  readonly unpacked: string | undefined;
}

/** Everything, in the order of the manifest. */
export function checkIssues(manifest: Manifest, fixed?: FixedPermissions): CheckIssue[] {
  const embedded = (command: string) => fixed?.unpacked !== undefined && dirname(command) === fixed.unpacked;
  return programsOf(manifest).flatMap(({ path, entry }): CheckIssue[] => [
    ...[
      ...new Set([entry.command, ...helperPrograms(entry), ...probeCommands(entry), ...stopCommands(entry)]),
    ]
      .filter((command) => !embedded(command))
      .flatMap((command) => {
        const launched = command === entry.command && launcherOf(entry) !== undefined;
        const found = programIssues(path, { ...entry, command }, { fixed, launched });
        return mayBeAbsent(command, entry, manifest) ? found.map(asUnavailable) : found;
      }),
    ...folder(path, entry),
    ...stopIssues(path, entry),
    ...confinementIssues(path, entry, searchPath(entry.env)),
    ...environmentIssues(path, entry),
    ...referenceIssues({ path, entry }),
    ...hints(path, entry),
  ]);
}

/**
 * Whether a tree starts without it: a program that only a template names. One with a path has to be there where nothing
 * else is to be checked, and where it is a Tauri app's own.
 */
function mayBeAbsent(command: string, entry: object, { children, templates = [] }: Manifest): boolean {
  if (!templates.some((template) => template === entry)) return false;
  return !isPath(command) || children.length > 0 && !hasTriple(command);
}

function asUnavailable(issue: CheckIssue): CheckIssue {
  if (issue.kind !== "fault") return issue;
  return { ...issue, kind: "warning", text: `${issue.text}; this template is unavailable` };
}

function hints(path: string, entry: ProgramEntry): CheckIssue[] {
  return [heldOutputHint(entry, Deno.build.os), interpreterHint(entry)].flatMap((hint) =>
    hint === undefined ? [] : [warning(path, hint)]
  );
}

/** The time of the stop sequence holds while Outrider runs; one that trusts in it is to know what else ends programs. */
function stopIssues(path: string, { stop }: Pick<ProgramEntry, "stop">): CheckIssue[] {
  const term = typeof stop === "object" ? stop.term : 0;
  if (term <= LONG_TERM_MS) return [];
  return [
    warning(
      path,
      `its stop.term of ${
        formatDuration(term)
      } holds for an orderly stop; if Outrider is killed, SIGKILL follows ` +
        `SIGTERM after ${formatDuration(SWEEP_TERM_MS)} at the next start, or 0.5 s by a guardian`,
    ),
  ];
}

/**
 * Lists the issues of a kind, a line each. Flags of `deno run` are of no use for an executable; there unreadable parts
 * of several sidecars is one line.
 */
export function issueLines(
  issues: readonly CheckIssue[],
  kind: CheckIssue["kind"],
  fixed?: FixedPermissions,
): string[] {
  const wanted = issues.filter((issue) => issue.kind === kind);
  if (fixed === undefined || kind !== "unknown") {
    return wanted.map(({ path, text, add }) =>
      `  ${path}: ${text}${add === undefined ? "" : `; add ${shellQuote(add)}`}`
    );
  }
  return [...Map.groupBy(wanted, ({ text }) => text)].map(([text, same]) =>
    `  ${[...new Set(same.map(({ path }) => path))].join(", ")}: ${text}`
  );
}

/** Whether the program of an entry, or of an entry that is wrong elsewhere, is there. */
export function programIssues(
  path: string,
  { command, cwd, env }: Pick<CopyEntry, "command" | "cwd" | "env">,
  { fixed, launched = false }: {
    readonly fixed?: FixedPermissions | undefined;
    readonly launched?: boolean;
  } = {},
): CheckIssue[] {
  // The one that runs this is used, wherever PATH leads.
  if (command === "deno" && !Deno.build.standalone) return [];
  // Without a PATH of its own a program is looked up on the runtime's.
  const own = searchPath(env);
  // Deno has not looked up the program that a launcher starts.
  const byDeno = typeof env.PATH === "string" || launched ? undefined : lookedUp(command);
  if (byDeno === true) return [];
  // It was granted when the executable was made, and Deno has dropped it at the start.
  if (byDeno === false && fixed !== undefined) {
    return [fault(path, `there is no program "${command}" on PATH`)];
  }
  if (own === undefined && !isPath(command) && !isCommandGranted("env", "PATH")) {
    return [unknown(path, `the program "${command}"`, "--allow-env=PATH")];
  }
  const found = findProgram(command, { cwd, path: own });
  switch (found.state) {
    case "found": {
      const why = whyUnrunnable(found.path);
      if (why !== undefined) return [fault(path, `${found.path} can't be run: ${why}`)];
      const read = whyReadByShell(found.path);
      return read === undefined ? [] : [warning(path, readByShellWarning(found.path, read))];
    }
    case "not_found": {
      if (isPath(command)) {
        const siblings = siblingsLine(command);
        return [
          fault(
            path,
            [`there is no program "${command}"`, siblings ?? commandLineHint(command)].filter(Boolean).join(
              "; ",
            ),
          ),
        ];
      }
      const where = found.searched.join(", ") || "an empty PATH";
      const way = commandLineHint(command) ?? packageOf(command);
      return [
        fault(path, `there is no program "${command}" in ${where}${way === undefined ? "" : `; ${way}`}`),
      ];
    }
    case "not_executable":
      return [
        fault(
          path,
          isFolder(found.path)
            ? `${found.path} is a directory; name the program in it`
            : `${found.path} is not executable; chmod +x makes it so`,
        ),
      ];
    case "unknown":
      return [unknown(path, `the program "${command}"`, "--allow-read")];
  }
}

/**
 * Whether Deno found a name on its own PATH at its start: it keeps those names of `--allow-run` that lead to a
 * program. `undefined`: it did not look, as the permission is for everything, or the query is not a plain name.
 */
function lookedUp(command: string): boolean | undefined {
  if (isPath(command) || missingPermissions([{ name: "run", value: "" }]).length === 0) return undefined;
  return missingPermissions([{ name: "run", value: command }]).length === 0;
}

function folder(path: string, { cwd }: Pick<CopyEntry, "cwd">): CheckIssue[] {
  // The folder that an executable is started in is there.
  if (cwd === ".") return [];
  if (!isCommandGranted("read", cwd)) {
    return [unknown(path, `its working directory ${cwd}`, `--allow-read=${cwd}`)];
  }
  try {
    return isFolder(cwd) ? [] : [fault(path, `its working directory ${cwd} is not a folder`)];
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return [
      fault(
        path,
        `a folder above its working directory ${cwd} is closed to this user; open it, or set another "cwd"`,
      ),
    ];
  }
}

function isCommandGranted(name: "env" | "read", value: string): boolean {
  return missingPermissions([{ name, value }]).length === 0;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (isNoSuchPlace(error)) return false;
    // Deno lets /dev be looked at under --allow-all alone: the folder of a manifest that a shell passes as a pipe.
    if (error instanceof Deno.errors.NotCapable) return true;
    throw error;
  }
}

/** Programs that a start of it runs, besides its own and those of its probes. */
export function helperPrograms(entry: ProgramEntry): string[] {
  const { limits } = entry;
  return [...launcherProgram(entry), ...(limits === undefined ? [] : [PS])];
}
