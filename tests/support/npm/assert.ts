/**
 * `@std/assert` for a machine that reaches only the npm registry: std's own JavaScript, given std's types.
 * Only what the tests use is here; an assertion that is missing is one line away.
 */
// deno-lint-ignore-file no-explicit-any -- std's own signatures use it
import { assert as assert_ } from "npm:deno-std@1.4.0/assert/assert.js";
import { assertArrayIncludes as arrayIncludes } from "npm:deno-std@1.4.0/assert/array_includes.js";
import { AssertionError as AssertionError_ } from "npm:deno-std@1.4.0/assert/assertion_error.js";
import { assertEquals as equals } from "npm:deno-std@1.4.0/assert/equals.js";
import { assertExists as exists } from "npm:deno-std@1.4.0/assert/exists.js";
import { fail as fail_ } from "npm:deno-std@1.4.0/assert/fail.js";
import { assertFalse as false_ } from "npm:deno-std@1.4.0/assert/false.js";
import { assertGreater as greater } from "npm:deno-std@1.4.0/assert/greater.js";
import { assertGreaterOrEqual as greaterOrEqual } from "npm:deno-std@1.4.0/assert/greater_or_equal.js";
import { assertInstanceOf as instanceOf } from "npm:deno-std@1.4.0/assert/instance_of.js";
import { assertIsError as isError } from "npm:deno-std@1.4.0/assert/is_error.js";
import { assertLess as less } from "npm:deno-std@1.4.0/assert/less.js";
import { assertLessOrEqual as lessOrEqual } from "npm:deno-std@1.4.0/assert/less_or_equal.js";
import { assertMatch as match } from "npm:deno-std@1.4.0/assert/match.js";
import { assertNotEquals as notEquals } from "npm:deno-std@1.4.0/assert/not_equals.js";
import { assertNotMatch as notMatch } from "npm:deno-std@1.4.0/assert/not_match.js";
import { assertNotStrictEquals as notStrictEquals } from "npm:deno-std@1.4.0/assert/not_strict_equals.js";
import { assertObjectMatch as objectMatch } from "npm:deno-std@1.4.0/assert/object_match.js";
import { assertRejects as rejects } from "npm:deno-std@1.4.0/assert/rejects.js";
import { assertStrictEquals as strictEquals } from "npm:deno-std@1.4.0/assert/strict_equals.js";
import { assertStringIncludes as stringIncludes } from "npm:deno-std@1.4.0/assert/string_includes.js";
import { assertThrows as throws } from "npm:deno-std@1.4.0/assert/throws.js";
import { unreachable as unreachable_ } from "npm:deno-std@1.4.0/assert/unreachable.js";

type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;
type Compare = <T>(actual: T, expected: T, msg?: string) => void;
type MatchText = (actual: string, expected: RegExp, msg?: string) => void;

/** What `assertFalse` lets through. */
export type Falsy = false | 0 | 0n | "" | null | undefined;
/** An array or array-like object, but no string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** What every assertion throws. */
export interface AssertionError extends Error {
  readonly name: "AssertionError";
}

// `asserts` works only through a declared function type, hence the annotations; functions with overloads are
// declared as such so that TypeScript resolves them at the call.
export const AssertionError: new (message: string, options?: ErrorOptions) => AssertionError =
  AssertionError_;
export const assert: (expr: unknown, msg?: string) => asserts expr = assert_;
export const assertArrayIncludes: <T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
) => void = arrayIncludes;
export const assertEquals: Compare = equals;
export const assertExists: <T>(actual: T, msg?: string) => asserts actual is NonNullable<T> = exists;
export const assertFalse: (expr: unknown, msg?: string) => asserts expr is Falsy = false_;
export const assertGreater: Compare = greater;
export const assertGreaterOrEqual: Compare = greaterOrEqual;
export const assertInstanceOf: <T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expectedType: T,
  msg?: string,
) => asserts actual is InstanceType<T> = instanceOf;
export const assertIsError: <E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
) => asserts error is E = isError;
export const assertLess: Compare = less;
export const assertLessOrEqual: Compare = lessOrEqual;
export const assertMatch: MatchText = match;
export const assertNotEquals: Compare = notEquals;
export const assertNotMatch: MatchText = notMatch;
export const assertNotStrictEquals: Compare = notStrictEquals;
export const assertObjectMatch: (
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
) => void = objectMatch;
export const assertStrictEquals: <T>(actual: unknown, expected: T, msg?: string) => asserts actual is T =
  strictEquals;
export const assertStringIncludes: (actual: string, expected: string, msg?: string) => void = stringIncludes;
export const assertRejects: {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: ErrorClass<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
} = rejects;
export const assertThrows: {
  (fn: () => unknown, msg?: string): unknown;
  <E extends Error = Error>(
    fn: () => unknown,
    ErrorClass: ErrorClass<E>,
    msgIncludes?: string,
    msg?: string,
  ): E;
} = throws;
export const fail: (msg?: string) => never = fail_;
export const unreachable: (msg?: string) => never = unreachable_;
