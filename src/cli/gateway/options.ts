/**
 * How a gateway is run, as a command line says it.
 */

import type { LogLevel } from "../../events.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { GatewayOptions } from "../../gateway/gateway_options.ts";
import type { UpstreamOptions } from "../../gateway/upstream.ts";
import { LOG_LEVELS } from "../../log.ts";
import { REPORT_FORMATS, type ReportFormat, TIME_STYLES, type TimeStyle } from "../../report/options.ts";
import type { McpChild, NamedServer } from "./server_names.ts";
import { parseOneOf, parseTime, UsageError } from "../verb.ts";

/** The options of the verb. */
export const GATEWAY_OPTIONS = {
  http: { type: "string" },
  "token-file": { type: "string" },
  allow: { type: "list" },
  deny: { type: "list" },
  "bare-names": { type: "boolean", default: false },
  "control-tools": { type: "boolean", default: false },
  timeout: { type: "list" },
  concurrency: { type: "list" },
  "restart-hung": { type: "list" },
  "open-within": { type: "string" },
  only: { type: "list" },
  // Those of `inputs.ts`, which is loaded where one is given.
  input: { type: "list" },
  "inputs-file": { type: "string" },
  "need-all": { type: "boolean", default: false },
  "stop-within": { type: "string" },
  "log-format": { type: "string", default: "text" },
  "log-level": { type: "string", default: "info" },
  time: { type: "string", default: "clock" },
} as const;

/** What of them is read here. */
export interface GatewayValues {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly "bare-names": boolean;
  readonly "control-tools": boolean;
  readonly timeout?: readonly string[];
  readonly concurrency?: readonly string[];
  readonly "restart-hung"?: readonly string[];
  readonly "open-within"?: string;
  readonly "need-all": boolean;
  readonly "stop-within"?: string;
  readonly "log-format": string;
  readonly "log-level": string;
  readonly time: string;
}

/** What is said of one server. */
export interface ServerLimits extends Pick<UpstreamOptions, "timeout" | "concurrency"> {
  /** Milliseconds for its answer to a `ping`, after which it is restarted. */
  readonly hungAfter?: number | undefined;
}

/** The way in for clients, once it is open. */
export interface GatewayFront {
  /** Fulfilled when no client can come any more, with the reason why. */
  readonly ended: Promise<string>;
  /** Ends it. */
  close?(): Promise<void>;
}

/** How a gateway is run. */
export interface GatewayRunOptions {
  /** Absolute: of the manifest. */
  readonly file: string;
  readonly format: ReportFormat;
  readonly level: LogLevel;
  readonly time: TimeStyle;
  readonly warnings?: readonly string[] | undefined;
  /** Whether a program that is missing ends it. */
  readonly needsAll: boolean;
  readonly stopWithin?: number | undefined;
  readonly controlTools: boolean;
  /** The servers that options name, which must be there. */
  readonly named: readonly NamedServer[];
  readonly gateway: Pick<GatewayOptions, "allow" | "deny" | "bareNames" | "openWithin">;
  /** The limits of a server. */
  readonly limitsOf: (
    server: Pick<McpChild, "name" | "path">,
  ) => ServerLimits & Pick<UpstreamOptions, "disabledTools">;
  /** Lets clients in. */
  readonly open: (
    gateway: Gateway,
    to: { readonly warn: (message: string) => void },
  ) => Promise<GatewayFront>;
}

/** Reads them. @throws {UsageError} */
export function gatewayRunOptions(
  values: GatewayValues,
): Omit<GatewayRunOptions, "file" | "open" | "warnings" | "limitsOf"> & {
  /** What is said of a server, by its name. */
  readonly limitsOf: (name: string) => ServerLimits;
} {
  const within = values["stop-within"];
  const opened = values["open-within"];
  const named: NamedServer[] = [];
  const limits = (
    option: string,
    written: readonly string[] | undefined,
    read = (text: string) => parseTime(option, text),
  ) => limitsBy(option, { written, read, onNamed: (name) => void named.push({ option, name }) });
  const timeouts = limits("--timeout", values.timeout);
  const hung = limits("--restart-hung", values["restart-hung"]);
  const concurrency = limits("--concurrency", values.concurrency, (text) => {
    const count = Number(text);
    if (Number.isSafeInteger(count) && count > 0) return count;
    throw new UsageError(
      `Cannot use --concurrency ${text}: it takes a number from 1 on, such as 4 or files=1`,
    );
  });
  return {
    format: parseOneOf("--log-format", values["log-format"], REPORT_FORMATS),
    level: parseOneOf("--log-level", values["log-level"], LOG_LEVELS),
    time: parseOneOf("--time", values.time, TIME_STYLES),
    needsAll: values["need-all"],
    stopWithin: within === undefined ? undefined : parseTime("--stop-within", within),
    controlTools: values["control-tools"],
    named,
    gateway: {
      allow: values.allow?.length ? values.allow : undefined,
      deny: values.deny,
      bareNames: values["bare-names"],
      openWithin: opened === undefined ? undefined : parseTime("--open-within", opened),
    },
    limitsOf: (name) => ({ timeout: timeouts(name), concurrency: concurrency(name), hungAfter: hung(name) }),
  };
}

/** `VALUE` is for all, `NAME=VALUE` for one of that name. */
function limitsBy(
  option: string,
  { written = [], read, onNamed }: {
    readonly written: readonly string[] | undefined;
    readonly read: (text: string) => number;
    readonly onNamed: (name: string) => void;
  },
): (name: string) => number | undefined {
  const found = new Map<string | undefined, number>();
  for (const each of written) {
    const cut = each.indexOf("=");
    if (cut === 0) {
      throw new UsageError(`Cannot use ${option} ${each}: the name of a server is missing before "="`);
    }
    const name = cut < 0 ? undefined : each.slice(0, cut);
    if (name !== undefined) onNamed(name);
    found.set(name, read(each.slice(cut + 1)));
  }
  return (name) => found.get(name) ?? found.get(undefined);
}
