/**
 * Keys as Kubernetes and systemd name them: which key of a manifest means the same, and how the value is written.
 *
 * Seconds are bare numbers there, and durations with a unit here. A value that is not understood is
 * shown by an example instead.
 *
 * @module
 */

import { foldKey, inlineJson } from "../../text/words.ts";

/** Where a key may stand. */
type Home = "pool" | "probe" | "probes" | "sidecar" | "supervisor";

interface FamiliarKey {
  /** The key that means the same, and the one within it. */
  readonly ours: readonly [string, string?];
  readonly home: Home;
  /** Converts the value to its form here; `undefined` where that is not possible. */
  readonly to: (value: unknown) => unknown;
  /** The example for that case. */
  readonly like: unknown;
}

const pause = (value: unknown): unknown => {
  const time = seconds(value);
  return time === undefined ? undefined : { initial: time, factor: 1, max: time };
};
const watchdog = (value: unknown): unknown => {
  const period = seconds(value);
  return period === undefined ? undefined : { heartbeat: { stderr: "^alive" }, period, failureThreshold: 1 };
};
const nothing = () => undefined;
const check = { http: { port: 8080, path: "/health" } };

/** The one table, by the foreign name. */
const FAMILIAR_KEYS: Readonly<Record<string, FamiliarKey>> = {
  // Kubernetes
  initialDelaySeconds: { ours: ["initialDelay"], home: "probe", to: seconds, like: "5s" },
  periodSeconds: { ours: ["period"], home: "probe", to: seconds, like: "10s" },
  timeoutSeconds: { ours: ["timeout"], home: "probe", to: seconds, like: "1s" },
  terminationGracePeriodSeconds: { ours: ["stop", "term"], home: "sidecar", to: seconds, like: "30s" },
  httpGet: { ours: ["http"], home: "probe", to: httpGet, like: check.http },
  tcpSocket: { ours: ["tcp"], home: "probe", to: tcpSocket, like: { port: 5432 } },
  exec: { ours: ["command"], home: "probe", to: exec, like: ["pg_isready", "-q"] },
  grpc: {
    ours: ["command"],
    home: "probe",
    to: nothing,
    like: ["grpc_health_probe", "-addr=127.0.0.1:9000"],
  },
  startupProbe: { ours: ["startup"], home: "probes", to: nothing, like: check },
  livenessProbe: { ours: ["liveness"], home: "probes", to: nothing, like: check },
  readinessProbe: { ours: ["readiness"], home: "probes", to: nothing, like: check },
  replicas: { ours: ["size"], home: "pool", to: count, like: 3 },
  restartPolicy: { ours: ["restart"], home: "sidecar", to: restartPolicy, like: "on-failure" },
  runAsUser: { ours: ["uid"], home: "sidecar", to: count, like: 1000 },
  runAsGroup: { ours: ["gid"], home: "sidecar", to: count, like: 1000 },
  // systemd; its Restart= is near enough to be found as a misspelling, and its words are ours as well
  RestartSec: { ours: ["backoff"], home: "sidecar", to: pause, like: pause(1) },
  RestartPreventExitStatus: { ours: ["restart", "prevent"], home: "sidecar", to: statuses, like: [78] },
  RestartForceExitStatus: { ours: ["restart", "force"], home: "sidecar", to: statuses, like: [0] },
  StartLimitBurst: { ours: ["intensity", "restarts"], home: "supervisor", to: count, like: 5 },
  StartLimitIntervalSec: { ours: ["intensity", "within"], home: "supervisor", to: seconds, like: "10s" },
  TimeoutStartSec: { ours: ["startWithin"], home: "sidecar", to: startLimit, like: "90s" },
  TimeoutStopSec: { ours: ["stop", "term"], home: "sidecar", to: seconds, like: "90s" },
  MemoryMax: { ours: ["limits", "memory"], home: "sidecar", to: memoryMax, like: "200MB" },
  CPUQuota: { ours: ["limits", "cpu"], home: "sidecar", to: quota, like: 1.5 },
  WatchdogSec: { ours: ["probes", "liveness"], home: "sidecar", to: watchdog, like: watchdog(30) },
};

const BY_NAME = new Map(Object.entries(FAMILIAR_KEYS).map(([name, foreign]) => [foldKey(name), foreign]));

const NAMES: Readonly<Record<Home, string>> = {
  pool: "a pool",
  probe: "a probe",
  probes: `"probes"`,
  sidecar: "the sidecar",
  supervisor: "its supervisor",
};

/** Suggests a key of ours for a foreign key, where the keys in `valid` are allowed; nothing for an unknown key. */
export function familiarKeyHint(key: string, value: unknown, valid: readonly string[]): string | undefined {
  const foreign = BY_NAME.get(foldKey(key));
  if (foreign === undefined) return undefined;
  const { ours, home, to, like } = foreign;
  const meant = written(ours, to(value));
  const where = home === homeOf(valid) ? "" : ` in ${NAMES[home]}`;
  return meant === undefined ? `write it like ${written(ours, like)}${where}` : `write ${meant}${where}`;
}

/** `"stop": { "term": "30s" }`; nothing for a value that is none, or that is too long to show. */
function written([key, inner]: FamiliarKey["ours"], value: unknown): string | undefined {
  const text = value === undefined ? undefined : inlineJson(inner === undefined ? value : { [inner]: value });
  return text === undefined ? undefined : `${JSON.stringify(key)}: ${text}`;
}

function homeOf(valid: readonly string[]): Home | undefined {
  if (valid.includes("tcp")) return "probe";
  if (valid.includes("liveness")) return "probes";
  if (valid.includes("args")) return "sidecar";
  if (valid.includes("perCopy")) return "pool";
  return valid.includes("strategy") ? "supervisor" : undefined;
}

/** Seconds as a number, or systemd's words for a time. */
function seconds(value: unknown): string | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const [, digits, unit = "s"] = /^(\d+(?:\.\d+)?) ?(ms|msec|s|sec|m|min|h|hr)?$/.exec(String(value)) ?? [];
  return digits === undefined ? undefined : `${digits}${unit.startsWith("ms") ? "ms" : unit[0]}`;
}

/** systemd's `infinity` is ours. */
function startLimit(value: unknown): string | undefined {
  return value === "infinity" ? value : seconds(value);
}

function count(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** systemd's `200M`, in powers of 1024. */
function memoryMax(value: unknown): unknown {
  const [, digits, unit] = /^(\d+)([KMG])$/.exec(String(value)) ?? [];
  return digits === undefined ? count(value) : `${digits}${unit}iB`;
}

/** `150%` is one processor and a half. */
function quota(value: unknown): number | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(String(value)) ?? [];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/** `"1 6 SIGABRT"`, or one number. */
function statuses(value: unknown): unknown {
  if (typeof value === "number") return [value];
  if (
    typeof value !== "string" || !/^\s*(\d{1,3}|SIG[A-Z0-9]+)(\s+(\d{1,3}|SIG[A-Z0-9]+))*\s*$/.test(value)
  ) {
    return undefined;
  }
  return value.trim().split(/\s+/).map((word) => /^\d/.test(word) ? Number(word) : word);
}

function restartPolicy(value: unknown): string | undefined {
  return value === "Always"
    ? "always"
    : value === "OnFailure"
    ? "on-failure"
    : value === "Never"
    ? "no"
    : undefined;
}

function httpGet(value: unknown): unknown {
  const { port, path, host, scheme, ...more } = fieldsOf(value);
  const plain = [path, host, scheme].every((text) => text === undefined || typeof text === "string");
  if (typeof port !== "number" || !plain || Object.keys(more).length > 0) return undefined;
  if (host === undefined && scheme === undefined) return path === undefined ? { port } : { port, path };
  return { url: `${String(scheme ?? "http").toLowerCase()}://${host ?? "127.0.0.1"}:${port}${path ?? "/"}` };
}

function tcpSocket(value: unknown): unknown {
  const { port, host } = fieldsOf(value);
  if (typeof port !== "number") return undefined;
  return typeof host === "string" ? { port, host } : { port };
}

function exec(value: unknown): unknown {
  const { command } = fieldsOf(value);
  return Array.isArray(command) && command.every((word) => typeof word === "string") ? command : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
