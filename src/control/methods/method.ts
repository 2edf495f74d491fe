/**
 * What a method of the protocol is: the fields of its request, and how it is answered.
 *
 * Used by the server, which knows no method by name, and by the tables of methods: `methods.ts` here has what a tree can
 * do by itself, and `up` adds what takes a process, a log or a pool to know. A request is taken to the letter, so that a
 * misspelt field does not do something else.
 */

import type { CommandHandler, CommandTarget } from "../commands.ts";
import { isRequestId, MAX_ID, type RequestLine } from "../protocol.ts";

/** A tree that can be acted on over a socket. */
export interface ControlledTree extends CommandTarget {
  /** The version of the program that it runs in, for `hello`. */
  readonly version?: string | undefined;
  /** The manifest that it runs, for `hello`. */
  readonly file?: string | undefined;
  /** The file, or the folder, of the log of the whole tree, for `hello`. */
  readonly log?: string | undefined;
  /** Further methods, by name. */
  readonly methods?: ControlMethods | undefined;
}

/** A field of a request. */
export interface MethodField {
  /** What it takes, behind "it takes". */
  readonly takes: string;
  /** Whether a value is that. */
  readonly fits: (value: unknown) => boolean;
  /** Whether it may be left out. Default `false`. */
  readonly isOptional?: boolean;
}

/** What a method has at hand. */
export interface MethodContext {
  /** The tree that is asked. */
  readonly tree: ControlledTree;
  /** What can be done to its children. */
  readonly commands: CommandHandler;
  /** Aborts when the client cancels or is gone, and when the tree has ended. */
  readonly signal: AbortSignal;
}

/** The fields of a request, which were checked. */
export type MethodRequest = Readonly<Record<string, unknown>>;

/** A method; it throws a `Refusal` for what it does not do. */
export type ControlMethod =
  & { readonly fields?: Readonly<Record<string, MethodField>> }
  & (
    /** Answers at once. */
    | { readonly answer: (request: MethodRequest, context: MethodContext) => unknown }
    /** Takes time, and is carried out to its end also when its client is gone. */
    | { readonly perform: (request: MethodRequest, context: MethodContext) => Promise<unknown> }
    /**
     * Sends items, each of which is taken when the client has given credit for it, and returns the result. A source that
     * does not wait for its reader has to count what it drops.
     */
    | {
      readonly stream: (request: MethodRequest, context: MethodContext) => AsyncGenerator<unknown, unknown>;
      /** Whether it counts as an ask, of which there may be many at a time. Default `false`. */
      readonly isAsk?: boolean;
    }
  );

/** Methods by name. */
export type ControlMethods = Readonly<Record<string, ControlMethod>>;

/** The longest path of a child, in characters. */
const MAX_CHILD_PATH = 4_096;
/** Paths and patterns in one request. */
const MAX_CHILDREN = 1_024;

/** The path of a child. */
export const CHILD_FIELD: MethodField = {
  takes: `the path of a child, of at most ${MAX_CHILD_PATH} characters`,
  fits: isPath,
};

/** Paths and patterns of children. */
export const CHILDREN_FIELD: MethodField = {
  takes: `a list of 1 to ${MAX_CHILDREN} paths and patterns`,
  fits: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MAX_CHILDREN && value.every(isPath),
};

/** Bytes, which may be left out. */
export const BYTES_FIELD: MethodField = { takes: "bytes in base64", fits: isBase64, isOptional: true };

/** One of a few words. */
export function oneOf(...words: readonly string[]): MethodField {
  return { takes: words.join(", "), fits: (value) => words.includes(value as string) };
}

/** A whole number from `min` on. */
export function countField(min: number): MethodField {
  return {
    takes: `a whole number from ${min} on`,
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= min,
  };
}

/** The same, where it may be left out. */
export function optional(field: MethodField): MethodField {
  return { ...field, isOptional: true };
}

const CREDIT = optional(countField(0));

/** The request that `value` is, or what is wrong with it. */
export function readRequest(
  value: unknown,
  methods: ControlMethods,
): { readonly request: RequestLine & MethodRequest } | { readonly wrong: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { wrong: "it is not a JSON object" };
  }
  const request = value as Partial<RequestLine> & MethodRequest;
  const { id, method } = request;
  if (!isRequestId(id)) return { wrong: `id: it takes a number, or a text of at most ${MAX_ID} characters` };
  if (typeof method !== "string" || !Object.hasOwn(methods, method)) {
    return { wrong: `method: it takes ${Object.keys(methods).join(", ")}` };
  }
  const found = methods[method]!;
  const fields: Readonly<Record<string, MethodField>> = {
    ...found.fields,
    ..."stream" in found && { credit: CREDIT },
  };
  const unknown = Object.keys(request).find((name) =>
    name !== "id" && name !== "method" && !Object.hasOwn(fields, name)
  );
  if (unknown !== undefined) return { wrong: `${unknown.slice(0, MAX_ID)}: ${method} takes no such field` };
  for (const [name, { takes, fits, isOptional = false }] of Object.entries(fields)) {
    if (request[name] === undefined ? !isOptional : !fits(request[name])) {
      return { wrong: `${name}: it takes ${takes}` };
    }
  }
  return { request: request as RequestLine & MethodRequest };
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_CHILD_PATH;
}

function isBase64(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    Uint8Array.fromBase64(value);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
