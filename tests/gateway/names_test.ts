import { assert, assertEquals, assertMatch } from "@std/assert";
import { nameMatcher, prefixOf, serverNameFault, shownName } from "../../src/gateway/lists/names.ts";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf } from "./peers.ts";

Deno.test("a shown name is the prefix and the own name when clients take that, else changed and hashed", () => {
  const prefix = prefixOf("files");
  assertEquals(shownName(prefix, "read_file-2"), "files__read_file-2");
  const dotted = shownName(prefix, "a.b");
  assertMatch(dotted, /^files__a_b_[0-9a-f]{8}$/);
  assert(dotted !== shownName(prefix, "a/b"));
  const long = shownName(prefix, "x".repeat(100));
  assertMatch(long, /^files__x+_[0-9a-f]{8}$/);
  assertEquals(long.length, 64);
  assertEquals(long, shownName(prefix, "x".repeat(100)));
});

Deno.test("names of servers are refused when they are too long, equal, or one begins the other's", () => {
  assertEquals(serverNameFault(["a", "b", "a_b"]), undefined);
  assertMatch(serverNameFault(["a".repeat(41)])!, /longer than 40/);
  assertMatch(serverNameFault(["a", "a"])!, /two servers/);
  assertMatch(serverNameFault(["a__b", "a"])!, /begins the names/);
});

Deno.test("a pattern of names fits whole names when it has stars and question marks", () => {
  const fits = nameMatcher(["files__*", "web__?et", "x.y"]);
  assertEquals(
    ["files__read", "files__", "afiles__read", "web__get", "web__fleet", "x.y", "xzy"].map(fits),
    [true, true, false, true, false, true, false],
  );
});

Deno.test("gateway calls a tool under its own name when its shown name is a changed one", async () => {
  const names = ["a.b", "a/b", "x".repeat(80), "plain_0123abcd"];
  const { connect } = gatewayOf({
    files: { tools: names.map((name) => ({ name })), prompts: [{ name: "p.q" }] },
  });
  const client = await connect();
  await client.initialize();
  const shown = await client.names("tools/list") as string[];
  for (const name of [...shown, ...await client.names("prompts/list") as string[]]) {
    assertMatch(name, /^[A-Za-z0-9_-]{1,64}$/);
  }
  const called = await Promise.all(shown.map(async (name) => {
    const { content } = await client.result("tools/call", { name }) as MessageParams;
    return (content as { text: string }[])[0]!.text.split(" ")[0];
  }));
  assertEquals(called, names);
});

Deno.test("gateway refuses a name that no list shows when it begins with a server's prefix", async () => {
  const { connect, servers } = gatewayOf({
    good: {
      tools: [{ name: "delete" }, { name: "ré" }, { name: "task", execution: { taskSupport: "required" } }],
      prompts: [{ name: "p.q" }],
    },
    bare: { capabilities: {} },
  }, { deny: ["good__delete", "good__r_*"] });
  const client = await connect();
  await client.initialize();
  const [tools, prompts] = [
    ["good__Delete", "good__delete ", "good__delete\0", "good__ré", "good__", "good__task", "bare__x"],
    ["good__p.q", "good__other", "bare__x"],
  ];
  for (const name of tools) {
    const { error } = await client.ask("tools/call", { name });
    assertEquals(error, { code: -32602, message: `Unknown tool: ${name}` });
  }
  for (const name of prompts) {
    const { error } = await client.ask("prompts/get", { name });
    assertEquals(error, { code: -32602, message: `Unknown prompt: ${name}` });
    const ref = { type: "ref/prompt", name };
    assertEquals((await client.ask("completion/complete", { ref, argument: {} })).error, error);
  }
  const asked = [...servers.good!.received, ...servers.bare!.received].map(({ method }) => method);
  assertEquals(asked.filter((method) => !/list$|^initialize$|^notifications/.test(method!)), []);
});

Deno.test("gateway calls what was shown last when the server's list has changed and can't be read now", async () => {
  let isBroken = false;
  const { connect, servers } = gatewayOf({
    a: {
      tools: [{ name: "t" }],
      answer: ({ method }) => {
        if (isBroken && method === "tools/list") throw { code: -32603, message: "broken" };
        return undefined;
      },
    },
  });
  const client = await connect();
  await client.initialize();
  await client.result("tools/call", { name: "a__t" });
  isBroken = true;
  servers.a!.say({ method: "notifications/tools/list_changed" });
  await client.told("notifications/tools/list_changed");
  await client.result("tools/call", { name: "a__t" });
  const { error } = await client.ask("tools/call", { name: "a__u" });
  assertEquals(error, { code: -32603, message: "The tools of 'a' are not known: broken" });
});

Deno.test("gateway changes bare names that clients do not take, and those that begin as its own", async () => {
  const own = [
    "ok",
    "evil\x1b[2J",
    "\u202egnp",
    "",
    "x".repeat(300),
    "outrider__restart",
    "Outrider__ps",
    "outrider\0\0why",
  ];
  const called: string[] = [];
  const { connect } = gatewayOf(
    { a: { tools: own.map((name) => ({ name })), prompts: [{ name: "a\nb" }] } },
    {
      bareNames: true,
      localTools: {
        items: [{ name: "outrider__restart" }],
        has: (name) => name === "outrider__restart",
        call(name) {
          called.push(name);
          return Promise.resolve({});
        },
      },
    },
  );
  const client = await connect();
  await client.initialize();
  const shown = await client.names("tools/list") as string[];
  assertEquals(shown.filter((name) => /^outrider__/i.test(name)), ["outrider__restart"]);
  for (const name of [...shown, ...await client.names("prompts/list") as string[]]) {
    assertMatch(name, /^[A-Za-z0-9_-]{1,64}$/);
  }
  await client.result("tools/call", { name: "outrider__restart" });
  assertEquals(called, ["outrider__restart"]);
  const texts = await Promise.all(
    shown.slice(1).map(async (name) => {
      const { content } = await client.result("tools/call", { name }) as MessageParams;
      return (content as { text: string }[])[0]!.text;
    }),
  );
  assertEquals(texts, own.map((name) => `${name} {}`));
});
