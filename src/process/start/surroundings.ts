/**
 * What this process itself was started as: under `nohup`, or as the first process of its system or container. Used by `up`.
 */

import { isAllGranted } from "../../permissions/permit.ts";
import { ignoredSignals, mayReadProcessTable } from "../ps.ts";

/** The bit of SIGHUP, in the last digit of a mask of signals in hexadecimal. */
const HANGUP = 1;

let isIgnored: Promise<boolean> | undefined;

/**
 * Whether SIGHUP was ignored when this process was started, as under `nohup`. It is not looked up on a terminal, which
 * `nohup` leaves; `false` also where `ps` may not be run or does not say it.
 *
 * Looked up at the first call, which is to come before anything else is loaded: half a second after its start Deno 2.9
 * listens to SIGHUP itself, and what it was is lost then.
 */
export function isHangupIgnored(): Promise<boolean> {
  return isIgnored ??= readHangup();
}

async function readHangup(): Promise<boolean> {
  if (Deno.stdout.isTerminal()) return false;
  const mask = ownMask() ?? (mayReadProcessTable() ? await ignoredSignals() : "");
  const [, digit] = /^[\da-f]*([\da-f])$/i.exec(mask) ?? [];
  return digit !== undefined && (parseInt(digit, 16) & HANGUP) !== 0;
}

/** The mask of ignored signals in `/proc`, which has it at once, however busy the machine; visible where all is granted. */
function ownMask(): string | undefined {
  if (Deno.build.os !== "linux" || !isAllGranted()) return undefined;
  try {
    return /^SigIgn:\s*(\S+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
  } catch {
    return undefined; // there is no /proc
  }
}

/** Says what the first process of a container has to do besides, as a sentence without a full stop. */
export function firstProcessWarnings(pid: number = Deno.pid): string[] {
  return pid !== 1 ? [] : [
    "Outrider runs as process 1, which must reap what other processes leave, and it does not: put an init before it " +
    '(docker run --init, "init: true" in Compose, or tini), or these stay as zombies',
  ];
}
