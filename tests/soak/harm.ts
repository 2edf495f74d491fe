/**
 * What is done to processes, one thing at a time in each row; a row goes on when all of its processes are there again.
 *
 * @module
 */
import { SupervisionError, type System } from "@outrider/outrider";
import { replaceAll } from "@outrider/outrider/actors/pool";
import { count, type Figures } from "./figures.ts";
import type { Life, Lives } from "./lives.ts";
import type { Load } from "./load.ts";
import type { Row } from "./plot.ts";

/** Milliseconds within which a process that was ended has a successor that is ready. */
export const BACK_WITHIN_MS = 30_000;

/** What harm needs. */
export interface HarmOptions {
  readonly system: System;
  readonly lives: Lives;
  readonly load: Load;
  readonly figures: Figures;
  /** Told of what is not as it should be. */
  readonly onBroken: (what: string) => void;
  /** Nothing is begun any more. */
  readonly signal: AbortSignal;
}

/** What can be done to a process, and how often of 100. */
const KINDS = [
  ["SIGKILL", 80],
  ["SIGTERM", 6],
  ["hang", 5],
  ["restart", 5],
  ["stop", 4],
] as const;
const POOL_KINDS = [["SIGKILL", 60], ["hang", 10], ["replaceAll", 30]] as const;

type Kind = (typeof KINDS | typeof POOL_KINDS)[number][0];

/** Harms a process of a row; fulfilled when all of its processes are there again. `random` decides what, whom and when. */
export async function harm(
  row: Row,
  options: HarmOptions & { readonly random: () => number },
): Promise<void> {
  const { figures, random } = options;
  const path = row.paths[Math.floor(random() * row.paths.length)]!;
  const victim = await there(path, 0, options);
  if (victim === undefined) return;
  const isPool = row.addresses.length === 1;
  const kind = drawn(isPool ? POOL_KINDS : KINDS, random);
  burst(row, options);
  for (let turns = Math.floor(random() * 6); turns > 0; turns--) await turn();
  await DEEDS[kind](victim, row, options);
  count(figures.harms, kind);
  for (const each of row.paths) {
    await there(each, each === path && ends(kind) ? victim.generation : 0, options);
  }
}

/** Whether the incarnation is over after it. */
function ends(kind: Kind): boolean {
  return kind !== "hang";
}

type Deed = (
  victim: Life,
  row: Row,
  options: HarmOptions & { readonly random: () => number },
) => Promise<void>;

const DEEDS: Readonly<Record<Kind, Deed>> = {
  async SIGKILL(victim, row, options) {
    if (send(victim, "SIGKILL")) count(options.figures.kills, row.id);
    // What is written while it dies is what has ended the runtime once.
    for (let turns = 0; turns < 4; turns++) {
      burst(row, options);
      await turn();
    }
  },
  async SIGTERM(victim, row, options) {
    send(victim, "SIGTERM");
    burst(row, options);
    await turn();
  },
  async hang(victim, row, options) {
    if (!send(victim, "SIGSTOP")) return;
    burst(row, options);
    await pause(options.random() * 300);
    send(victim, "SIGCONT");
  },
  async restart({ path }, _, { system, onBroken }) {
    await byHand(path, onBroken, () => system.terminateChild(path));
    await byHand(path, onBroken, () => system.restartChild(path));
  },
  async stop({ path }, row, options) {
    const { system, onBroken, random } = options;
    await byHand(path, onBroken, () => system.terminateChild(path));
    burst(row, options);
    await pause(random() * 100);
    await byHand(path, onBroken, () => system.restartChild(path));
  },
  async replaceAll(_, { id }, { system, onBroken }) {
    try {
      await replaceAll(system.ref(id), { drain: 200 });
    } catch (error) {
      onBroken(`replaceAll of ${id}: ${error}`);
    }
  },
};

/** `false`: it has ended already, as a sibling of one that was harmed a moment ago. */
function send({ pid }: Life, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function byHand(
  path: string,
  onBroken: (what: string) => void,
  ask: () => Promise<unknown>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    // A sibling's death has restarted it meanwhile, or is about to.
    const isKnown = error instanceof SupervisionError && ["running", "restarting"].includes(error.code);
    if (!isKnown) onBroken(`a request for ${path}: ${error}`);
  }
}

/** Who is ready at `path`, of a generation after `after`; nobody in time is told, and where nothing is begun any more not waited for. */
async function there(
  path: string,
  after: number,
  { lives, onBroken, signal }: HarmOptions,
): Promise<Life | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    onBroken(`${path}: nothing that is ready came after generation ${after} within ${BACK_WITHIN_MS} ms`);
    late.resolve(undefined);
  }, BACK_WITHIN_MS);
  const end = () => late.resolve(undefined);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([lives.ready(path, after), late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

/** A few messages to each. */
function burst(
  { addresses, conversation }: Row,
  { load, random }: HarmOptions & { readonly random: () => number },
): void {
  for (const address of addresses) {
    for (let more = Math.floor(random() * 4); more > 0; more--) load.send(address, conversation, random);
  }
}

function drawn<K extends Kind>(kinds: readonly (readonly [K, number])[], random: () => number): K {
  let left = random() * kinds.reduce((all, [, share]) => all + share, 0);
  for (const [kind, share] of kinds) if ((left -= share) < 0) return kind;
  return kinds[0]![0];
}

function turn(): Promise<void> {
  return new Promise((go) => setTimeout(go));
}

function pause(ms: number): Promise<void> {
  return new Promise((go) => setTimeout(go, ms));
}
