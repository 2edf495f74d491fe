import { assertEquals, assertStrictEquals } from "@std/assert";
import { asError, asExit, deathOfError, ThrownValueError } from "../../src/actor/exit.ts";
import { IncarnationEndedError, OptionError } from "../../src/actor/actor_errors.ts";
import {
  causesOf,
  errorMessage,
  isError,
  isThenable,
  MAX_CAUSES,
  onRejection,
  readField,
  textOfValue,
} from "../../src/actor/user_value.ts";
import { BITING, bitingErrors, revoked } from "./biting.ts";

Deno.test("readers of user values never throw when the value is hostile", () => {
  for (const [name, make] of Object.entries(BITING)) {
    const value = make();
    assertEquals(typeof isError(value), "boolean", name);
    assertEquals(typeof errorMessage(value), "string", name);
    assertEquals(typeof textOfValue(value), "string", name);
    assertEquals([...causesOf(value)].length <= MAX_CAUSES, true, name);
    readField(value, "message");
    const error = asError(value);
    assertEquals([error instanceof Error, typeof error.message], [true, "string"], name);
    const ended = new IncarnationEndedError("a", 1, { reason: "crash", cause: value as Error });
    assertEquals(typeof ended.message, "string", name);
    assertEquals(typeof deathOfError(value).kind, "string", name);
  }
});

Deno.test("an error stays itself when its message can be read, and is the cause of another when it can't", () => {
  for (const [name, make] of Object.entries(bitingErrors)) {
    const error = make();
    const own = asError(error);
    if (own === error) assertEquals(typeof error.message, "string", name);
    else assertStrictEquals(own.cause, error, name);
  }
  assertEquals(asError(bitingErrors.message!()).message, new ThrownValueError(new Error()).message);
});

Deno.test("a chain of causes is cut when it is a ring or has no end", () => {
  assertEquals([...causesOf(bitingErrors.ring!())].length, MAX_CAUSES);
  assertEquals([...causesOf(bitingErrors.endless!())].length, MAX_CAUSES);
  assertEquals(deathOfError(bitingErrors.ring!()), { kind: "exception" });
});

Deno.test("a field 'death' decides when it is a cause of death, and an error is an exception when it is anything else", () => {
  const dead = (death: unknown) => deathOfError(Object.assign(new Error("x"), { death }));
  assertEquals(dead({ kind: "exit_code", code: 7 }), { kind: "exit_code", code: 7 });
  assertEquals(dead({ kind: "signal", code: 137, signal: "SIGKILL", more: 1 }), {
    kind: "signal",
    code: 137,
    signal: "SIGKILL",
  });
  const malformed = [
    "unstartable",
    ["unstartable"],
    null,
    true,
    new Date(0),
    () => {},
    {},
    { kind: "bored" },
    { kind: ["unstartable"] },
    { kind: { toString: () => "unstartable" } },
    { kind: "exit_code", code: "7" },
    { kind: "exit_code", code: 1.5 },
    { kind: "signal", signal: 9 },
    {
      get kind() {
        throw new Error("no kind");
      },
    },
    revoked(),
  ];
  for (const death of malformed) assertEquals(dead(death), { kind: "exception" });
});

Deno.test("a cause of death is copied when it is read: it can't change its mind", () => {
  let reads = 0;
  const death = {
    get kind() {
      return reads++ === 0 ? "exit_code" : "unstartable";
    },
  };
  const found = deathOfError(Object.assign(new Error("x"), { death }));
  assertEquals([found.kind, found.kind, reads], ["exit_code", "exit_code", 1]);
});

Deno.test("an exit is a crash that says so when it is invalid", () => {
  for (const given of [undefined, null, "normal", 7, {}, { reason: "bored" }, revoked()]) {
    const exit = asExit(given);
    assertEquals([exit.reason, exit.reason === "crash" && exit.cause instanceof OptionError], [
      "crash",
      true,
    ]);
  }
  const bare = asExit({ reason: "crash" });
  assertEquals(bare.reason === "crash" && bare.cause instanceof OptionError, true);
  const word = asExit({ reason: "crash", cause: "tired" });
  assertEquals(word.reason === "crash" && word.cause.cause, "tired");
  assertEquals(asExit({ reason: "normal", more: 1 }), { reason: "normal" });
  assertEquals(asExit({ reason: "shutdown" }), { reason: "shutdown" });
  assertEquals(asExit({ reason: "killed" }), { reason: "killed", abandoned: false });
});

Deno.test("isThenable holds when a value has a 'then'", () => {
  for (const value of [Promise.resolve(), { then() {} }, Object.assign(() => {}, { then() {} })]) {
    assertEquals(isThenable(value), true);
  }
  for (const value of [undefined, null, 1, "then", {}, { then: 1 }, () => {}]) {
    assertEquals(isThenable(value), false);
  }
});

Deno.test("a rejection is reported when a void callback was async", async () => {
  for (
    const result of [Promise.reject(1), { then: (_: unknown, no: (e: unknown) => void) => no(1) }]
  ) {
    const told = Promise.withResolvers<unknown>();
    onRejection(result, told.resolve);
    assertEquals(await told.promise, 1);
  }
  onRejection(undefined, () => {
    throw new Error("nothing rejected");
  });
});
