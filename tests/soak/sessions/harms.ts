/**
 * What is done to the process of a session: it is killed; it hangs for a while, after which it goes on or is killed; it is
 * stopped and started again by hand.
 *
 * @module
 */
import { SupervisionError, type System } from "@outrider/outrider";
import { count } from "../figures.ts";
import type { Life, Lives } from "../lives.ts";
import { SETTLED_MS, type SoakReport } from "./outcomes.ts";

/** Milliseconds that a process is left alone at most, before it is harmed. */
const LONGEST_LIFE_MS = 1_000;
/** Milliseconds that it hangs at most. */
const LONGEST_HANG_MS = 1_000;

/** What can be done, and how often of 100. */
const KINDS = [["killed", 55], ["hung", 18], ["hung, then killed", 18], ["restarted by hand", 9]] as const;

/** What harms a process. */
export interface SessionHarm extends SoakReport {
  readonly system: System;
  readonly lives: Lives;
  /** Of the session's child. */
  readonly path: string;
}

/** Harms the process that is there, ready or not, after a while; fulfilled when there is one that does its work. */
export async function harmOnce(
  { system, path, lives, outcomes, random, onBroken }: SessionHarm,
  isConnecting = false,
) {
  await linger(random() * LONGEST_LIFE_MS);
  const life = lives.at(path)!;
  let drawn = random() * 100;
  const [kind] = KINDS.find(([, often]) => (drawn -= often) < 0)!;
  const hangMs = random() * LONGEST_HANG_MS;
  // A process of the session may be killed in its handshake as well, so that one that exists is enough now and then.
  const isReady = random() < 0.7;
  if (kind === "restarted by hand") {
    // A client that connects to one that is stopped is told so.
    if (isConnecting) return;
    if (await restart(system, path, hangMs / 4)) count(outcomes.harms, kind);
  } else {
    if (kind !== "killed" && signal(life, "SIGSTOP")) await linger(hangMs);
    if (signal(life, kind === "hung" ? "SIGCONT" : "SIGKILL")) count(outcomes.harms, kind);
    if (kind === "hung") return;
  }
  const until = performance.now() + SETTLED_MS;
  while (performance.now() < until) {
    const now = lives.at(path)!;
    if (now.generation > life.generation && (now.ready || !isReady)) return;
    await linger(5);
  }
  onBroken("lost", `nothing came after generation ${life.generation} within ${SETTLED_MS} ms`);
}

/** `false`: it is just being started again. */
async function restart(system: System, path: string, heldMs: number): Promise<boolean> {
  try {
    await system.terminateChild(path);
    await linger(heldMs);
    await system.restartChild(path);
    return true;
  } catch (error) {
    if (error instanceof SupervisionError && ["running", "restarting"].includes(error.code)) return false;
    throw error;
  }
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
