/** One request to a runtime, whatever is at the other end. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { control, ControlClient } from "../../src/control/client.ts";
import { ControlError } from "../../src/control/control_errors.ts";
import { MAX_REPLY_BYTES } from "../../src/control/protocol.ts";
import { failureOf, fake } from "../support/probes.ts";
import { Folder, Runtime } from "./probe.ts";

/** What a request to the socket fails with. */
async function failure(path: string, timeout?: number): Promise<ControlError> {
  const error = await failureOf(control(path, { method: "status" }, { ...(timeout && { timeout }) }));
  assert(error instanceof ControlError, String(error));
  return error;
}

/** A server of one connection that does as it likes with it. */
async function facing(
  folder: Folder,
  serve: (connection: Deno.Conn) => Promise<void>,
  timeout?: number,
): Promise<ControlError> {
  const path = `${folder.path}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const serving = listener.accept().then(async (connection) => {
    await serve(connection).catch(() => {}); // the client may be gone before it is done
    connection.close();
  });
  const error = await failure(path, timeout);
  await serving;
  listener.close();
  await Deno.remove(path).catch(() => {});
  return error;
}

const says = (text: string) => async (connection: Deno.Conn) => {
  await connection.read(new Uint8Array(1_000));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
};

Deno.test("the client returns the tree, or an error with the runtime's own code when it is refused", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const { name, active, children } = await control(runtime.path, { method: "status" });
  assertEquals([name, active, children.map(({ path, state }) => `${path} ${state}`)], [
    "tree",
    true,
    ["a running"],
  ]);
  assertEquals((await control(runtime.path, { method: "restart", child: "a" }))?.generation, 2);
  const error = await failureOf(control(runtime.path, { method: "terminate", child: "b" }));
  assert(error instanceof ControlError);
  assertEquals([error.code, error.refusal], ["refused", "not_found"]);
  assertEquals(await control(runtime.path, { method: "stop" }), null);
});

Deno.test("the client reports a missing file, a file that is not a socket, and a socket without a listener", async () => {
  using folder = new Folder();
  const path = `${folder.path}/s`;
  assertStringIncludes((await failure(path)).message, "there is no such socket");
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  for (const other of ["file", "file/s"]) {
    assertEquals((await failure(`${folder.path}/${other}`)).code, "unreachable");
  }
  const listener = Deno.listen({ transport: "unix", path: `${path}.bound` });
  Deno.renameSync(`${path}.bound`, path);
  listener.close();
  const { code, message } = await failure(path);
  assertEquals(code, "unreachable");
  assertStringIncludes(message, "nobody listens there any more");
  assertEquals((await failure("x".repeat(200))).code, "bad_path");
});

Deno.test("control client reports the runtime as unreachable when the listener goes away before it takes the connection", async () => {
  using folder = new Folder();
  const path = `${folder.path}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const failing = failure(path);
  // The connection waits in the listener's queue, whose end resets it.
  listener.close();
  const { code, message } = await failing;
  assertEquals(code, "unreachable");
  assertStringIncludes(message, `Cannot reach a runtime at ${path}: `);
});

Deno.test("a runtime that hangs does not hang its client", async () => {
  using folder = new Folder();
  const over = Promise.withResolvers<void>();
  const hangs = async () => await over.promise;
  const waiting = facing(folder, hangs, 50);
  const timer = setTimeout(() => over.resolve(), 500);
  const { code, message } = await waiting;
  clearTimeout(timer);
  assertEquals(code, "no_answer");
  assertStringIncludes(message, "within 50 ms");
});

Deno.test("a client waits for no answer beyond the end of all when each has a longer time", async () => {
  using folder = new Folder();
  const path = `${folder.path}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const accepting = listener.accept();
  const client = await ControlClient.open(path, { timeout: "1h" });
  using _ = await accepting;
  client.endAt(performance.now() + 20, 50);
  const reading = async () => {
    for await (const _ of client.stream({ method: "act" }, { timeout: 3_600_000 }));
  };
  const status = () => client.request({ method: "status" });
  for (const wait of [status, status, reading, () => client.untilClosed(3_600_000)]) {
    const error = await failureOf(wait());
    assert(error instanceof ControlError, String(error));
    assertEquals(error.code, "no_answer");
    assertStringIncludes(error.message, "within 50 ms");
  }
  client.close();
  listener.close();
});

Deno.test("the client reports a runtime that ends without an answer, and one with another protocol", async () => {
  using folder = new Folder();
  assertEquals((await facing(folder, says(""))).code, "no_answer");
  const other = ["HTTP/1.1 400 Bad Request\n", "{}\n", `{"id":1,"result":{}}\n`, `{"id":1,"result":null}\n`];
  for (const text of other) assertEquals((await facing(folder, says(text))).code, "bad_reply", text);
  assertEquals((await facing(folder, says("x".repeat(MAX_REPLY_BYTES + 1)))).code, "no_answer");
});

Deno.test("a newer runtime may say more than is known here", async () => {
  using folder = new Folder();
  const refused = await facing(
    folder,
    says(`{"id":1,"error":{"code":"novel","message":"Cannot: no","hint":1}}\n`),
  );
  assertEquals([refused.code, refused.refusal, refused.message], ["refused", "novel", "Cannot: no"]);
});

Deno.test("control client refuses an answer when it would take the machine long to read", async () => {
  using folder = new Folder();
  const nested = 5_000_000;
  const answers: readonly string[] = [
    `{"id":1,"result":${"[".repeat(nested)}${"]".repeat(nested)}}\n`,
    `{"id":1,"result":{"name":"t","now":1,"startedAt":1,"active":true,"children":[${
      "[],".repeat(3_000_000)
    }0]}}\n`,
    `{"id":1,"result":{"name":"t","now":1,"startedAt":1,"active":true,"children":[${
      "{},".repeat(400_000)
    }0]}}\n`,
  ];
  for (const answer of answers) {
    // Saying what is wrong with each of the children took 20 s of a quiet machine.
    assertEquals((await facing(folder, says(answer), 60_000)).code, "bad_reply");
  }
});

Deno.test("control client takes the status when there are thirty thousand children", async () => {
  using folder = new Folder();
  const lastExit = {
    generation: 1,
    at: 1_764_390_000_000,
    how: "exited",
    death: { kind: "exit_code", code: 1 },
  };
  const children = Array.from({ length: 30_000 }, (_, n) => ({
    path: `workers/worker${n}`,
    type: "worker",
    state: "running",
    generation: 2,
    since: 1_764_390_000_000,
    ready: true,
    pid: n + 1_000,
    lastExit: { ...lastExit, message: `The program of worker${n} ended with exit code 1` },
  }));
  const tree = { name: "t", now: 1, startedAt: 1, active: true, children };
  const path = `${folder.path}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const serving = listener.accept().then(async (connection) => {
    await says(`${JSON.stringify({ id: 1, result: tree })}\n`)(connection);
    connection.close();
  });
  assertEquals(await control(path, { method: "status" }, { timeout: 60_000 }), tree as never);
  await serving;
  listener.close();
});
