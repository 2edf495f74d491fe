/** Files: what can stand at a path, and modules. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { load } from "../../src/manifest/load.ts";
import { MAX_MANIFEST_BYTES } from "../../src/manifest/read.ts";
import { asSidecar, rejection, treeOf } from "./probe.ts";

const good = treeOf({ id: "a", command: "./w" });

/** Runs a test with a path to a file of this name and content. */
async function withFile(name: string, content: string | Uint8Array, test: (file: string) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  try {
    const file = `${dir}/${name}`;
    await (typeof content === "string" ? Deno.writeTextFile(file, content) : Deno.writeFile(file, content));
    await test(file);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a file gives its manifest, its path and its folder", async () => {
  await withFile("outrider.json", good, async (file) => {
    const loaded = await load(file);
    const dir = file.slice(0, -"/outrider.json".length);
    assertEquals([loaded.file, loaded.dir, loaded.manifest.name], [file, dir, "tree"]);
    assertEquals(asSidecar(loaded.manifest.children[0]).command, `${dir}/w`);
    assertEquals(asSidecar(loaded.manifest.children[0]).cwd, dir);
  });
});

Deno.test("a relative path is relative to the current folder", async () => {
  const error = await rejection(load("no/such/outrider.json"));
  assertEquals(error.file, `${Deno.cwd()}/no/such/outrider.json`);
});

Deno.test("a missing file is not found, nor is one below a file", async () => {
  await withFile("a.json", good, async (file) => {
    assertEquals((await rejection(load(`${file}x`))).code, "manifest_not_found");
    assertEquals((await rejection(load(`${file}/x`))).code, "manifest_not_found");
    const error = await rejection(load("/nowhere/outrider.json"));
    assertEquals(error.message, "Cannot read manifest /nowhere/outrider.json: no such file");
    assertEquals((await rejection(load("/nowhere/outrider.ts"))).code, "manifest_not_found");
  });
});

Deno.test("load refuses a folder", async () => {
  const error = await rejection(load("/"));
  assertEquals([error.code, error.message], [
    "manifest_unreadable",
    "Cannot read manifest /: it is a folder, not a file",
  ]);
});

Deno.test({
  name: "a file that the system denies is unreadable",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFile("a.json", good, async (file) => {
      // Nothing is denied to root, whose files are those of user 0.
      if ((await Deno.stat(file)).uid === 0) return;
      await Deno.chmod(file, 0);
      assertEquals((await rejection(load(file))).code, "manifest_unreadable");
    }),
});

Deno.test({
  name: "without read permission the flag to add is named, and nothing prompts",
  permissions: { read: false },
  fn: async () => {
    for (const file of ["/srv/outrider.json", "/srv/outrider.ts"]) {
      const error = await rejection(load(file));
      assertEquals([error.code, error.missingFlag], ["manifest_permission_missing", `--allow-read=${file}`]);
      // It was asked for and not tried: on a terminal, trying would prompt.
      assertEquals(error.cause, undefined);
      assertStringIncludes(error.message, `Deno may not read it; add --allow-read=${file}`);
    }
  },
});

Deno.test("an empty file says so", async () => {
  await withFile(
    "a.json",
    "",
    async (file) => assertEquals((await rejection(load(file))).code, "manifest_empty"),
  );
});

Deno.test("a file of 10 MB is refused; the largest that is allowed is not", async () => {
  await withFile("a.json", " ".repeat(10_000_000), async (file) => {
    const error = await rejection(load(file));
    assertEquals([error.code, error.faults[0]?.message], [
      "manifest_too_large",
      "larger than 1,000,000 bytes",
    ]);
  });
  await withFile("a.ts", " ".repeat(10_000_000), async (file) => {
    assertEquals((await rejection(load(file))).code, "manifest_too_large");
  });
  await withFile("a.json", good.padEnd(MAX_MANIFEST_BYTES), async (file) => {
    assertEquals((await load(file)).manifest.name, "tree");
  });
});

Deno.test({
  name: "load refuses a named pipe, also one that a link leads to, without opening it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withFile("a.json", good, async (file) => {
      const fifo = `${file}.fifo`;
      assertEquals((await new Deno.Command("mkfifo", { args: [fifo] }).output()).code, 0);
      await Deno.symlink(fifo, `${file}.link`);
      for (const path of [fifo, `${file}.link`]) {
        const error = await rejection(load(path));
        assertEquals(error.code, "manifest_unreadable");
        assertStringIncludes(error.faults[0]!.message, "named pipe");
      }
    });
  },
});

Deno.test("load refuses a binary file, and one that is not UTF-8", async () => {
  await withFile("a.json", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), async (file) => {
    const error = await rejection(load(file));
    assertEquals([error.code, error.faults[0]?.message], ["manifest_not_text", "binary, not text"]);
  });
  await withFile("a.json", new Uint8Array([0x7b, 0x0a, 0xc3, 0x28, 0x0a]), async (file) => {
    const error = await rejection(load(file));
    assertEquals([error.code, error.faults[0]?.line], ["manifest_not_text", 2]);
    assertStringIncludes(error.message, "line 2 is not UTF-8; save it as UTF-8");
  });
  await withFile("a.json", new TextEncoder().encode("{}\u{1f680}").subarray(0, 4), async (file) => {
    assertEquals((await rejection(load(file))).faults[0]?.message, "line 1 is not UTF-8");
  });
});

Deno.test("a byte order mark in a file is passed over", async () => {
  await withFile(
    "a.json",
    `\ufeff${good}`,
    async (file) => assertEquals((await load(file)).manifest.name, "tree"),
  );
});

Deno.test("a module's default export is a manifest", async () => {
  await withFile(
    "m.ts",
    `const name: string = "mod";\nexport default { name, children: [{ id: "a", command: "./w" }] };`,
    async (file) => {
      const { manifest, dir } = await load(file);
      assertEquals([manifest.name, asSidecar(manifest.children[0]).command], ["mod", `${dir}/w`]);
    },
  );
});

Deno.test("a module's faults have paths and no lines", async () => {
  await withFile(
    "m.ts",
    `export default { name: "m", children: [{ id: "a", comand: "x" }] };`,
    async (file) => {
      const error = await rejection(load(file));
      assertEquals(error.code, "manifest_invalid");
      assertStringIncludes(
        error.message,
        `\n  m.ts  children[0].comand  unknown key; did you mean "command"?`,
      );
    },
  );
});

Deno.test("load explains a missing import of a module on one line, without colours", async () => {
  await withFile("m.ts", `import "./nope.ts";\nexport default {};`, async (file) => {
    const { code, message, faults } = await rejection(load(file));
    assertEquals([code, faults[0]?.hint], ["manifest_import_failed", undefined]);
    assertStringIncludes(message, "nope.ts");
    // deno-lint-ignore no-control-regex -- they are what must not be there
    assertEquals(/[\x00-\x1f]/.test(message), false, message);
  });
});

Deno.test("a module that throws, does not compile or exports nothing is explained", async () => {
  await withFile("throws.ts", `throw new Error("boom");`, async (file) => {
    const error = await rejection(load(file));
    assertEquals(error.code, "manifest_import_failed");
    assertStringIncludes(error.message, "importing it failed with Error: boom");
    assertEquals((error.cause as Error).message, "boom");
  });
  await withFile("odd.ts", `throw "just text";`, async (file) => {
    assertStringIncludes((await rejection(load(file))).message, "failed with just text");
  });
  await withFile("broken.ts", `export default {`, async (file) => {
    assertEquals((await rejection(load(file))).code, "manifest_import_failed");
  });
  await withFile("none.ts", `export const manifest = {};`, async (file) => {
    const error = await rejection(load(file));
    assertEquals([error.code, error.faults[0]?.message], [
      "manifest_invalid",
      "the module has no default export",
    ]);
  });
});
