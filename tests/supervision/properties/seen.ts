/**
 * What the laws know of a child, and the table of what is started again, written down a second time.
 *
 * @module
 */

import { type DeathCause, type DeathKind, deathOf, deathOfError } from "../../../src/actor/exit.ts";
import type { RestartType, SystemEvent } from "@outrider/outrider";
import type { Plan } from "./plan.ts";

/** For each restart type, the letters of the deaths after which a child is started again: see {@linkcode LETTERS}. */
export const RESTARTED: Readonly<Record<RestartType, string>> = {
  "permanent": "cesxknulp",
  "transient": "esxknulp",
  "temporary": "",
  "on-success": "c",
  "on-abnormal": "sxknulp",
  "on-abort": "sxk",
  "on-watchdog": "u",
};
const LETTERS: Readonly<Record<DeathKind, string>> = {
  completed: "c",
  exit_code: "e",
  signal: "s",
  exception: "x",
  killed: "k",
  not_ready: "n",
  unhealthy: "u",
  over_limit: "l",
  protocol: "p",
  unstartable: "-",
};

/** Events that say nothing of where a child stands. */
export const DETAILS: readonly SystemEvent["type"][] = [
  "dead_letter",
  "output",
  "events_lost",
  "spawned",
  "stop_step",
  "malformed",
  "pipes_held",
  "leftovers_killed",
  "contained",
  "swept",
  "warning",
  "requested",
];

/** A child as the events tell it. */
export interface Seen {
  generation: number;
  alive: boolean;
  /** It was ready, or there was nothing to start, in this generation. */
  begun: boolean;
  ready: boolean;
  clean: boolean;
  /** What it died of last. */
  death: DeathCause;
  /** Nobody has said yet what is to become of it. */
  unjudged: boolean;
  /** What it died of, and when that was judged, the last one last. */
  tallied: { readonly at: number; readonly death: DeathCause }[];
  /** It has ended by itself, or had nothing to start, and was not started again. */
  completed: boolean;
  /** Its supervisor said that it starts it again. */
  allowed: boolean;
  /** Of a supervisor: its children in order, and how it stands. */
  order: string[];
  phase: "none" | "starting" | "running" | "ending";
  /** Its first start has failed, or its last significant child has ended: it ends, and the event comes later. */
  isOver: boolean;
  restarts: number[];
  last: string;
}

/** A child of which nothing was told yet. */
export function unseen(): Seen {
  const flags = { alive: false, begun: false, ready: false, clean: true, allowed: false, isOver: false };
  const none = { death: { kind: "completed" } as const, unjudged: false, tallied: [], completed: false };
  return { generation: 0, ...flags, ...none, order: [], phase: "none", restarts: [], last: "" };
}

/** What ended a child. */
export function deathIn(event: SystemEvent & { type: "exited" | "stopped" | "start_failed" }): DeathCause {
  return event.type === "start_failed" ? deathOfError(event.cause) : deathOf(event.exit);
}

/** Whether a child is started again after the last of what it died of. */
export function isRestarted({ restart, rules = {} }: Plan, tallied: Seen["tallied"]): boolean {
  const { at: now, death } = tallied.at(-1)!;
  const is = ({ code, signal }: DeathCause, list: readonly (number | string)[] = []) =>
    list.includes(signal ?? code ?? "none");
  if (death.kind === "unstartable" || is(death, rules.prevent)) return false;
  for (const { of, deaths, within } of rules.tallies ?? []) {
    if (tallied.filter(({ at, death }) => now - at <= within && is(death, of)).length >= deaths) return false;
  }
  return RESTARTED[restart].includes(LETTERS[death.kind]) || is(death, rules.force);
}

/** Where the supervisor of the child at `path` is. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "/" : path.slice(0, cut);
}

/** Whether the child at `path` counts for the automatic shutdown of its supervisor. */
export function isSignificant(path: string, plans: ReadonlyMap<string, Plan>): boolean {
  const [child, parent] = [plans.get(path), plans.get(parentOf(path))];
  if (child === undefined || parent?.kind !== "supervisor" || parent.strategy === "dynamic") return false;
  // Those added by hand, which the plan has as x0, x1 and so on, are planted without significance.
  const wanted = child.significant && child.restart !== "permanent" && !/(^|\/)x\d+$/.test(path);
  return wanted && parent.autoShutdown !== "never";
}

/** Whether a child may still come back by itself, or runs. */
export function isActive({ alive, last }: Seen): boolean {
  return alive || /^(exited|restarting|retrying|quarantined)$/.test(last);
}
