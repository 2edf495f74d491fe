/**
 * The common part of the verbs that act on a running tree: how it is named and reached, and the errors when it cannot be.
 */

import { type ControlClient, DEFAULT_CONTROL_TIMEOUT_MS } from "../../control/client.ts";
import { ControlError } from "../../control/control_errors.ts";
import type { ChildReport, TreeReport } from "../../control/protocol.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { printableLine } from "../../text/words.ts";
import { visible } from "../../text/printable.ts";
import { EXIT, type ExitCode, parseTime, readArgs, reportError, unknownChild, UsageError } from "../verb.ts";
import type { OptionKinds, OptionValues } from "../arguments.ts";
import { connectTree, startHint, takeTarget, type TreeTarget, verbLine } from "./target.ts";

/** Milliseconds for a start or a stop, if not said otherwise: more than they take by default. */
export const DEFAULT_ACTION_TIMEOUT_MS = 60_000;

/** Milliseconds for a look that only makes an error clearer: beside the time that was asked for, so a short one. */
const HINT_TIMEOUT_MS = 1_000;

/** What a verb on a running tree was given. */
export interface TreeArgs<More extends OptionKinds> {
  readonly target: TreeTarget;
  /** Behind FILE or SOCKET. */
  readonly rest: readonly string[];
  /** Of `--timeout`, in ms. */
  readonly timeout: number | undefined;
  readonly values: OptionValues<More>;
}

/** Reads options, a FILE or SOCKET, and what stands behind it: at least `least` words, and at most `most`. @throws {UsageError} */
export async function readTreeArgs<const More extends OptionKinds>(
  args: readonly string[],
  more: More,
  { names, most = names.length }: {
    /** What must stand behind it, as it is missed. */
    readonly names: readonly string[];
    /** How many words may. Default: as many as must. */
    readonly most?: number;
  },
): Promise<TreeArgs<More>> {
  const { values, positionals } = readArgs(args, { ...more, timeout: { type: "string" } });
  const given = (values as { timeout?: string }).timeout;
  const timeout = given === undefined ? undefined : parseTime("--timeout", given);
  const { target, rest } = await takeTarget(positionals);
  const missing = names[rest.length];
  if (missing !== undefined) throw new UsageError(`Cannot go on: ${missing}`);
  if (rest.length > most) throw new UsageError(`Cannot use '${rest[most]}': ${whatStands(most)}`);
  return { target, rest, timeout, values: values as never };
}

function whatStands(most: number): string {
  return most === 0
    ? "there is one FILE or SOCKET"
    : `behind FILE or SOCKET there ${most === 1 ? "is one CHILD" : `are ${most} words`}`;
}

/** What a verb asks for, for the errors. */
export interface Asked {
  readonly target: TreeTarget;
  /** Whether it changes something, which may still be done after its time is over. */
  readonly acts: boolean;
  /** Of `--timeout`, in ms: for all that is done, or, where it goes on, for the first answer. */
  readonly timeout: number | undefined;
  /** Whether it goes on after the first answer, in a time of its own. */
  readonly goesOn?: boolean;
  /** Whether errors are reported as data. */
  readonly json?: boolean;
  /** What is done where no runtime is reached; `undefined`: nothing can be done. */
  readonly unreached?: () => Promise<ExitCode | undefined>;
}

/**
 * Connects to a running tree and does `act`. Errors are reported here. A runtime that hangs is noticed by a first answer
 * that does not come: before anything is asked of it that takes long, or that it might do later.
 *
 * @throws {UsageError} an unknown child
 */
export async function withTree(
  { target, acts, timeout, goesOn = false, json = false, unreached }: Asked,
  act: (client: ControlClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  let client: ControlClient | undefined;
  let hasAnswered = false;
  try {
    const usual = acts ? DEFAULT_ACTION_TIMEOUT_MS : DEFAULT_CONTROL_TIMEOUT_MS;
    client = await connectTree(target, { timeout: timeout ?? usual, whole: timeout });
    if (acts || goesOn) await client.request({ method: "hello" }, timeout ?? DEFAULT_CONTROL_TIMEOUT_MS);
    hasAnswered = true;
    if (goesOn) client.endAt(Infinity, Infinity);
    return await act(client);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const code = error.code === "unreachable" && client === undefined ? await unreached?.() : undefined;
    if (code !== undefined) return code;
    const child = (error.data as { child?: unknown } | undefined)?.child;
    if (error.refusal === "not_found" && typeof child === "string") {
      throw unknownChild(child, await pathsOf(client));
    }
    const isAsked = acts && hasAnswered;
    if (error.code === "no_answer") client?.endAt(Infinity, Infinity);
    const hints = await wayOut(error, { target, isAsked, client });
    // A wrong command line is reported, and has the exit code, as everywhere.
    if (hints.length === 0 && error.code !== "refused") throw error;
    await reportError(error, { json, lines: [visible(printableLine(error.message)), ...hints] });
    return EXIT.FAILED;
  } finally {
    client?.close();
  }
}

/** The child as it stands after a request, in a line. */
export function reportChild(child: ChildReport | null, path: string): string {
  if (child === null) return `${printableLine(path)}: gone, as its supervisor has forgotten it`;
  const { state, generation, lastExit: last } = child;
  // Of a restart: how the one before it ended.
  const isOfStop = last?.how === "stopped" &&
    last.generation === (state === "stopped" ? generation : generation - 1);
  const { signal } = isOfStop ? last.death : {};
  const whose = state === "stopped" ? "" : ` #${generation - 1}`;
  const by = signal === undefined ? "" : `,${whose} ended by ${printableLine(signal)}`;
  return `${printableLine(child.path)}: ${child.state}, generation ${child.generation}${by}`;
}

/** The tree as it stands, for a look that only makes an error clearer; `undefined`: it has ended since, or says nothing. */
export async function treeOf(client: ControlClient | undefined): Promise<TreeReport | undefined> {
  try {
    return await client?.request({ method: "status" }, HINT_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}

async function pathsOf(client: ControlClient | undefined): Promise<string[]> {
  return (await treeOf(client))?.children.map(({ path }) => path) ?? [];
}

/** How a child is started again by hand. */
export function againLine(target: TreeTarget, child: string): string {
  return `To start it again: ${verbLine(target, "restart")} ${shellQuote(child)}`;
}

async function wayOut(
  { code, refusal, message }: ControlError,
  { target, isAsked, client }: {
    readonly target: TreeTarget;
    /** Whether something was asked for that changes the tree. */
    readonly isAsked: boolean;
    readonly client: ControlClient | undefined;
  },
): Promise<string[]> {
  const status = verbLine(target, "ps");
  switch (code) {
    case "unreachable":
      return await (await import("./left_behind.ts")).leftBehindLines(target) ?? [startHint(target)];
    case "no_answer":
      if (!isAsked) return ["It may hang, or be stopped by SIGSTOP; --timeout waits longer"];
      return [
        ...(await treeOf(client))?.phase === "starting"
          ? ["The tree is still starting: this waits until all of it is ready"]
          : [],
        `What was asked for may still be done; see: ${status}`,
      ];
    case "refused":
      if (refusal === "bad_request" && / method: /.test(message)) {
        return ["The runtime is of an older version than this command; start it again with this one"];
      }
      return refusal === "no_supervisor" ? [`What runs is in: ${status}`] : [];
    default:
      return [];
  }
}
