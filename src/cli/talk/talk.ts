/**
 * The common part of the verbs that talk to one child: they start it and its dependencies, talk, and stop everything
 * again.
 *
 * Standard output is for the child's answers only.
 */

import { factories as usualKinds } from "@outrider/outrider/actors/factories";
import type { SystemEvent } from "../../events.ts";
import type { AnyRef } from "../../actor/ref.ts";
import type { PoolEntry, SidecarEntry } from "../../manifest/fields/types.ts";
import { failingFast } from "../../manifest/resolve/subset.ts";
import { buildTree, type ChildFactories } from "../../manifest/resolve/child_specs.ts";
import { pathsOf, programOf, withoutTemplates } from "../../manifest/resolve/children.ts";
import type { PlacedLine } from "../../logs/followed_lines.ts";
import { LogPipeline } from "../../logs/pipeline.ts";
import { openReport } from "../../report/report.ts";
import { LaunchedTree, REPORT_WAIT_MS } from "../../launch/app.ts";
import { EXIT_GRACE_MS, STOP_SIGNALS } from "../../launch/process_ends.ts";
import { whenAborted } from "../../options/abort_signal.ts";
import { LiveProcesses } from "../../process/live_processes.ts";
import type { System } from "../../supervision/tree.ts";
import { formatCount } from "../../text/words.ts";
import { sleep, systemClock } from "../../time/clock.ts";
import { protocolNameOf } from "./wire.ts";
import { ControlClient } from "../../control/client.ts";
import { EXIT, type ExitCode, printErrors } from "../verb.ts";
import type { TalkPartner } from "./partner.ts";
import { askAround } from "./calls/ask_around.ts";
import { LocalExchange } from "./calls/exchange.ts";
import { reasonOf } from "./answer.ts";
import type { AskedRef, Conversation } from "./conversation.ts";
import { talkRunning } from "./running.ts";
import { codeAfter, outcomeOf } from "../failure.ts";
import { permissionsFor } from "../checks/prepare.ts";
import { requirePermissions } from "../checks/permissions.ts";

/** Lines of standard error that are kept, for when something goes wrong. */
export const TAIL_LINES = 10;

/** Options of {@linkcode talk}. */
export interface TalkOptions {
  /** Whether the timeline is printed on standard error. */
  readonly verbose: boolean;
  /** How entries become actors. Default: as for `up`. */
  readonly factories?: ChildFactories | undefined;
  /** Called before anything starts, with the child's address. */
  readonly onStarted?: ((ref: AnyRef) => void) | undefined;
  /** Gets each line that the child writes to standard error. */
  readonly onStderr?: ((line: PlacedLine) => void) | undefined;
}

/**
 * Has `work` talk to a child: of a running tree, or of a part that is started for it, once all of that is ready, and
 * stopped, in order. The result of `work` is the exit code, unless a signal or the tree's own end came first. Missing permissions are
 * reported before anything starts.
 */
export async function talk(
  { path, from }: Pick<TalkPartner, "path" | "from">,
  { verbose, factories = usualKinds, onStarted, onStderr }: TalkOptions,
  work: (conversation: Conversation) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (from instanceof ControlClient) return await talkRunning({ path, client: from }, work);
  const { manifest, subset, reads, entry } = from;
  const { all } = permissionsFor(withoutTemplates(manifest), reads);
  requirePermissions(manifest, { all, missing: permissionsFor(subset, reads).missing });
  // The tree does the stopping; this only knows of it.
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, onSignal);
  const tail: string[] = [];
  let unasked = 0;
  const isOurs = (from: string) => from === path || from.startsWith(`${path}/`);
  const logs = new LogPipeline({
    more(event) {
      if (event.type === "dead_letter" && event.reason === "unclaimed" && isOurs(event.path)) unasked++;
      return [];
    },
  });
  logs.follow((from, lines) => {
    if (!isOurs(from)) return;
    for (const line of lines) {
      if (line.stream !== "stderr") continue;
      tail.push(line.line);
      onStderr?.({ path: from, ...line });
    }
    tail.splice(0, tail.length - TAIL_LINES);
  });
  if (verbose) openReport(logs, { name: subset.name, paths: pathsOf(subset), to: "stderr" });
  try {
    const app = new LaunchedTree(buildTree(failingFast(subset), factories), {
      onSignal: "stop",
      stopWhenFinished: true,
      logs,
      processes: new LiveProcesses(),
    });
    onStarted?.(app.ref(path));
    const talked = converse(app, { path, tail, interrupted: interrupted.signal, work }).finally(() =>
      void app.stop()
    );
    talked.catch(() => {}); // it is awaited below, once the tree has ended
    const outcome = await outcomeOf(app);
    const wait = outcome.how === "forced" ? EXIT_GRACE_MS : REPORT_WAIT_MS;
    const code = await endOf(talked, { interrupted: interrupted.signal, wait });
    if (code === EXIT.OK && unasked > 0 && mayGreet(entry)) {
      await printErrors(...greetingLines(path, unasked));
    }
    if (code === undefined && interrupted.signal.aborted) return EXIT.FORCED;
    return await codeAfter(outcome, { name: subset.name, stopped: code ?? EXIT.FAILED });
  } finally {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, onSignal);
  }
}

/** Talks once everything is ready; `undefined`: it never was. */
async function converse(
  system: System,
  { path, tail, interrupted, work }: {
    path: string;
    tail: readonly string[];
    interrupted: AbortSignal;
    work: (conversation: Conversation) => Promise<ExitCode>;
  },
): Promise<ExitCode | undefined> {
  if (!await isReady(system.events())) return undefined;
  const over = new AbortController();
  void system.ended.then(() => over.abort());
  const code = await work({
    ref: askedRef(system.ref(path)),
    exchange: ({ timeout }) => new LocalExchange(system.ref(path), { timeout, explain: reasonOf }),
    signal: AbortSignal.any([over.signal, interrupted]),
    get isInterrupted() {
      return interrupted.aborted;
    },
    tail,
  });
  return interrupted.aborted ? EXIT.FORCED : code;
}

function askedRef(ref: AnyRef): AskedRef {
  return { path: ref.path, ask: (message, wish = {}) => askAround(ref, message, wish) };
}

/**
 * What `talked` comes to. Once the tree has ended and a signal has come, it has `wait` milliseconds: a write to a pipe
 * that nobody reads never settles, and must not hold up the end.
 */
async function endOf(
  talked: Promise<ExitCode | undefined>,
  { interrupted, wait }: { interrupted: AbortSignal; wait: number },
): Promise<ExitCode | undefined> {
  const over = new AbortController();
  const giveUp = async () => {
    await signalled(interrupted);
    await sleep(systemClock, wait, over.signal);
    if (!over.signal.aborted) {
      await printErrors("Interrupted: standard output is not read, and its rest is lost");
    }
    return EXIT.FORCED;
  };
  try {
    return await Promise.race([talked, giveUp()]);
  } finally {
    over.abort();
  }
}

function signalled(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.aborted ? resolve() : void whenAborted(signal, resolve));
}

async function isReady(events: AsyncIterable<SystemEvent>): Promise<boolean> {
  for await (const { path, type } of events) if (path === "/" && type === "ready") return true;
  return false;
}

/** Whether what comes first may be taken for the first reply, as replies are paired by their order and not by a mark. */
function mayGreet(entry: SidecarEntry | PoolEntry): boolean {
  const { protocol, ready } = programOf(entry);
  if (protocol === undefined || protocolNameOf(protocol) !== "lines" || ready !== "started") return false;
  return typeof protocol === "string" || !("pairing" in protocol) || protocol.pairing === "in-order";
}

/** Says that replies may be paired wrongly. */
function greetingLines(path: string, count: number): string[] {
  return [
    `'${path}' wrote ${
      formatCount(count, "line")
    } more than it was asked for. A greeting counts as the first reply, ` +
    'unless its start waits for it: "ready": { "stdout": "a pattern of the greeting" }',
  ];
}
