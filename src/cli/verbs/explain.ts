/**
 * `outrider explain FILE CHILD [CAUSE]`
 */

import { factories } from "@outrider/outrider/actors/factories";
import type { DeathCause, DeathKind } from "../../actor/exit.ts";
import { load } from "../../manifest/load.ts";
import { buildTree } from "../../manifest/resolve/child_specs.ts";
import { childrenWithPaths, pathsOf } from "../../manifest/resolve/children.ts";
import { SIGNALS } from "../../options/fields/signals.ts";
import type { SidecarEntry } from "../../manifest/fields/types.ts";
import { explanationLines } from "../../report/explanation.ts";
import { explain as dryRun } from "../../supervision/explain/explain.ts";
import { matches } from "../../supervision/restart/restart_rules.ts";
import { nearestKey } from "../../text/words.ts";
import { whyNoChild } from "../missing_child.ts";
import { EXIT, FILE, print, readArgs, unknownChild, UsageError, type Verb } from "../verb.ts";

/** How many deaths in a row can be asked for. */
export const MAX_TIMES = 10_000;

const WORDS: readonly DeathKind[] = [
  "completed",
  "exception",
  "not_ready",
  "unhealthy",
  "over_limit",
  "protocol",
  "unstartable",
];

/** Prints the steps that would follow the death of a child. */
export const explainVerb: Verb = async (args) => {
  const needed = [FILE, "CHILD is missing, the path of the child that dies"] as const;
  const { values, positionals } = readArgs(args, { times: { type: "string", default: "1" } }, needed);
  const [file, path, cause, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`Cannot use more than one CAUSE: ${[cause, ...more].join(", ")}`);
  }
  const times = timesOf(String(values.times));
  const loaded = await load(file);
  const { manifest } = loaded;
  const tree = buildTree(manifest, factories);
  const paths = pathsOf(manifest);
  const isSidecar = !paths.some((other) => other.startsWith(`${path}/`));
  const entry = childrenWithPaths(manifest).find((child) => child.path === path)?.entry;
  const death = unlessSuccess(deathOf(cause ?? (isSidecar ? "1" : "completed")), entry);
  const explanation = dryRun(tree, path, { death, times });
  if (explanation === undefined) {
    const why = whyNoChild(loaded, path);
    throw why === undefined ? unknownChild(path, paths) : new UsageError(`Cannot explain '${path}': ${why}`);
  }
  if (!isSidecar && (death.kind === "exit_code" || death.kind === "signal")) {
    throw new UsageError(`Cannot have '${path}' die of ${cause}: it is a supervisor, not a process`);
  }
  const described = entry?.description;
  if (described !== undefined) print(`${path}: ${described}`, "");
  print(...explanationLines(explanation, { name: manifest.name, path, death, times }));
  return EXIT.OK;
};

function timesOf(text: string): number {
  const times = /^\d+$/.test(text) ? Number(text) : 0;
  if (times >= 1 && times <= MAX_TIMES) return times;
  throw new UsageError(
    `Cannot use --times ${text}: it takes a whole number, 1 to ${MAX_TIMES.toLocaleString("en")}`,
  );
}

/** `death`, or the completion that it is by the `successExitStatus` of a sidecar. */
function unlessSuccess(death: DeathCause, entry: object | undefined): DeathCause {
  const { successExitStatus = [] } = (entry ?? {}) as Pick<SidecarEntry, "successExitStatus">;
  return matches(successExitStatus, death) ? { ...death, kind: "completed" } : death;
}

function deathOf(cause: string): DeathCause {
  if (/^\d+$/.test(cause) && Number(cause) <= 255) {
    const code = Number(cause);
    return { kind: code === 0 ? "completed" : "exit_code", code };
  }
  const signal = SIGNALS.find((known) => known === cause);
  if (signal !== undefined) return { kind: "signal", signal };
  const kind = WORDS.find((known) => known === cause);
  if (kind !== undefined) return kind === "completed" ? { kind, code: 0 } : { kind };
  const near = nearestKey(cause, [...WORDS, ...SIGNALS]);
  throw new UsageError(
    `Cannot explain a death by '${cause}': a cause is an exit code of 0 to 255, a signal, or ${
      WORDS.join(", ")
    }${near === undefined ? "" : `; did you mean '${near}'?`}`,
  );
}
