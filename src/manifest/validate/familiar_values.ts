/**
 * Values as Kubernetes, systemd, compose files, process-compose, pm2 and supervisord write them, converted to their form
 * here; `undefined` where that is not possible. Used by `familiar_keys.ts`.
 */

import { FAMILIAR_CONDITIONS } from "../../options/fields/supervision.ts";

/** Seconds as a number, or systemd's and compose's words for a time, such as `500ms`, `1min 30s` or `1m30s`. */
export function seconds(value: unknown): string | undefined {
  const text = textOf(value);
  const [, digits, unit = "s"] = /^(\d+(?:\.\d+)?) ?(ms|msec|s|sec|m|min|h|hr)?$/.exec(text) ?? [];
  if (digits !== undefined) return `${digits}${unit.startsWith("ms") ? "ms" : unit[0]}`;
  const parts = /^(?:(\d+) ?hr?)? ?(?:(\d+) ?m(?:in)?)? ?(?:(\d+) ?s(?:ec)?)?$/.exec(text);
  if (parts === null || text === "") return undefined;
  const [, hours = 0, minutes = 0, rest = 0] = parts.map((part) => Number(part ?? 0));
  const whole = hours * 3_600 + minutes * 60 + rest;
  return Number.isSafeInteger(whole) ? `${whole}s` : undefined;
}

/** A text or a number as a text; no other value, as one that a file names `toString` in has none. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function milliseconds(value: unknown): string | undefined {
  return typeof value === "number" ? seconds(`${value}ms`) : seconds(value);
}

/** systemd's `infinity` is ours. */
export function startLimit(value: unknown): string | undefined {
  return value === "infinity" ? value : seconds(value);
}

export function count(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** systemd's `200M` and compose's `200m`, in powers of 1024. */
export function memoryMax(value: unknown): unknown {
  const [, digits, unit] = /^(\d+)([KMG])$/i.exec(textOf(value)) ?? [];
  return digits === undefined ? count(value) : `${digits}${unit!.toUpperCase()}iB`;
}

/** `150%` is one processor and a half. */
export function quota(value: unknown): number | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(textOf(value)) ?? [];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/** `"1 6 SIGABRT"`, supervisord's `"0,2"`, one number, or a list of some. */
export function statuses(value: unknown): unknown {
  if (typeof value === "number") return [value];
  if (Array.isArray(value) && value.every((code) => typeof code === "number")) return value;
  if (
    typeof value !== "string" || !/^\s*(\d{1,3}|SIG[A-Z0-9]+)([\s,]+(\d{1,3}|SIG[A-Z0-9]+))*\s*$/.test(value)
  ) {
    return undefined;
  }
  return value.trim().split(/[\s,]+/).map((word) => /^\d/.test(word) ? Number(word) : word);
}

export function restartPolicy(value: unknown): string | undefined {
  return POLICIES.get(value);
}

const POLICIES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ["Always", "always"],
  ["OnFailure", "on-failure"],
  ["Never", "no"],
  ["no", "no"],
  ["always", "always"],
  ["on_failure", "on-failure"],
  ["on-failure", "on-failure"],
  ["any", "always"],
  ["none", "no"],
  ["exit_on_failure", "no"],
  [true, "always"],
  [false, "no"],
]);

/** One program or folder, without arguments. */
export function oneWord(value: unknown): string | undefined {
  return typeof value === "string" && /^\S+$/.test(value) ? value : undefined;
}

/** A list of arguments. */
export function wordList(value: unknown): unknown {
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** An object of texts, or a list of `NAME=value`. */
export function variables(value: unknown): unknown {
  const pairs = Array.isArray(value)
    ? value.map((line) => /^(\w+)=(.*)$/s.exec(textOf(line))?.slice(1) ?? [])
    : Object.entries(fieldsOf(value));
  const areTexts = pairs.every(([name, text]) => name !== undefined && typeof text === "string");
  return areTexts && pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/** A list of ids, or an object with a condition each, such as `service_healthy`. */
export function dependencies(value: unknown): unknown {
  if (Array.isArray(value)) return value.every((id) => typeof id === "string") ? value : undefined;
  const after = Object.entries(fieldsOf(value)).map(([id, how]) => {
    const { condition, restart } = fieldsOf(how);
    const name = textOf(condition);
    const known = {
      id,
      condition: Object.hasOwn(FAMILIAR_CONDITIONS, name) ? FAMILIAR_CONDITIONS[name] : undefined,
    };
    return restart === true ? { ...known, restart } : known;
  });
  return after.length > 0 && after.every(({ condition }) => condition !== undefined) ? after : undefined;
}

export function httpGet(value: unknown): unknown {
  const { port, path, host, scheme, ...more } = fieldsOf(value);
  const plain = [path, host, scheme].every((text) => text === undefined || typeof text === "string");
  if (typeof port !== "number" || !plain || Object.keys(more).length > 0) return undefined;
  if (host === undefined && scheme === undefined) return path === undefined ? { port } : { port, path };
  return { url: `${String(scheme ?? "http").toLowerCase()}://${host ?? "127.0.0.1"}:${port}${path ?? "/"}` };
}

/** A whole healthcheck of compose, as a readiness probe. */
export function healthcheck(value: unknown): unknown {
  const { test, interval, timeout, retries } = fieldsOf(value);
  const command = healthTest(test);
  if (command === undefined) return undefined;
  const fields = {
    command,
    period: seconds(interval),
    timeout: seconds(timeout),
    failureThreshold: count(retries),
  };
  return present(fields);
}

/** What compose has in `deploy`. */
export function replicas(value: unknown): number | undefined {
  return count(fieldsOf(value).replicas);
}

/** process-compose's `availability`. */
export function availability(value: unknown): string | undefined {
  return restartPolicy(fieldsOf(value).restart);
}

/** pm2 leaves what a program has started when this is false. */
export function treekill(value: unknown): string | undefined {
  return parentOnly(isEnabled(value));
}

/** Whether a child starts with its tree, said the other way round. */
export function isEnabled(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? !value : undefined;
}

export function tcpSocket(value: unknown): unknown {
  const { port, host } = fieldsOf(value);
  if (typeof port !== "number") return undefined;
  return typeof host === "string" ? { port, host } : { port };
}

/** Compose's: without its first word, which says who runs it. */
export function healthTest(value: unknown): unknown {
  const [how, ...command] = Array.isArray(value) ? value : [];
  if (how === "CMD-SHELL") return wordList(["sh", "-c", ...command]);
  return how === "CMD" ? wordList(command) : typeof value === "string" ? ["sh", "-c", value] : undefined;
}

/** One file, or a list of some, or of objects that have a path. */
export function files(value: unknown): unknown {
  const isFile = (file: unknown) => typeof file === "string" || typeof fieldsOf(file).path === "string";
  return (Array.isArray(value) ? value.every(isFile) : isFile(value)) ? value : undefined;
}

export function trueOrFalse(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** Whom the stop signal of process-compose goes to. */
export function parentOnly(value: unknown): string | undefined {
  return value === true ? "process" : value === false ? "group" : undefined;
}

export function exec(value: unknown): unknown {
  const { command } = fieldsOf(value);
  return Array.isArray(command) && command.every((word) => typeof word === "string") ? command : undefined;
}

/** The fields of an object; none of another value. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

export function decimal(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number > 0 ? number : undefined;
}

/** What a startup, readiness or liveness probe has here already, outside "probes". */
export function ownProbe(value: unknown): unknown {
  const fields = Object.keys(fieldsOf(value));
  const handlers = ["http", "tcp", "command", "heartbeat", "message"];
  return handlers.some((handler) => fields.includes(handler)) ? value : undefined;
}

/** process-compose's `shutdown`, as `stop`. */
export function stopSequence(value: unknown): unknown {
  const { command, signal, timeout_seconds: timeout, parent_only: parent } = fieldsOf(value);
  const stop = present({
    command: typeof command === "string" ? ["sh", "-c", command] : undefined,
    signal: SIGNALS.get(signal),
    term: seconds(timeout),
    scope: parentOnly(parent),
  });
  return Object.keys(stop).length === 0 ? undefined : stop;
}

const SIGNALS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [10, "SIGUSR1"],
  [12, "SIGUSR2"],
]);

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
}
