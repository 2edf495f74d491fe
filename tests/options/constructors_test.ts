/** Options given in code: each constructor refuses each wrong value of each option, and says where and what. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { actor, dynamicSupervisor, OptionError, supervisor } from "@outrider/outrider";
import { sidecar } from "@outrider/outrider/actors/sidecar";
import { pool } from "@outrider/outrider/actors/pool";
import {
  actorOptions,
  dynamicSupervisorOptions,
  supervisorOptions,
} from "../../src/options/fields/children.ts";
import { poolOptions } from "../../src/options/fields/pool.ts";
import { jsonRpcOptions, sidecarOptions } from "../../src/options/fields/code_sidecar.ts";
import type { ShapeField } from "../../src/options/field.ts";
import { jsonrpc } from "../../src/sidecar/json_rpc/json_rpc.ts";
import { pathText } from "../../src/text/words.ts";
import { wrongValues } from "./values.ts";

/** A constructor, its options, and what it needs. */
const CONSTRUCTORS: Readonly<
  Record<string, { shape: ShapeField; base: object; make: (options: never) => unknown }>
> = {
  "actor": {
    shape: actorOptions,
    base: {},
    make: (options) => actor("x", () => ({ receive() {} }), options),
  },
  "supervisor": { shape: supervisorOptions, base: {}, make: (options) => supervisor("x", [], options) },
  "dynamicSupervisor": {
    shape: dynamicSupervisorOptions,
    base: {},
    make: (options) => dynamicSupervisor("x", options),
  },
  "sidecar": {
    shape: sidecarOptions,
    base: { command: "cat" },
    make: (options) => sidecar("x", options),
  },
  "pool": {
    shape: poolOptions,
    base: { size: 1 },
    make: (options) => pool("x", { command: "cat" }, options),
  },
  "jsonrpc": { shape: jsonRpcOptions, base: {}, make: (options) => jsonrpc(options) },
};

for (const [name, { shape, base, make }] of Object.entries(CONSTRUCTORS)) {
  Deno.test(`${name} takes what it needs, and refuses a key that it does not know`, () => {
    make(base as never);
    const error = assertThrows(() => make({ ...base, nonsense: 1 } as never), OptionError);
    assertEquals([error.code, error.path], ["invalid_option", "nonsense"]);
    assertStringIncludes(error.message, "nonsense: unknown key; valid keys are ");
    const [key = ""] = Object.keys(shape.fields).filter((key) => !(key in base));
    const near = assertThrows(() => make({ ...base, [`${key}x`]: 1 } as never), OptionError);
    assertStringIncludes(near.message, `${key}x: unknown key; did you mean "${key}"?`);
  });
  for (const [key, { field }] of Object.entries(shape.fields)) {
    if (field.kind === "any") continue;
    Deno.test(`${name} refuses a wrong ${key}, and says where and what`, () => {
      const values = wrongValues(field);
      assert(values.length > 0);
      for (const { value, at, meant } of values) {
        const what = `${key}: ${Deno.inspect(value)}`;
        const error = assertThrows(
          () => make({ ...base, [key]: value } as never),
          OptionError,
          undefined,
          what,
        );
        assertStringIncludes(pathText([key, ...at]), error.path, what);
        assert(error.path.startsWith(key), `${what}: ${error.path}`);
        if (meant !== undefined) assertStringIncludes(error.message, `did you mean "${meant}"?`, what);
      }
    });
  }
}

Deno.test("a constructor refuses an id that no manifest could have", () => {
  for (const id of ["", "a/b", "my worker", ".hidden", "-x", "x".repeat(65), 7, null]) {
    for (
      const make of [() => actor(id as never, () => ({ receive() {} })), () => supervisor(id as never, [])]
    ) {
      assertThrows(make, OptionError, "Cannot name a child");
    }
  }
});

Deno.test("supervisor refuses children that are not children", () => {
  const one = actor("a", () => ({ receive() {} }));
  for (
    const [children, path] of [[one, "children"], [[{}], "children[0]"], [
      [one, Promise.resolve(one)],
      "children[1]",
    ]]
  ) {
    const error = assertThrows(() => supervisor("root", children as never), OptionError);
    assertEquals(error.path, path);
  }
});

Deno.test("sidecar reports all of its wrong options when there are several", () => {
  const wrong = { comand: "cat", args: "-u", stop: { term: "soon" } } as never;
  const error = assertThrows(() => sidecar("a", wrong), OptionError);
  assertEquals(error.message.split("\n").length, 4, error.message);
  assertMatch(error.message, /^Cannot make the sidecar 'a': 3 faults\n/);
  for (const place of ["comand", "args", "stop.term"]) {
    assertMatch(error.message, new RegExp(`^  ${place}: `, "m"));
  }
});
