/**
 * The protocol of a control socket: one JSON object a line, both ways.
 *
 * A request has an `id` that its reply carries; replies come as they are done, not in the order of the requests. A
 * stream has lines with an `item` before its reply, of which the client says how many it takes (`credit`).
 * Each side validates input (`messages.ts`, `methods/`), and buffers no more than the limits here.
 */

import type { LogLevel } from "../events.ts";
import type { ChildStatus, TreePhase } from "../supervision/status.ts";
import type { SupervisionErrorCode } from "../supervision/supervision_errors.ts";

export type { TreePhase } from "../supervision/status.ts";

/**
 * The version of the protocol. Within one, methods and fields of replies are added, and none changes its meaning: a
 * client ignores fields that it does not know, and asks `hello` for the methods.
 */
export const PROTOCOL_VERSION = 2;
/** The longest request, in bytes, without its newline; a longer one ends the connection. */
export const MAX_REQUEST_BYTES = 4_194_304;
/** The longest reply that a client takes, in bytes: enough for the status of 30,000 children. */
export const MAX_REPLY_BYTES = 16_777_216;
/** Connections at a time; one more receives `busy` and is closed. */
export const MAX_CLIENTS = 16;
/** Requests that wait for a start or a stop, over all connections; one more receives `busy`. */
export const MAX_PENDING = 64;
/** Streams of one connection at a time; one more receives `busy`. */
export const MAX_STREAMS = 16;
/** Asks of one connection at a time; one more receives `busy`. */
export const MAX_ASKS = 1_024;
/** Items that a stream may have sent ahead, at most: the credit of a client is cut to it. */
export const MAX_CREDIT = 65_536;
/** Milliseconds after which a connection that asks nothing and waits for nothing is closed. */
export const CLIENT_IDLE_MS = 30_000;
/** Milliseconds that a client may take to read a reply before its connection is closed. */
export const REPLY_WITHIN_MS = 5_000;

/** A request to a running tree that has one reply. */
export type ControlRequest =
  /** Which protocol the runtime speaks, and who it is. */
  | { readonly method: "hello" }
  /** The tree as it stands. */
  | { readonly method: "status" }
  /** What the processes of its children use. */
  | { readonly method: "usage" }
  /** The last incarnations of a child, the latest first. */
  | { readonly method: "why"; readonly child: string }
  /** Starts the child at the path `child`; one that runs, or waits for a restart, is stopped first. */
  | { readonly method: "restart"; readonly child: string }
  /** Stops the child at the path `child`; it stays stopped until it is restarted by hand or with its group. */
  | { readonly method: "terminate"; readonly child: string }
  /** Sends a signal to the process of a child, or to its whole group. */
  | {
    readonly method: "signal";
    readonly child: string;
    readonly signal: string;
    readonly scope?: "group" | "process" | undefined;
  }
  /** Stops the whole tree, as SIGTERM does. */
  | { readonly method: "stop" };

/** A request whose reply has items before it, each of which the client has given credit for. */
export type StreamRequest =
  /** Starts, stops or restarts children, one item each; `children` are paths and patterns. It goes on without its client. */
  | { readonly method: "act"; readonly action: ControlAction; readonly children: readonly string[] }
  /** The events from now on, as data: those of `path` and below it, and of `types`; default: all but `output`. */
  | {
    readonly method: "events";
    readonly path?: string | undefined;
    readonly types?: readonly string[] | undefined;
    /** `text`: as lines of a timeline. Default `data`. */
    readonly as?: "data" | "text" | undefined;
  }
  /** The last lines that children printed, merged by time: parts with `lines`, `lost` or `older`. */
  | {
    readonly method: "logs";
    /** Paths and patterns. Default: all children. */
    readonly children?: readonly string[] | undefined;
    /** The last so many. Default: all that are kept. */
    readonly last?: number | undefined;
    /** From that time on: milliseconds since 1970. */
    readonly since?: number | undefined;
    /** A regular expression: only lines that have it. */
    readonly grep?: string | undefined;
    /** Only lines of that level, and of those above it. Default: all. */
    readonly level?: LogLevel | undefined;
    /** Goes on with those that come. */
    readonly follow?: boolean | undefined;
  }
  /** Runs a child once more, beside it, until it ends or the client is gone. The result is a {@linkcode RunReport}. */
  | {
    readonly method: "run";
    readonly child: string;
    /** Behind its own. */
    readonly args?: readonly string[] | undefined;
    /** What it is called after. Default `run`. */
    readonly as?: "run" | "pipe" | undefined;
  }
  /** Waits, without items, until a child, or the whole tree, is as wanted. */
  | { readonly method: "wait"; readonly child?: string | undefined; readonly for: WaitedState };

/** An item of `run`. */
export type RunItem =
  /** First of all: the path at which it runs, which `feed`, and any other method, takes. */
  | { readonly started: string }
  /** Bytes of its standard output, in base64. */
  | { readonly stdout: string }
  /** Lines of its standard error. */
  | { readonly stderr: readonly string[] }
  /** So many lines of that were not read in time. */
  | { readonly lost: number };

/** The result of `run`. */
export interface RunReport {
  /** Its exit code. */
  readonly code: number;
  /** The signal that has ended it, if one has. */
  readonly signal?: string | undefined;
}

/** One incarnation of a child, looked at later. Times are milliseconds since 1970. */
export interface Life {
  /** Counted from 1. */
  readonly generation: number;
  /** When its start began. */
  readonly startedAt: number;
  /** When it was ready, if it was. */
  readonly readyAt?: number | undefined;
  /** When it ended, if it has. */
  readonly endedAt?: number | undefined;
  /** Of its process. */
  readonly pid?: number | undefined;
  /** What an operator had asked for, where that has started it. */
  readonly asked?: string | undefined;
  /** How it ended, as a clause. */
  readonly end?: string | undefined;
  /** What its supervisor decided then, as a clause. */
  readonly decision?: string | undefined;
}

/** The result of `why`. */
export interface WhyReport {
  /** The runtime's clock. */
  readonly now: number;
  /** The child as it stands. */
  readonly child: ChildReport;
  /** The latest first. */
  readonly lives: readonly Life[];
}

/** What can be done to children by hand. */
export type ControlAction = "start" | "stop" | "restart";

/** What can be waited for. */
export type WaitedState = "ready" | "stopped";

/** The stable codes of refused requests, which docs/errors.md explains. Those of supervisors are passed on unchanged. */
export type ControlRefusal =
  | SupervisionErrorCode
  | "bad_request"
  | "too_long"
  | "busy"
  | "temporary"
  | "start_failed"
  | "unsupported"
  | "never"
  | "no_process"
  | "internal";

/** The result of `hello`. */
export interface HelloReport {
  /** See {@linkcode PROTOCOL_VERSION}. */
  readonly protocol: number;
  /** The version of Outrider. */
  readonly version?: string | undefined;
  /** Of the runtime. */
  readonly pid: number;
  /** The tree's name. */
  readonly name: string;
  /** The manifest that it runs, or the executable that it is, where it is one; absolute. */
  readonly file?: string | undefined;
  /** The file, or the folder, of the log of the whole tree, where it has one; absolute. */
  readonly log?: string | undefined;
  /** The methods that it knows. */
  readonly methods: readonly string[];
}

/** What a child's process and all that it has started use. */
export interface ChildUsage {
  /** The child's. */
  readonly path: string;
  /** Bytes in RAM, where that is known. */
  readonly memory?: number | undefined;
  /** Processor time so far, in ms, where that is known. */
  readonly cpu?: number | undefined;
  /** When it last wrote a line, in milliseconds since 1970. */
  readonly lastOutput?: number | undefined;
  /** How many lines it has written, in all its incarnations. */
  readonly lines?: number | undefined;
}

/** The result of `usage`. */
export interface UsageReport {
  /** Whether the runtime may read what processes use: by the program `ps`. */
  readonly isKnown: boolean;
  /** Those of which something is known. */
  readonly children: readonly ChildUsage[];
}

/** An item of `act`: what became of one child. */
export interface ActReport {
  /** The child's. */
  readonly path: string;
  /** The child as it is then; `null` if its supervisor has forgotten it. */
  readonly child: ChildReport | null;
  /** Whether it was as wanted already. */
  readonly already?: boolean | undefined;
  /** Whether it was in quarantine, and its restart budget is whole again. */
  readonly released?: boolean | undefined;
  /** Running siblings that start after a child that was stopped. */
  readonly dependents?: readonly string[] | undefined;
  /** Why it was not done. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** A child as it stands, with the record of its events; those below it are reported behind it. */
export interface ChildReport extends Omit<ChildStatus, "id" | "restarts" | "children"> {
  /** How often it was started again. */
  readonly restarts?: number | undefined;
}

/** The result of `status`. */
export interface TreeReport {
  /** The tree's name. */
  readonly name: string;
  /** The runtime's clock, in milliseconds since 1970: other times are to be compared with it. */
  readonly now: number;
  /** When the tree began to start, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether anything runs, or will without a further request. */
  readonly active: boolean;
  /** Where the tree as a whole stands; a runtime of an older version does not say. */
  readonly phase?: TreePhase | undefined;
  /** All children, each followed by those below it, in start order. */
  readonly children: readonly ChildReport[];
}

/** The longest text that a client may number a request with, in characters. */
export const MAX_ID = 64;

/** A request's number, chosen by the client. */
export type RequestId = number | string;

/** Whether `value` can number a request. */
export function isRequestId(value: unknown): value is RequestId {
  return Number.isFinite(value) || (typeof value === "string" && value.length <= MAX_ID);
}

/** One line of a client that asks for something. */
export type RequestLine = { readonly id: RequestId; readonly method: string; readonly credit?: number };

/** A line of a client about its stream `id`: it takes so many items more, or no more at all. */
export type CreditLine = Readonly<
  { id: RequestId; method: "credit"; items: number } | { id: RequestId; method: "cancel" }
>;

/** What went wrong, with a value that helps a program, where there is one. */
export interface ReplyError {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** The last line about a request; `id` is `null` where the request could not be identified. */
export type ReplyLine = Readonly<
  | { id: RequestId; result: unknown }
  | { id: RequestId | null; error: ReplyError }
>;

/** One line of the runtime. */
export type ServerLine = ReplyLine | { readonly id: RequestId; readonly item: unknown };
