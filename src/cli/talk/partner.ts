/**
 * The child that `ask`, `call` and `pipe` talk to: one of a running tree, or one of a part of a manifest that they start.
 */

import type { ProtocolEntry } from "../../options/types.ts";
import type { Manifest, PoolEntry, SidecarEntry } from "../../manifest/fields/types.ts";
import { load, type Loaded } from "../../manifest/load.ts";
import { childrenWithPaths, programOf } from "../../manifest/resolve/children.ts";
import { subsetFor } from "../../manifest/resolve/subset.ts";
import { ControlClient, DEFAULT_CONTROL_TIMEOUT_MS } from "../../control/client.ts";
import { ControlError } from "../../control/control_errors.ts";
import { printErrorsEscaped, unknownChild, UsageError } from "../verb.ts";
import { isTauri } from "../../manifest/tauri/file_name.ts";
import { whyNoChild } from "../missing_child.ts";
import { connectTree, isRunning, takeTarget } from "../control/target.ts";

/** How a child is spoken to. */
export interface Manners {
  readonly protocol: ProtocolEntry | undefined;
  readonly maxFrame: number;
  /** Messages that its mailbox takes without loss; `null`: it waits instead. */
  readonly capacity: number | null;
  /** Whether replies have many frames. */
  readonly many: boolean;
}

/** A part of a manifest, for one child. */
export interface OwnPart {
  /** The whole manifest: permission to start all of it covers a part. */
  readonly manifest: Manifest;
  /** The part of the manifest that it needs. */
  readonly subset: Manifest;
  /** The path that must be readable for it. */
  readonly reads: string;
  /** Its entry in that part. */
  readonly entry: SidecarEntry | PoolEntry;
}

/** A child that can be talked to. */
export interface TalkPartner extends Manners {
  /** Its path in the tree. */
  readonly path: string;
  /** The running tree that it is in, or the part to start. */
  readonly from: ControlClient | OwnPart;
}

/** Milliseconds that a runtime has for its first answer, at least. */
const LEAST_ANSWER_MS = 1_000;

/** The option of verbs that use a running tree. */
export const OWN = { own: { type: "boolean" } } as const;

/**
 * Finds CHILD in the tree of FILE or SOCKET that runs, or, where none does or `own` is set, in FILE.
 *
 * @throws {ManifestError | UsageError}
 * @throws {ControlError} a runtime is there, and does not answer: a second one of what it runs is not started
 */
export async function findPartner(
  first: string,
  path: string,
  { own, timeout = Infinity }: PartnerWish,
): Promise<TalkPartner> {
  if (own && Deno.build.standalone) throw new UsageError("Cannot use --own: what it runs is one tree");
  if (!own) {
    const { target } = await takeTarget([first]);
    if (isRunning(target)) return await runningPartner(target, path, timeout);
  }
  const loaded = await load(first);
  entryIn(loaded, path);
  if (isTauri(loaded.file)) {
    const { importCommand } = await import("../../manifest/tauri/import_command.ts");
    throw new UsageError(
      `Cannot talk to '${path}': a tauri.conf.json says no protocol; add one, such as "protocol": "lines", in what ` +
        `this writes: ${importCommand(loaded.file)}`,
    );
  }
  const { manifest, reads } = loaded;
  const subset = subsetFor(manifest, path)!;
  const entry = entryIn({ ...loaded, manifest: subset }, path);
  const from = { manifest, subset, reads, entry };
  return { path, ...mannersOf(entry), from };
}

/** Which child is wanted. */
export interface PartnerWish {
  /** Whether it is one of a part of its own, whatever runs. */
  readonly own: boolean;
  /** Milliseconds for its reply, if there is such a time: a runtime that hangs is not waited for longer. */
  readonly timeout?: number | undefined;
}

/** Whether it is in a running tree. */
export function isInTree(from: TalkPartner["from"]): from is ControlClient {
  return from instanceof ControlClient;
}

async function runningPartner(
  target: Parameters<typeof connectTree>[0],
  path: string,
  timeout: number,
): Promise<TalkPartner> {
  let client: ControlClient | undefined;
  // A short time for a reply is that of the child, and not of its runtime.
  const first = Math.min(DEFAULT_CONTROL_TIMEOUT_MS, Math.max(LEAST_ANSWER_MS, timeout));
  try {
    client = await connectTree(target);
    const [{ name, pid }, manners] = await Promise.all([
      client.request({ method: "hello" }, first),
      client.call({ method: "describe", ...{ child: path } }, first) as Promise<Manners>,
    ]);
    const own = target.file === undefined ? "" : "; --own starts a part of its own";
    await printErrorsEscaped(`Using the running tree '${name}', process ${pid}${own}`);
    return { ...manners, path, from: client };
  } catch (error) {
    client?.close();
    if (!(error instanceof ControlError)) throw error;
    if (error.refusal === "usage" || error.refusal === "not_found") throw new UsageError(error.message);
    if (Deno.build.standalone) throw error;
    const { code, message, refusal } = error;
    const why = "what a runtime has started may run still, and is not started a second time without --own; " +
      "'outrider up' takes the place of a killed one";
    throw new ControlError(code, `${message}; ${why}`, {
      cause: error,
      ...refusal !== undefined && { refusal },
    });
  }
}

/** The entry of CHILD. @throws {UsageError} it is not one that can be talked to */
export function entryIn(
  loaded: Pick<Loaded, "manifest" | "ignored">,
  path: string,
): SidecarEntry | PoolEntry {
  const all = childrenWithPaths(loaded.manifest);
  const entry = all.find((child) => child.path === path)?.entry;
  const why = entry === undefined ? whyNoChild(loaded, path) : undefined;
  if (why !== undefined) throw new UsageError(`Cannot talk to '${path}': ${why}`);
  if (entry === undefined) {
    throw unknownChild(path, all.flatMap(({ path, entry }) => "children" in entry ? [] : [path]));
  }
  if ("children" in entry) {
    const inner = all.find(({ path: below, entry }) =>
      below.startsWith(`${path}/`) && !("children" in entry)
    )!;
    throw new UsageError(`Cannot talk to '${path}': it is a supervisor; '${inner.path}' is a child of it`);
  }
  return entry;
}

/** How the child of that entry is spoken to. */
export function mannersOf(entry: SidecarEntry | PoolEntry): Manners {
  const { protocol, maxFrame, until } = programOf(entry);
  const { capacity, overflow } = entry.mailbox;
  // With any other policy, more than that would be refused, or push each other out.
  return { protocol, maxFrame, capacity: overflow === "wait" ? null : capacity, many: until !== undefined };
}
