/**
 * What is done to the process of a session: it is killed, or hangs for a while, after which it goes on or is killed.
 *
 * @module
 */
import { count } from "../figures.ts";
import type { Life, Lives } from "../lives.ts";
import { SETTLED_MS, type SoakReport } from "./outcomes.ts";

/** Milliseconds that a process is left alone at most, before it is harmed. */
const LONGEST_LIFE_MS = 1_000;
/** Milliseconds that it hangs at most. */
const LONGEST_HANG_MS = 1_000;

/** Harms the process that is there, ready or not, after a while; fulfilled when there is one that does its work. */
export async function harmOnce(path: string, lives: Lives, { outcomes, random, onBroken }: SoakReport) {
  await linger(random() * LONGEST_LIFE_MS);
  const life = lives.at(path)!;
  const hangs = random() < 0.4;
  const hangMs = random() * LONGEST_HANG_MS;
  const isKilled = !hangs || random() < 0.5;
  // A process of the session may be killed in its handshake as well, so that one that exists is enough now and then.
  const isReady = random() < 0.7;
  if (hangs && signal(life, "SIGSTOP")) await linger(hangMs);
  const isDone = signal(life, isKilled ? "SIGKILL" : "SIGCONT");
  if (isDone) count(outcomes.harms, !hangs ? "killed" : isKilled ? "hung, then killed" : "hung");
  if (!isKilled) return;
  const until = performance.now() + SETTLED_MS;
  while (performance.now() < until) {
    const now = lives.at(path)!;
    if (now.generation > life.generation && (now.ready || !isReady)) return;
    await linger(5);
  }
  onBroken("lost", `nothing came after generation ${life.generation} within ${SETTLED_MS} ms`);
}

/** `false`: it has ended by itself. */
function signal({ pid, over }: Life, name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): boolean {
  if (over) return false;
  try {
    Deno.kill(pid, name);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export function linger(ms: number): Promise<void> {
  return new Promise((go) => setTimeout(go, ms));
}
