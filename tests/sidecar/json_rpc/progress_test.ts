/** Progress that moves the deadline of an ask, and the hook at the arrival of its reply. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { codecs } from "@outrider/outrider/protocol";
import type { JsonValue } from "@outrider/outrider";
import { type JsonRpcDialect, LSP, MCP } from "../../../src/sidecar/json_rpc/dialects.ts";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { Caller, RecordedLine } from "../../support/line.ts";

class MovedCaller extends Caller {
  /** What each report says: whether something is under way. */
  readonly moved: boolean[] = [];
  readonly reportProgress = (isUnderWay: boolean = false): void => void this.moved.push(isUnderWay);
}

function conversation(dialect?: JsonRpcDialect) {
  const pairing = new JsonRpcCorrelation(new RecordedLine(), codecs.ndjson, dialect ? { dialect } : {});
  const ask = <Asked extends Caller>(caller: Asked, call = {}) => {
    const frame = JSON.parse(pairing.request({ method: "x", ...call }, caller) as string);
    return { caller, frame };
  };
  return { pairing, ask, take: (message: JsonValue) => pairing.match(message) };
}

const lspProgress = (token: JsonValue, kind = "report") => ({
  method: "$/progress",
  params: { token, value: { kind } },
});

Deno.test("a request asks for progress when that moves its deadline, and is moved by its own alone", () => {
  const { ask, take } = conversation(MCP);
  const [first, second] = [ask(new MovedCaller()), ask(new MovedCaller())];
  const plain = ask(new Caller());
  assertEquals([first.frame.params, plain.frame.params], [{ _meta: { progressToken: 1 } }, undefined]);
  const progress = { method: "notifications/progress", params: { progressToken: 1, progress: 1 } };
  assertEquals(take(progress), true);
  assertEquals([first.caller.moved, second.caller.moved], [[false], []]);
  take({ id: 1, result: {} });
  assertEquals(take(progress), false); // late: for the subscribers
  assertEquals([first.caller.moved, second.caller.moved], [[false], []]);
});

Deno.test("the work of a language server's own holds all that wait, until the last of it is done", () => {
  const { ask, take } = conversation(LSP);
  const { caller } = ask(new MovedCaller());
  assertEquals(take(lspProgress("index", "begin")), false); // the subscribers get it
  take(lspProgress("check", "begin"));
  const later = ask(new MovedCaller()).caller;
  take(lspProgress("index", "end"));
  take(lspProgress("check", "end"));
  assertEquals([caller.moved, later.moved], [[true, true, true, false], [true, true, false]]);
});

Deno.test("the work on a request of its own holds it, and the end of the server lets go of what is held", () => {
  const { pairing, ask, take } = conversation(LSP);
  const [first, second] = [ask(new MovedCaller()), ask(new MovedCaller())];
  take(lspProgress(1, "begin"));
  take(lspProgress(2, "begin"));
  take(lspProgress(2, "end"));
  assertEquals([first.caller.moved, second.caller.moved], [[true], [true, false]]);
  pairing.close(() => new Error("over"));
  assertEquals([first.caller.moved, second.caller.moved], [[true, false], [true, false]]);
});

Deno.test("a caller's onProgress is called, too, when progress moves the deadline", () => {
  const seen: unknown[] = [];
  const { ask, take } = conversation(LSP);
  const { caller } = ask(new MovedCaller(), { onProgress: (value: unknown) => seen.push(value) });
  take(lspProgress(1));
  assertEquals([caller.moved, seen], [[true], [{ kind: "report" }]]);
});

Deno.test("nothing is asked for when there is no dialect to ask in", () => {
  const { ask } = conversation();
  assertEquals(ask(new MovedCaller()).frame.params, undefined);
});

Deno.test("onReply is called before the reply settles the ask, and an ask fails with what it throws", () => {
  const { ask, take } = conversation();
  const order: string[] = [];
  const caller = new Caller();
  caller.resolve = () => void order.push("settled");
  ask(caller, { onReply: () => order.push("came") });
  take({ id: 1, result: 1 });
  assertEquals(order, ["came", "settled"]);
  const failing = ask(new Caller(), {
    onReply() {
      throw new RangeError("boom");
    },
  }).caller;
  take({ id: 2, result: 1 });
  assertInstanceOf(failing.got[0], RangeError);
  const gone = ask(new Caller(), { onReply: () => order.push("never") }).caller;
  gone.isOpen = false;
  take({ id: 3, result: 1 });
  assertEquals(order, ["came", "settled"]);
});
