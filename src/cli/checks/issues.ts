/**
 * Checks the programs of a manifest on this machine, without starting any: of a manifest's file (`outrider
 * check`) and of an executable (`NAME check`).
 *
 * Much of it may be unreadable, above all for an executable, which has only the permissions of its run. Unreadable
 * parts are named.
 */

import { type ProgramEntry, programsOf } from "../../manifest/resolve/children.ts";
import { ProgramChangedError, ProgramTooLargeError, SecretFileError } from "../../process/process_errors.ts";
import { exchangeReason, writableByAll } from "../../permissions/trusted_path.ts";
import { findProgram, isNoSuchPlace, searchPath } from "../../permissions/find_program.ts";
import { whyReadByShell, whyUnrunnable } from "../../process/start/unrunnable.ts";
import { isPath, missingPermissions } from "../../permissions/permit.ts";
import { MAX_CHECKSUM_BYTES, verifyChecksum } from "../../process/checksum.ts";
import { readSecrets } from "../../process/secrets/secret.ts";
import { readByShellWarning, secretWarning, variableWarning } from "../../process/start/start_warnings.ts";
import { PS } from "../../process/ps.ts";
import { SWEEP_TERM_MS } from "../../containment/guarantees.ts";
import { defaultMs } from "../../options/presets.ts";
import { launcherOf, launcherProgram, packageOf } from "../../options/launcher.ts";
import { formatDuration } from "../../text/words.ts";
import { dirname } from "../../permissions/path.ts";
import type { CopyEntry, Manifest } from "../../manifest/fields/types.ts";
import { probeCommands, stopCommands } from "../../manifest/grants/permissions.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { heldOutputHint } from "./held_output.ts";
import { siblingsLine } from "./startable.ts";

/** The default of `stop.term`, in ms: one who writes more means it. */
const LONG_TERM_MS: number = defaultMs("speakingStop", "term");

/** Where the permissions are those of an executable: fixed. */
export interface FixedPermissions {
  /** The folder that its programs are unpacked to; embedded programs are checked elsewhere. */
  readonly unpacked: string | undefined;
}

/** An issue of a sidecar: a fault, an unreadable part, or a risk that may be intended. */
export interface CheckIssue {
  /** Of the sidecar in the tree. */
  readonly path: string;
  readonly text: string;
  readonly kind: "fault" | "unknown" | "warning";
  /** The flag of `deno run` under which it could be checked. */
  readonly add?: string;
}

const fault = (path: string, text: string): CheckIssue => ({ path, text, kind: "fault" });
const warning = (path: string, text: string): CheckIssue => ({ path, text, kind: "warning" });
const unknown = (path: string, text: string, add: string): CheckIssue => ({
  path,
  text,
  kind: "unknown",
  add,
});

/** Everything, in the order of the manifest. */
export function checkIssues(manifest: Manifest, fixed?: FixedPermissions): CheckIssue[] {
  const embedded = (command: string) => fixed?.unpacked !== undefined && dirname(command) === fixed.unpacked;
  return programsOf(manifest).flatMap(({ path, entry }) => [
    ...[
      ...new Set([entry.command, ...helperPrograms(entry), ...probeCommands(entry), ...stopCommands(entry)]),
    ]
      .filter((command) => !embedded(command))
      .flatMap((command) => {
        const launched = command === entry.command && launcherOf(entry) !== undefined;
        return programIssues(path, { ...entry, command }, { fixed, launched });
      }),
    ...folder(path, entry),
    ...stopIssues(path, entry),
    ...confinementIssues(path, entry, searchPath(entry.env)),
    ...heldOutput(path, entry),
  ]);
}

function heldOutput(path: string, entry: ProgramEntry): CheckIssue[] {
  const hint = heldOutputHint(entry, Deno.build.os);
  return hint === undefined ? [] : [warning(path, hint)];
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
          fault(path, [`there is no program "${command}"`, ...(siblings ? [siblings] : [])].join("; ")),
        ];
      }
      const where = found.searched.join(", ") || "an empty PATH";
      const way = /\s/.test(command) ? 'write its arguments apart, into "args"' : packageOf(command);
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
  return isFolder(cwd) ? [] : [fault(path, `its working directory ${cwd} is not a folder`)];
}

function isCommandGranted(name: "env" | "read", value: string): boolean {
  return missingPermissions([{ name, value }]).length === 0;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (isNoSuchPlace(error)) return false;
    throw error;
  }
}

const OTHERS_READ = 0o004;

/** Programs that a start of it runs, besides its own and those of its probes. */
export function helperPrograms(entry: ProgramEntry): string[] {
  const { limits } = entry;
  return [...launcherProgram(entry), ...(limits === undefined ? [] : [PS])];
}

/** Everything about the sidecar at `path`; bare names are looked up on `searched`. */
export function confinementIssues(
  path: string,
  entry: ProgramEntry,
  searched: string | undefined,
): CheckIssue[] {
  const { command } = entry;
  const programs = [...launcherProgram(entry), command];
  return [
    ...programs.flatMap((program) => {
      const found = findProgram(program, { cwd: entry.cwd, path: searched });
      const why = found.state === "found" ? writableByAll(found.path) : undefined;
      return why === undefined ? [] : [warning(path, `the program "${program}" can be replaced: ${why}`)];
    }),
    ...[...pin(entry, searched), ...identity(entry)].map((text) => fault(path, text)),
    ...(mayKnowUser(entry)
      ? []
      : [unknown(path, "whether it may run as another user or group", "--allow-sys=uid")]),
    ...(entry.uid !== undefined && entry.gid === undefined
      ? [warning(path, `it runs as user ${entry.uid}, and in the runtime's own group: set "gid" as well`)]
      : []),
    ...secrets(path, entry),
    ...variables(entry).map((text) => warning(path, text)),
  ];
}

function pin({ command, cwd, sha256 }: ProgramEntry, searched: string | undefined): string[] {
  if (sha256 === undefined) return [];
  const found = findProgram(command, { cwd, path: searched });
  if (found.state !== "found") return [];
  try {
    verifyChecksum(found.path, { cwd, path: searched, sha256 });
    return [];
  } catch (error) {
    if (error instanceof ProgramChangedError) {
      return [`${error.file} is not the pinned file: its SHA-256 is ${error.found}, not ${error.expected}`];
    }
    if (error instanceof ProgramTooLargeError) {
      const [size, most] = [error.size, MAX_CHECKSUM_BYTES].map((bytes) => bytes.toLocaleString("en"));
      return [`${error.file} is pinned, and has ${size} bytes; ${most} can be at most`];
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return [`${found.path} can't be read, and it is pinned`];
    }
    throw error;
  }
}

/** The one permission here that a start does not need. */
function mayKnowUser({ uid, gid }: ProgramEntry): boolean {
  return (uid ?? gid) === undefined || Deno.build.os === "windows" ||
    missingPermissions([{ name: "sys", value: "uid" }]).length === 0;
}

function identity({ uid, gid }: ProgramEntry): string[] {
  if ((uid ?? gid) === undefined) return [];
  if (Deno.build.os === "windows") return ["Windows has no uid and gid"];
  if (missingPermissions([{ name: "sys", value: "uid" }]).length > 0 || Deno.uid() === 0) return [];
  return [`only root may start a program as another user or group, and this is user ${Deno.uid()}`];
}

function secrets(path: string, { command: program, cwd, env }: ProgramEntry): CheckIssue[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value === "string") return [];
    if (missingPermissions([{ name: "read", value: value.file }]).length > 0) return [];
    try {
      readSecrets({ [name]: value }, { program, cwd });
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      return [fault(path, `the file ${error.file} for its variable ${name} can't be used: ${error.why}`)];
    }
    const why = exchangeReason(value.file);
    const { mode } = Deno.statSync(value.file);
    return [
      ...(why === undefined ? [] : [warning(path, secretWarning(value.file, why))]),
      ...(mode === null || (mode & OTHERS_READ) === 0 ? [] : [
        warning(
          path,
          `anybody may read ${value.file}, the file for its variable ${name}; chmod o-r forbids it`,
        ),
      ]),
    ];
  });
}

/** Of those that make programs run other code, also where it is not known whether the runtime has them. */
function variables({ env, inheritEnv }: ProgramEntry): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => value === "" ? [] : variableWarning(name, "env")),
    ...inheritEnv.flatMap((name) => Object.hasOwn(env, name) ? [] : variableWarning(name, "inheritEnv")),
  ];
}
