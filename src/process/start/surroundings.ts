/**
 * What this process itself was started as: under `nohup`, or as the first process of its system or container. Used by `up`,
 * before it listens to any signal.
 */

import { ignoredSignals, mayReadProcessTable } from "../ps.ts";

/** The bit of SIGHUP, in the last digit of a mask of signals in hexadecimal. */
const HANGUP = 1;

/**
 * Whether SIGHUP was ignored when this process was started, as under `nohup`. It is not looked up on a terminal, which
 * `nohup` leaves; `false` also where `ps` may not be run or does not say it.
 *
 * To be told before anything listens to SIGHUP: what it was is lost then.
 */
export async function isHangupIgnored(): Promise<boolean> {
  if (Deno.stdout.isTerminal() || !mayReadProcessTable()) return false;
  const [, digit] = /^[\da-f]*([\da-f])$/i.exec(await ignoredSignals()) ?? [];
  return digit !== undefined && (parseInt(digit, 16) & HANGUP) !== 0;
}

/** Says what the first process of a container has to do besides, as a sentence without a full stop. */
export function firstProcessWarnings(pid: number = Deno.pid): string[] {
  return pid !== 1 ? [] : [
    "Outrider runs as process 1, which must reap what other processes leave, and it does not: put an init before it " +
    '(docker run --init, "init: true" in Compose, or tini), or these stay as zombies',
  ];
}
