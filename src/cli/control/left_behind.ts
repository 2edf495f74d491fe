/**
 * What is left of a tree whose runtime was killed, for the verbs that reach none: its programs may run on until the next
 * `up`, or `down`, ends them.
 */

import { contain } from "../../containment/contain.ts";
import { fileStem, readOwnFile, stateFolder } from "../../containment/folder.ts";
import { guaranteesOf, readGrants } from "../../containment/guarantees.ts";
import { readRuntimeIdentity } from "../../containment/identity.ts";
import { parseLedger } from "../../containment/ledger.ts";
import { isSignedByLive } from "../../containment/lock.ts";
import { createOrphanFinder, type Orphan } from "../../containment/sweep.ts";
import { ifThere } from "../../permissions/find_program.ts";
import { processTable } from "../../process/ps.ts";
import { printableLine } from "../../text/words.ts";
import { EXIT, type ExitCode, print, printErrorsEscaped } from "../verb.ts";
import { type TreeTarget, verbLine } from "./target.ts";

/** Names of processes in a line, at most. */
const NAMED = 10;

/** The processes of the tree that run without a runtime; none where that may not be looked for. */
export async function leftBehind(
  file: string,
): Promise<{ readonly runtime: number; readonly orphans: readonly Orphan[] } | undefined> {
  const [table, runtime, folder] = [
    // With the marks: what has left its group is found by nothing else.
    await processTable({ environment: true }),
    await readRuntimeIdentity(),
    stateFolder(),
  ];
  if (table === undefined || runtime === undefined || folder === undefined) return undefined;
  const { exclusive, orphans } = guaranteesOf(readGrants(true, folder), "eof");
  if (!exclusive || !orphans) return undefined;
  const stem = await fileStem(folder, file);
  const ledger = parseLedger(ifThere(() => readOwnFile(`${stem}.ledger`)) ?? "");
  if (ledger === undefined || await isSignedByLive(`${stem}.lock`)) return undefined;
  const { found } = await createOrphanFinder(ledger, { runtime })(table);
  return found.length === 0 ? undefined : { runtime: ledger.run.pid, orphans: found };
}

/** What is left, and what ends it, in lines; none if nothing is. */
export async function leftBehindLines(target: TreeTarget): Promise<string[] | undefined> {
  const left = target.file === undefined ? undefined : await leftBehind(target.file);
  if (left === undefined) return undefined;
  return [
    `Its runtime, process ${left.runtime}, has ended without stopping it. Still running: ${
      namesOf(left.orphans)
    }`,
    `To end what is left: ${verbLine(target, "down")}; the next 'outrider up${target.words}' does that, too`,
  ];
}

/** Ends what is left, as the next start would; `undefined`: nothing is. */
export async function endLeftBehind(file: string): Promise<ExitCode | undefined> {
  if (await leftBehind(file) === undefined) return undefined;
  const containment = await contain(file);
  await containment.close();
  const { ended, remaining } = containment.reapedAtStart ?? { ended: [], remaining: [] };
  if (ended.length > 0) print(`ended what a killed runtime had left: ${namesOf(ended)}`);
  if (remaining.length === 0) return EXIT.OK;
  await printErrorsEscaped(`Cannot end ${namesOf(remaining)}: not even SIGKILL did`);
  return EXIT.FAILED;
}

function namesOf(orphans: readonly Orphan[]): string {
  const named = orphans.slice(0, NAMED).map(({ pid, from }) =>
    printableLine(from === undefined ? `pid ${pid}` : `${from.path}, pid ${pid}`)
  );
  const more = orphans.length - NAMED;
  return [...named, ...more > 0 ? [`${more} more`] : []].join("; ");
}
