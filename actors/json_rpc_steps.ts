/**
 * The handshake and the goodbye of a JSON-RPC family, of the steps in a manifest: each is taken when the one before it
 * is done.
 */

import { JsonRpcError, type JsonValue, OutriderError } from "@outrider/outrider";
import type { GoodbyeStep, HelloStep } from "@outrider/outrider/options";
import { type JsonRpcPeer, sampleOf } from "@outrider/outrider/protocol";

/** The answer to a request of `hello` is not the one that is expected there. */
export class HelloAnswerError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "hello_answer";
  /** The method of the request. */
  readonly method: string;
  /** The place in the answer, such as `result.protocolVersion`. */
  readonly place: string;

  /** Made by the handshake; `why` says what is there and what is expected. */
  constructor(method: string, place: string, why: string) {
    super(`Cannot take the answer to ${JSON.stringify(method)} for what "hello" expects: ${place} is ${why}`);
    this.method = method;
    this.place = place;
  }
}

/** The handshake of these steps; an error as an answer, or an answer that is not expected, fails it. */
export function handshakeOf(steps: readonly HelloStep[]): (server: JsonRpcPeer) => Promise<void> {
  return async (server) => {
    for (const step of steps) {
      if ("notify" in step) {
        server.notify(step.notify, step.params);
        continue;
      }
      const result = await server.request(step.request, step.params).catch((error) => {
        throw error instanceof JsonRpcError ? refusalOf(step.request, error) : error;
      });
      if (step.expect === undefined) continue;
      const found = differenceOf(result, step.expect, "result");
      if (found !== undefined) throw new HelloAnswerError(step.request, found.place, found.why);
    }
  };
}

/** A server that refuses a handshake often says little: which step it was, and the code, say more. */
function refusalOf(method: string, { code, message, data }: JsonRpcError): JsonRpcError {
  const error = Number.isNaN(code) ? "an error" : `the error ${code}`;
  return new JsonRpcError(code, `${JSON.stringify(method)} was answered with ${error}: ${message}`, data);
}

/**
 * The goodbye of these steps. A refusal counts as an answer, and a request that goes unanswered is waited for until the time
 * is up: what comes behind it is said in any case. Behind a notification it waits for the server's end.
 */
export function goodbyeOf(
  steps: readonly GoodbyeStep[],
): (server: JsonRpcPeer, timeUp: AbortSignal) => Promise<void> {
  return async (server, timeUp) => {
    const rest = [...steps];
    const say = (step: GoodbyeStep): Promise<unknown> | void => {
      if ("request" in step) return server.request(step.request, step.params).catch(() => {});
      server.notify(step.notify, step.params);
    };
    // At once: stdin is closed when the listeners have returned.
    timeUp.addEventListener("abort", () => rest.splice(0).forEach(say), { once: true });
    for (let step = rest.shift(); step !== undefined && !server.signal.aborted; step = rest.shift()) {
      await say(step);
    }
    if (!("notify" in steps.at(-1)!) || server.signal.aborted) return;
    await new Promise((resolve) => server.signal.addEventListener("abort", resolve, { once: true }));
  };
}

/** Where `actual` lacks what `expected` has, and what is there; `undefined`: nowhere. */
function differenceOf(
  actual: JsonValue | undefined,
  expected: unknown,
  place: string,
): { readonly place: string; readonly why: string } | undefined {
  const areComparable = isRecord(expected) && isRecord(actual) &&
    (Array.isArray(expected)
      ? Array.isArray(actual) && actual.length === expected.length
      : !Array.isArray(actual));
  if (!areComparable) {
    return actual === expected ? undefined : { place, why: `${written(actual)}, not ${written(expected)}` };
  }
  for (const [key, value] of Object.entries(expected)) {
    const inside = Array.isArray(expected) ? `${place}[${key}]` : `${place}.${key}`;
    const found = differenceOf(Object.hasOwn(actual, key) ? actual[key] : undefined, value, inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null;
}

function written(value: unknown): string {
  return value === undefined ? "missing" : sampleOf(JSON.stringify(value));
}
