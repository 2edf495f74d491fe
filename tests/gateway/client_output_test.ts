import { assertEquals } from "@std/assert";
import { ClientOutput, fateOf, MAX_UNREAD, MAX_UNREAD_LOGS } from "../../src/gateway/client_output.ts";
import type { McpMessage } from "../../src/gateway/messages.ts";

const log: McpMessage = { jsonrpc: "2.0", method: "notifications/message", params: { data: "x" } };
const answer: McpMessage = { jsonrpc: "2.0", id: 1, result: {} };

Deno.test("client output spares logs and progress first, then cuts, when more and more waits", () => {
  for (const method of ["notifications/message", "notifications/progress"]) {
    assertEquals(fateOf(method, MAX_UNREAD_LOGS), "send");
    assertEquals(fateOf(method, MAX_UNREAD_LOGS + 1), "leave_out");
  }
  for (const method of [undefined, "notifications/tools/list_changed", "sampling/createMessage"]) {
    assertEquals([fateOf(method, MAX_UNREAD), fateOf(method, MAX_UNREAD + 1)], ["send", "cut"]);
  }
});

Deno.test("client output says how many messages were left out when the client gets one again", () => {
  const sent: McpMessage[] = [];
  const told: string[] = [];
  const transport = {
    unread: 0,
    start: () => Promise.resolve(),
    send: (message: McpMessage) => void sent.push(message),
    close: () => Promise.resolve(),
    cut: (why: string) => {
      told.push(why);
      return Promise.resolve();
    },
  };
  const output = new ClientOutput(transport, {
    onLeftOut: () => void told.push("left out"),
    onCut: () => void told.push("cut"),
  });
  void output.send(log);
  transport.unread = MAX_UNREAD_LOGS + 1;
  for (let times = 0; times < 3; times++) void output.send(log);
  void output.send(answer);
  const data = "3 messages of logs and progress were left out, as earlier ones were not read";
  const params = { level: "warning", logger: "outrider", data };
  assertEquals(sent, [log, { jsonrpc: "2.0", method: "notifications/message", params }, answer]);
  assertEquals(told, ["left out"]);
  transport.unread = MAX_UNREAD + 1;
  void output.send(answer);
  assertEquals(told, ["left out", `more than ${MAX_UNREAD} bytes wait that it has not read`, "cut"]);
  assertEquals(sent.length, 3);
});
