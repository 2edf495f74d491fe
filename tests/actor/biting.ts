/**
 * Values that fail whoever looks at them.
 *
 * @module
 */

function boom(): never {
  throw new Error("it bites");
}

/** A proxy that was revoked: to look at it in any way throws. */
export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** A proxy that throws from each trap. */
export function trapped(target: object = {}): object {
  const names = ["get", "has", "set", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"];
  return new Proxy(target, Object.fromEntries(names.map((name) => [name, boom])));
}

function withField(field: string): Error {
  return Object.defineProperty(new Error("fine"), field, { get: boom, enumerable: true });
}

class Endless extends Error {
  override get cause(): Error {
    return new Endless();
  }
}

/** Errors, by what is wrong with them. */
export const bitingErrors: Readonly<Record<string, () => Error>> = {
  message: () => withField("message"),
  cause: () => withField("cause"),
  stack: () => withField("stack"),
  name: () => withField("name"),
  code: () => withField("code"),
  death: () => withField("death"),
  constructor: () => withField("constructor"),
  toString: () => Object.assign(new Error("fine"), { toString: boom, [Symbol.toPrimitive]: boom }),
  ring() {
    const error = new Error("its own cause");
    error.cause = error;
    return error;
  },
  longRing() {
    const first = new Error("first");
    first.cause = new Error("second", { cause: new Error("third", { cause: first }) });
    return first;
  },
  endless: () => new Endless("endless"),
  objectMessage: () => Object.assign(new Error(), { message: { toString: boom } }),
  symbolMessage: () => Object.assign(new Error(), { message: Symbol("m") }),
  proxied: () => trapped(new Error("inside")) as Error,
};

/** All sorts of values, by what is wrong with them. */
export const BITING: Readonly<Record<string, () => unknown>> = {
  ...bitingErrors,
  nothing: () => undefined,
  none: () => null,
  symbol: () => Symbol("s"),
  bigint: () => 1n,
  bare: () => Object.create(null),
  textless: () => ({ toString: boom }),
  primitiveless: () => ({ [Symbol.toPrimitive]: boom }),
  tagless: () => Object.defineProperty({}, Symbol.toStringTag, { get: boom }),
  textlessFunction: () => Object.assign(() => {}, { toString: boom, [Symbol.toPrimitive]: boom }),
  revoked,
  trapped: () => trapped(),
  revokedFunction() {
    const { proxy, revoke } = Proxy.revocable(() => {}, {});
    revoke();
    return proxy;
  },
};
