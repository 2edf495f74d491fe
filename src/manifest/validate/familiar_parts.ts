/**
 * What a value of another tool says beside the key that it is known for: the budget and the pause of process-compose's
 * `availability`, the limits of compose's `deploy`, and the time to start of its `healthcheck`.
 */

import { ms } from "../../options/units.ts";
import { count, decimal, fieldsOf, memoryMax, restartPolicy, seconds } from "./familiar_values.ts";

/** Where a key may stand. */
export type Home = "here" | "pool" | "probe" | "probes" | "sidecar" | "supervisor";

/** A key of ours with its value. */
export interface Part {
  /** The key, and the one within it. */
  readonly ours: readonly [string, string?];
  readonly home: Home;
  /** `undefined` where the other tool's value says nothing of it. */
  readonly value: unknown;
}

/** The same pause before each restart. */
export function pause(value: unknown): unknown {
  const time = seconds(value);
  return time === undefined ? undefined : { initial: time, factor: 1, max: time };
}

/** process-compose's `availability`, beside `restart`. */
export function restOfAvailability(value: unknown): readonly Part[] {
  const { restart, backoff_seconds, max_restarts, exit_on_end } = fieldsOf(value);
  const ends = restart === "exit_on_failure" || exit_on_end === true ? true : undefined;
  return [
    { ours: ["backoff"], home: "sidecar", value: pause(backoff_seconds) },
    { ours: ["significant"], home: "sidecar", value: ends },
    { ours: ["autoShutdown"], home: "supervisor", value: ends && "any_significant" },
    // None is its word for no limit.
    { ours: ["intensity", "restarts"], home: "supervisor", value: count(max_restarts) || undefined },
  ];
}

/** Compose's `deploy`, beside `replicas`. */
export function restOfDeploy(value: unknown): readonly Part[] {
  const { resources, restart_policy } = fieldsOf(value);
  const { memory, cpus } = fieldsOf(fieldsOf(resources).limits);
  const { condition, delay, max_attempts, window } = fieldsOf(restart_policy);
  return [
    {
      ours: ["limits", "memory"],
      home: "sidecar",
      value: memory === undefined ? undefined : memoryMax(memory),
    },
    { ours: ["limits", "cpu"], home: "sidecar", value: decimal(cpus) },
    { ours: ["restart"], home: "sidecar", value: restartPolicy(condition) },
    { ours: ["backoff"], home: "sidecar", value: pause(delay) },
    { ours: ["intensity", "restarts"], home: "supervisor", value: count(max_attempts) },
    { ours: ["intensity", "within"], home: "supervisor", value: seconds(window) },
  ];
}

/** Compose's `healthcheck`, beside the probe: by when the start is given up, as there after `start_period`. */
export function startOfHealthcheck(value: unknown): readonly Part[] {
  const { start_period, interval = 30, retries = 3 } = fieldsOf(value);
  const [period, pause, failures] = [seconds(start_period), seconds(interval), count(retries)];
  if (period === undefined || pause === undefined || failures === undefined) return [];
  const within = ms(period) + failures * ms(pause);
  return [{
    ours: ["startWithin"],
    home: "sidecar",
    value: within % 1_000 === 0 ? `${within / 1_000}s` : `${within}ms`,
  }];
}
