import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { maskOf, SHORTEST_MASKED } from "../../src/process/mask.ts";

const mask = maskOf(["s3cr3t-value", 'two "lines"\nof it', "a.c/", "Zürich <a> & 🔑/x y%"])!;

/** `text` as another writer has it: each character for itself. */
const written = (text: string, form: (char: string) => string): string => [...text].map(form).join("");
const unicode = (char: string): string =>
  char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const percent = (char: string): string =>
  Array.from(new TextEncoder().encode(char), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const special = (char: string): boolean => /[^A-Za-z0-9 ]/.test(char);

Deno.test("mask hides a secret wherever it stands, as it is, as JSON writes it, and line by line", () => {
  assertEquals(mask("key=s3cr3t-value; s3cr3t-values3cr3t-value"), "key=***; ******");
  assertEquals(mask(JSON.stringify({ key: 'two "lines"\nof it' })), '{"key":"***"}');
  assertEquals([mask('> two "lines"'), mask("of it!"), mask('two \\"lines\\"')], ["> ***", "***!", "***"]);
  assertEquals(mask("s3cr3t-valve, abc a-c"), "s3cr3t-valve, abc a-c");
});

Deno.test("mask hides a secret in each form of another writer, and in several at once", () => {
  const secret = "Zürich <a> & 🔑/x y%";
  const lower = written(secret, (char) => special(char) ? unicode(char) : char);
  const forms = {
    "PHP": JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
    "Go": secret.replace(/[<>&]/g, unicode),
    "ASCII only": secret.replace(/[^\x20-\x7e]/gu, unicode),
    ".NET, digits in upper case": lower.replace(/(?<=\\u)[0-9a-f]{4}/g, (digits) => digits.toUpperCase()),
    "every character": written(secret, unicode),
    "encodeURIComponent": encodeURIComponent(secret),
    "encodeURI": encodeURI(secret),
    "encodeURIComponent, in lower case": encodeURIComponent(secret).toLowerCase().replace("z", "Z"),
    "every byte": written(secret, percent),
    "a form's query": new URLSearchParams({ "": secret }).toString().slice(1),
    "a URL in PHP's JSON": encodeURI(secret).replaceAll("/", "\\/"),
    "some characters": written(secret, (char) => /[ü <🔑]/u.test(char) ? unicode(char) : char),
  };
  for (const [writer, form] of Object.entries(forms)) assertEquals(mask(`k="${form}".`), 'k="***".', writer);
  assertEquals(mask(JSON.stringify({ "s3cr3t-value": 1 })), '{"***":1}');
});

Deno.test("mask leaves a secret that is written in any other way, as the docs say", () => {
  for (
    const other of [btoa("s3cr3t-value"), "s3cr3t_value", "S3CR3T-VALUE", "s3cr3t&#45;value", "s3cr3t- value"]
  ) {
    assertEquals(mask(other), other);
  }
});

Deno.test("mask tells a backslash and a percent sign from what they begin", () => {
  const paths = maskOf(["C:\\new\\u0041", "100%25 sure", "\\\\\\\\"])!;
  const plain = ["C:\\new\\u0041", "100%25 sure", "\\\\\\\\"];
  for (const secret of plain) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      assertEquals(paths(`(${form})`), "(***)", form);
    }
  }
  assertEquals(paths("C:\\newt, 100% sure"), "C:\\newt, 100% sure");
});

Deno.test("mask hides secrets that overlap, that are within others, or begin alike, as one", () => {
  const several = maskOf(["abcdef", "defghi", "cdef", "abcdxyz", "aaaa"])!;
  assertEquals(several("<abcdefghi>"), "<***>");
  assertEquals(several("<abcdefxyz abcdxyz>"), "<***xyz ***>");
  assertEquals(several("aaaaaaa abcaaaab"), "*** abc***b");
});

Deno.test("mask hides each of hundreds of secrets, and each line of a key", () => {
  const many = Array.from({ length: 300 }, (_, index) => `key-${index}-${"x".repeat(index % 7)}ß`);
  const lines = Array.from({ length: 40 }, (_, index) => `${index}AbC+/${index * 7}=`);
  const all = maskOf([...many, lines.join("\r\n"), " spaced out"])!;
  for (const secret of many) {
    assertEquals(all(`${secret}!`), "***!");
    assertEquals(all(`(${encodeURIComponent(secret)})`), "(***)");
  }
  for (const line of lines) assertEquals(all(`-${line}-`), "-***-");
  assertEquals(all(JSON.stringify(lines.join("\r\n"))), '"***"');
  assertEquals(all("a+spaced+out"), "a***");
  assertEquals(all("key-300 and no other"), "key-300 and no other");
});

Deno.test("mask hides the beginning of a secret at the end of a text, from its fourth character on", () => {
  assertEquals([mask("x s3c"), mask("x s3cr"), mask("x s3cr3t-valu")], ["x s3c", "x ***", "x ***"]);
  assertEquals([mask("x Z\\u00fcrich%20\\u0"), mask("x Z%c3")], ["x ***", "x Z%c3"]);
});

Deno.test("mask hides any part of a secret where a text was cut", () => {
  const secret = "Zürich <a> & 🔑/x y%";
  for (const form of [secret, written(secret, unicode), encodeURIComponent(secret)]) {
    for (let end = 1; end < form.length; end++) {
      const text = `> ${form.slice(0, end)}`;
      const at = mask(text, "end").replace(/(\*\*\*)$/, "");
      // What is left of a form that has only begun says nothing of the secret.
      assert(/^> (\\(u[0-9a-f]{0,3})?|%[0-9A-F]?)?$/.test(at), `${text}: ${at}`);
      assert(end < 12 || at === "> ", at);
    }
  }
  for (let start = 1; start <= secret.length - SHORTEST_MASKED - 2; start++) {
    assertEquals(mask(secret.slice(start) + " <", "both"), "*** <");
    assertEquals(mask(secret.slice(start, -1), "both"), "***");
  }
  assertEquals(mask("0fcrich <a> & \\ud8", "both"), "***");
  assertEquals(mask(`${encodeURIComponent(secret).slice(4)} <`, "both"), "*** <");
  assertEquals(mask("nothing at all <", "both"), "nothing at all <");
  assertEquals(mask("\ufffdrich <a> & \ufffd", "both"), "***");
});

Deno.test("mask leaves a secret alone that is too short, for to mask it would tell it", () => {
  assertEquals(maskOf(["x".repeat(SHORTEST_MASKED - 1), "", "a\nb\nc"])?.("a b c xxx"), "a b c xxx");
  assertEquals(maskOf(["abc", '"""']), undefined);
  assert(maskOf(["x".repeat(SHORTEST_MASKED)]) !== undefined);
});

Deno.test("mask takes linear time, whatever secret and text repeat", () => {
  const started = performance.now();
  for (
    const [secret, text] of [["\\%".repeat(5_000) + "x", "\\%25"], ["a".repeat(60_000) + "b", "a"]] as const
  ) {
    maskOf([secret])!(text.repeat(1_000_000 / text.length));
  }
  const took = performance.now() - started;
  assert(took < 20_000, `${took} ms; compared place by place it is hours`);
});

Deno.test("mask gives the very text back where there is nothing to hide", () => {
  const text = "a line as most are: \\n %41 100%";
  assertStrictEquals(mask(text), text);
});

Deno.test("mask holds the loop for a moment only when secret and text are made to be ambiguous, long and many", () => {
  const lines = Array.from({ length: 400 }, (_, index) => "a".repeat(40 + index)).join("\n");
  const hostile: readonly (readonly [secret: string, text: string])[] = [
    ["\\".repeat(60_000), "\\"],
    ["\\".repeat(60_000), "\\u005c"],
    ["%".repeat(60_000), "%25"],
    ["\\u".repeat(30_000), "\\u005c"],
    ["%25%".repeat(15_000), "%2525"],
    ["s3cr3t-value", "\\u{"],
    ["\\".repeat(60_000) + "\n" + "%".repeat(4_000), "\\%"],
    ["a".repeat(60_000), "a"],
    [lines, "a"],
  ];
  for (const [secret, text] of hostile) {
    const hidden = maskOf([secret])!;
    for (const cut of [undefined, "end", "both"] as const) {
      const started = performance.now();
      hidden(text.repeat(3_000_000 / text.length), cut);
      const took = performance.now() - started;
      assert(took < 10_000, `${took} ms for ${JSON.stringify(secret.slice(0, 8))} in ${text}, cut: ${cut}`);
    }
  }
});

Deno.test("mask hides all that is left of a text when a comparison takes too much work to be finished", () => {
  const hidden = maskOf(["\\".repeat(60_000)])!;
  const text = "first, " + "\\".repeat(3_000_000);
  assertEquals(hidden(text), "first, ***");
});
