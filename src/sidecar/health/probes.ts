/**
 * Startup, liveness and readiness probes of a sidecar, with Kubernetes' meaning of each.
 *
 * Before anything else the startup probe has to succeed. Then a liveness probe
 * that fails ends the sidecar, and a readiness probe reports whether it can be
 * used. They belong to one incarnation, and end with it.
 */

import { type Command, siblingCommand } from "../../process/command.ts";
import { requiredForCommand } from "../../process/spawn.ts";
import type { RequiredPermission } from "../../permissions/permit.ts";
import type { ChildProcess, SpawnOptions } from "../../process/child_process.ts";
import { hostPort } from "../../text/words.ts";
import type { Reply } from "../../actor/asks/options.ts";
import { commandCheck, type CommandHost, httpCheck, lineCheck, pingCheck, tcpCheck } from "./probe_checks.ts";
import { LineWatch } from "./output_lines.ts";
import type { ProbeKind, ResolvedHandler, ResolvedProbe, ResolvedProbes } from "./probe_options.ts";
import { type ProbeCheck, type ProbeFailure, type ProbeRun, runProbe } from "./probe_loop.ts";

/** The parts of an incarnation that its probes need. */
export interface ProbeHost extends Omit<CommandHost, "spawn"> {
  /** Starts the command of a probe. */
  readonly spawn: (kind: ProbeKind, command: Command, options: SpawnOptions) => ChildProcess;
  /** Aborts when the incarnation is to end, or its process has ended. */
  readonly signal: AbortSignal;
  /** Sends a request of the sidecar's own. @throws if it can't be sent */
  readonly ping: (message: unknown, reply: Reply<unknown>) => void;
  /** Whether the process has a request of a caller. */
  readonly isBusy: () => boolean;
  /** The liveness probe has failed too often. */
  readonly onUnhealthy: (failure: ProbeFailure & { readonly times: number }) => void;
  /** The readiness probe has changed its mind. */
  readonly onReadiness: (ready: boolean, failure: ProbeFailure | undefined) => void;
}

/** Why a sidecar has not passed a probe that its start waits for. */
export interface StartProbeFailure {
  /** Which probe. */
  readonly probe: ProbeKind;
  /** Its last failure. */
  readonly failure: ProbeFailure;
}

/** The probes of one incarnation. */
export class ProbeSet {
  readonly #probes: ResolvedProbes;
  readonly #host: ProbeHost;
  readonly #watches = new Map<ProbeKind, LineWatch>();
  readonly #since: number;
  readonly #latch: PromiseWithResolvers<void> = Promise.withResolvers();
  #pending: StartProbeFailure | undefined;
  #over: Promise<void> = Promise.resolve();

  /** Looks at output from now on; checks nothing yet. To be made when the process is started. */
  constructor(probes: ResolvedProbes, host: ProbeHost) {
    this.#probes = probes;
    this.#host = host;
    this.#since = host.clock.now();
    for (const kind of KINDS) {
      const handler = probes[kind]?.handler;
      if (handler === undefined) continue;
      if ("heartbeat" in handler) {
        this.#watches.set(kind, new LineWatch(handler.heartbeat, { lasting: false }));
      }
      if ("pattern" in handler) this.#watches.set(kind, new LineWatch(handler.pattern, { lasting: true }));
    }
  }

  /** Whether it waits for a line of that stream. */
  watches(stream: "stdout" | "stderr"): boolean {
    for (const watch of this.#watches.values()) if (watch.stream === stream && watch.isWaiting) return true;
    return false;
  }

  /** Whether a start has to wait for a probe. */
  get gates(): boolean {
    return this.#probes.startup !== undefined || this.#probes.readiness !== undefined;
  }

  /** Settles when the last probe has ended. */
  get over(): Promise<void> {
    return this.#over;
  }

  /** Shows the probes a line; whether one has waited for it. */
  line(stream: "stdout" | "stderr", line: string): boolean {
    let counts = false;
    for (const watch of this.#watches.values()) {
      if (watch.stream === stream && watch.take(line)) counts = true;
    }
    return counts;
  }

  /** The probe that the start waits for now, and its last failure. */
  get pending(): StartProbeFailure | undefined {
    return this.#pending;
  }

  /** Begins to check. Fulfilled when the start may go on; pending where the end came first. */
  start(): Promise<void> {
    this.#over = this.#run();
    return this.#latch.promise;
  }

  async #run(): Promise<void> {
    const { startup, liveness, readiness } = this.#probes;
    if (startup !== undefined && !await this.#started(startup)) return;
    if (startup !== undefined || readiness === undefined) this.#latch.resolve();
    await Promise.all([
      liveness && this.#check("liveness", liveness, {
        onOutcome: ({ outcome, run: times }, failure) => {
          if (outcome === "failure") this.#host.onUnhealthy({ ...failure!, times });
          return outcome === "success";
        },
      }),
      readiness && this.#readiness(readiness, startup === undefined),
    ]);
  }

  async #started(startup: ResolvedProbe): Promise<boolean> {
    let success = false;
    await this.#check("startup", startup, {
      gates: true,
      onOutcome: () => {
        success = true;
        return false;
      },
    });
    return success;
  }

  async #readiness(readiness: ResolvedProbe, gates: boolean): Promise<void> {
    let starting = gates;
    await this.#check("readiness", readiness, {
      gates,
      onOutcome: ({ outcome }, failure) => {
        const ready = outcome === "success";
        if (starting) this.#latch.resolve();
        else this.#host.onReadiness(ready, failure);
        starting = false;
        // A line that was there once stays there.
        return !(ready && "pattern" in readiness.handler);
      },
    });
  }

  async #check(
    kind: ProbeKind,
    { handler, timing, busyFor }: ResolvedProbe,
    { gates = false, onOutcome }: Pick<ProbeRun, "onOutcome"> & {
      /** Whether the start waits for its first success. */
      readonly gates?: boolean;
    },
  ): Promise<void> {
    const { clock, signal } = this.#host;
    this.#watches.get(kind)?.reset();
    const check = this.#checkOf(kind, handler, busyFor);
    const onNotYet = (failure: ProbeFailure) => this.#pending = { probe: kind, failure };
    if (gates) onNotYet({ why: check.missed });
    await runProbe(check, timing, {
      clock,
      signal,
      since: this.#since,
      onNotYet: gates ? onNotYet : undefined,
      onOutcome: (state, failure) => {
        if (gates) this.#pending = undefined;
        return onOutcome(state, failure);
      },
    });
  }

  #checkOf(kind: ProbeKind, handler: ResolvedHandler, busyFor: number): ProbeCheck {
    if ("tcp" in handler) return tcpCheck(handler.tcp.host, handler.tcp.port);
    if ("http" in handler) return httpCheck(handler.http.url);
    if ("command" in handler) {
      return commandCheck(handler.command, {
        ...this.#host,
        spawn: (command, options) => this.#host.spawn(kind, command, options),
      });
    }
    if ("ping" in handler) {
      const { ping, isBusy, clock } = this.#host;
      return pingCheck({ send: (reply) => ping(handler.ping, reply), isBusy, busyFor, clock });
    }
    return lineCheck(this.#watches.get(kind)!);
  }
}

const KINDS = ["startup", "liveness", "readiness"] as const;
/** The permissions for all that the probes of `command` do. `spawns`: whether their commands start real processes. */
export function probePermissions(
  probes: ResolvedProbes,
  { command, spawns }: { command: Command; spawns: boolean },
): RequiredPermission[] {
  return KINDS.flatMap((kind): RequiredPermission[] => {
    const handler = probes[kind]?.handler;
    if (handler === undefined) return [];
    if ("tcp" in handler) {
      return [{ name: "net", value: hostPort(handler.tcp.host, handler.tcp.port) }];
    }
    if ("http" in handler) return [{ name: "net", value: hostOf(handler.http.url) }];
    if (!("command" in handler) || !spawns) return [];
    return requiredForCommand(siblingCommand(command, handler.command));
  });
}

function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
