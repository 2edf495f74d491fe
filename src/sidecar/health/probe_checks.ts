/**
 * One check of each kind of probe.
 *
 * A check settles soon after it is cut, and then holds nothing: no
 * socket, no process, no timer.
 */

import { type Command, siblingCommand } from "../../process/command.ts";
import { lastWordsOf } from "../../text/last_words.ts";
import { asError } from "../../actor/exit.ts";
import type { ChildProcess, ExitStatus, SpawnOptions } from "../../process/child_process.ts";
import { hostPort, howEnded } from "../../text/words.ts";
import type { Clock } from "../../time/clock.ts";
import type { Reply } from "../../actor/asks/options.ts";
import { connectTo } from "./probe_connection.ts";
import { redactUrl, requestStatus } from "./probe_http.ts";
import type { LineWatch } from "./output_lines.ts";
import type { ProbeCheck, ProbeFailure } from "./probe_loop.ts";

/** Pings that may be unanswered before no more are sent. */
export const MAX_UNANSWERED_PINGS = 8;
/** Milliseconds that a process left behind by a command may hold the command's pipes. */
export const COMMAND_DRAIN_MS = 100;

/** Success: a connection is accepted. */
export function tcpCheck(hostname: string, port: number): ProbeCheck {
  const place = hostPort(hostname, port);
  return {
    pace: "polled",
    missed: `no connection to ${place}`,
    async run(cut) {
      try {
        (await connectTo(hostname, port, { cut })).close();
      } catch (error) {
        // Any error, from a refusal to an unknown name, means that there is no connection.
        return failed(`no connection to ${place}`, error);
      }
    },
  };
}

/** Success: an answer with a status of 200 to 399. Redirections are not followed, connections not used twice. */
export function httpCheck(url: string): ProbeCheck {
  const shown = redactUrl(url);
  return {
    pace: "polled",
    missed: `no answer from ${shown}`,
    async run(cut) {
      try {
        const status = await requestStatus(url, cut);
        if (status >= 400 || status < 200) return { why: `${shown} answered with status ${status}` };
      } catch (error) {
        return failed(`no answer from ${shown}`, error);
      }
    },
  };
}

/** The context of a command that runs beside a sidecar. */
export interface CommandHost {
  /** The sidecar's own command: its folder and its environment are used. */
  readonly command: Command;
  /** Starts a process. */
  readonly spawn: (command: Command, options: SpawnOptions) => ChildProcess;
  /** For the deadline of its pipes. */
  readonly clock: Clock;
}

/** Success: exit code 0. */
export function commandCheck(command: readonly string[], host: CommandHost): ProbeCheck {
  const [program = ""] = command;
  return {
    pace: "polled",
    missed: `"${program}" did not exit`,
    run: (cut) => runBeside(command, host, cut),
  };
}

/**
 * Runs a command beside the sidecar to its end, or until it is cut: `undefined` for exit code 0. Its stdin is empty, its
 * output is thrown away.
 */
export async function runBeside(
  command: readonly string[],
  host: CommandHost,
  cut: AbortSignal,
): Promise<ProbeFailure | undefined> {
  const [program = ""] = command;
  let child: ChildProcess;
  try {
    const options = { timers: host.clock, drainDeadline: COMMAND_DRAIN_MS };
    child = host.spawn(siblingCommand(host.command, command), options);
  } catch (error) {
    return failed(`"${program}" did not start`, error);
  }
  const reading = child.readStdout(() => {});
  const kill = () => {
    try {
      child.signal("SIGKILL");
    } catch {
      // It has made itself another user's. Its end is waited for: a check that is not over begins no second one.
    }
  };
  cut.addEventListener("abort", kill, { once: true });
  if (cut.aborted) kill();
  let status: ExitStatus;
  try {
    [{ status }] = await Promise.all([child.closed, reading]);
  } catch (error) {
    kill();
    return failed(`the end of "${program}" can't be told`, error);
  } finally {
    cut.removeEventListener("abort", kill);
  }
  if (status.code === 0) return undefined;
  const words = lastWordsOf(child.stderrTail);
  return { why: `"${program}" ${howEnded(status)}${words ? `, its last words: ${words}` : ""}` };
}

/** How a ping reaches the process, and whether that is at work. */
export interface PingHost {
  /** Makes a request of the sidecar's own protocol. */
  readonly send: (reply: Reply<unknown>) => void;
  /** Whether the process has a request of a caller. */
  readonly isBusy: () => boolean;
  /** Milliseconds for which a busy process may leave pings unanswered. */
  readonly busyFor: number;
  readonly clock: Clock;
}

/**
 * Success: a reply, whatever it says. A process that was busy whenever it was pinged, and answered no ping, is excused
 * for `busyFor`.
 *
 * A reply that comes too late is still taken for its own request, so it is never taken for another's.
 */
export function pingCheck({ send, isBusy, busyFor, clock }: PingHost): ProbeCheck {
  let unanswered = 0;
  /** Since when pings have found it busy, or when it last answered one of these; `undefined`: the last found it idle. */
  let busySince: number | undefined;
  return {
    pace: "polled",
    missed: "no reply to the ping",
    isExcused: () => busySince !== undefined && clock.now() - busySince < busyFor,
    async run(cut) {
      busySince = isBusy() ? busySince ?? clock.now() : undefined;
      if (unanswered >= MAX_UNANSWERED_PINGS) return { why: `${unanswered} pings are unanswered` };
      const answer = Promise.withResolvers<ProbeFailure | undefined>();
      const settle = (failure?: ProbeFailure) => {
        reply.isOpen = false;
        answer.resolve(failure);
      };
      const reply = {
        isOpen: true,
        resolve: () => {
          unanswered = 0;
          // A late reply to an earlier ping may come while this one waits behind a request.
          if (busySince !== undefined) busySince = clock.now();
          settle();
        },
        reject: (error: Error) => settle({ why: asError(error).message, cause: error }),
      };
      try {
        send(reply);
      } catch (error) {
        return failed("the ping could not be sent", error);
      }
      unanswered++;
      const give = () => settle();
      cut.addEventListener("abort", give, { once: true });
      const failure = await answer.promise;
      cut.removeEventListener("abort", give);
      return failure;
    },
  };
}

/** Success: a line that matches. */
export function lineCheck(watch: LineWatch): ProbeCheck {
  return {
    pace: "waiting",
    missed: `no line on ${watch.stream} matched`,
    async run(cut) {
      await watch.seen(cut);
      return undefined;
    },
  };
}

function failed(what: string, thrown: unknown): ProbeFailure {
  return { why: `${what}: ${asError(thrown).message}`, cause: thrown };
}
