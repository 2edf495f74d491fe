import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createRedactor, MIN_REDACTED_LENGTH } from "../../../src/process/secrets/mask.ts";

const redact = createRedactor(["s3cr3t-value", 'two "lines"\nof it', "a.c/", "Zürich <a> & 🔑/x y%"])!;

/** `text` as another writer has it: each character for itself. */
const written = (text: string, form: (char: string) => string): string => [...text].map(form).join("");
const unicode = (char: string): string =>
  char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const percent = (char: string): string =>
  Array.from(new TextEncoder().encode(char), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const special = (char: string): boolean => /[^A-Za-z0-9 ]/.test(char);

Deno.test("mask hides a secret wherever it stands, as it is, as JSON writes it, and line by line", () => {
  assertEquals(redact("key=s3cr3t-value; s3cr3t-values3cr3t-value"), "key=***; ******");
  assertEquals(redact(JSON.stringify({ key: 'two "lines"\nof it' })), '{"key":"***"}');
  assertEquals([redact('> two "lines"'), redact("of it!"), redact('two \\"lines\\"')], [
    "> ***",
    "***!",
    "***",
  ]);
  assertEquals(redact("s3cr3t-valve, abc a-c"), "s3cr3t-valve, abc a-c");
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
  for (const [writer, form] of Object.entries(forms)) {
    assertEquals(redact(`k="${form}".`), 'k="***".', writer);
  }
  assertEquals(redact(JSON.stringify({ "s3cr3t-value": 1 })), '{"***":1}');
});

Deno.test("mask leaves a secret that is written in any other way, as the docs say", () => {
  for (
    const other of [btoa("s3cr3t-value"), "s3cr3t_value", "S3CR3T-VALUE", "s3cr3t&#45;value", "s3cr3t- value"]
  ) {
    assertEquals(redact(other), other);
  }
});

Deno.test("mask tells a backslash and a percent sign from the forms they begin", () => {
  const paths = createRedactor(["C:\\new\\u0041", "100%25 sure", "\\\\\\\\"])!;
  const plain = ["C:\\new\\u0041", "100%25 sure", "\\\\\\\\"];
  for (const secret of plain) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      assertEquals(paths(`(${form})`), "(***)", form);
    }
  }
  assertEquals(paths("C:\\newt, 100% sure"), "C:\\newt, 100% sure");
});

Deno.test("mask hides secrets as one when they overlap, contain others, or begin alike", () => {
  const several = createRedactor(["abcdef", "defghi", "cdef", "abcdxyz", "aaaa"])!;
  assertEquals(several("<abcdefghi>"), "<***>");
  assertEquals(several("<abcdefxyz abcdxyz>"), "<***xyz ***>");
  assertEquals(several("aaaaaaa abcaaaab"), "*** abc***b");
});

Deno.test("mask hides each of hundreds of secrets, and each line of a key", () => {
  const many = Array.from({ length: 300 }, (_, index) => `key-${index}-${"x".repeat(index % 7)}ß`);
  const lines = Array.from({ length: 40 }, (_, index) => `${index}AbC+/${index * 7}=`);
  const all = createRedactor([...many, lines.join("\r\n"), " spaced out"])!;
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
  assertEquals([redact("x s3c"), redact("x s3cr"), redact("x s3cr3t-valu")], ["x s3c", "x ***", "x ***"]);
  assertEquals([redact("x Z\\u00fcrich%20\\u0"), redact("x Z%c3")], ["x ***", "x Z%c3"]);
});

Deno.test("mask hides any part of a secret where a text was cut", () => {
  const secret = "Zürich <a> & 🔑/x y%";
  for (const form of [secret, written(secret, unicode), encodeURIComponent(secret)]) {
    for (let end = 1; end < form.length; end++) {
      const text = `> ${form.slice(0, end)}`;
      const at = redact(text, "end").replace(/(\*\*\*)$/, "");
      // What is left of a form that has only begun says nothing of the secret.
      assert(/^> (\\(u[0-9a-f]{0,3})?|%[0-9A-F]?)?$/.test(at), `${text}: ${at}`);
      assert(end < 12 || at === "> ", at);
    }
  }
  for (let start = 1; start <= secret.length - MIN_REDACTED_LENGTH - 2; start++) {
    assertEquals(redact(secret.slice(start) + " <", "both"), "*** <");
    assertEquals(redact(secret.slice(start, -1), "both"), "***");
  }
  assertEquals(redact("0fcrich <a> & \\ud8", "both"), "***");
  assertEquals(redact(`${encodeURIComponent(secret).slice(4)} <`, "both"), "*** <");
  assertEquals(redact("nothing at all <", "both"), "nothing at all <");
  assertEquals(redact("\ufffdrich <a> & \ufffd", "both"), "***");
});

Deno.test("mask hides a secret that colours and other sequences of a terminal cut into pieces", () => {
  const sequences = {
    "a colour": "\x1b[01;31m",
    "a colour of grep": "\x1b[01;31m\x1b[K",
    "a colour in 24 bits": "\x1b[38:2::1:2:3m",
    "the end of a colour of tput": "\x1b(B\x1b[m",
    "a C1 control": "\x9b31m",
    "a link": "\x1b]8;;https://host/\x07",
    "a title": "\x1b]0;title\x1b\\",
    "a cursor": "\x1b7\x1b[?25l",
    "a colour as a sample has it": "\\x1b[01;31m",
    "a colour as JSON has it": "\\u001b[1m",
    "a colour in a URL": "%1B[1m",
  };
  for (const [what, sequence] of Object.entries(sequences)) {
    for (const secret of ["s3cr3t-value", "Zürich <a> & 🔑/x y%", "a.c/"]) {
      for (const at of [1, 3]) {
        const [start, end] = [secret.slice(0, at), secret.slice(at)];
        assertEquals(redact(`<${start}${sequence}${end}${sequence}>`), `<***${sequence}>`, what);
      }
    }
    const each = [..."s3cr3t-value"].join(sequence);
    assertEquals(redact(`${sequence}${each}, ${each}`), `${sequence}***, ***`, what);
    const other = `no ${sequence}s3cr3t${sequence}!`;
    assertStrictEquals(redact(other), other, what);
  }
});

Deno.test("mask hides a part of a secret where a text was cut beside a colour, or within one", () => {
  for (const end of ["", "\x1b", "\x1b[", "\x1b[01;3", "\\x1b[0", "\\x1"]) {
    assertEquals(redact(`> s\x1b[1m3${end}`, "end").replace(end, ""), "> ***", end);
  }
  for (const start of ["31m", "[0;1m", ";1m", "r\x1b[0m"]) {
    assertEquals(redact(`${start}3t-v\x1b[0malue <`, "both").replace(start, ""), "*** <", start);
  }
  assertEquals(redact("31m nothing at all <", "both"), "31m nothing at all <");
  const itself = createRedactor(["a\x1b[31mb\x9bcd"])!;
  assertEquals([itself("(a\x1b[31mb\x9bcd)"), itself("(a\\u001b[31mb\x9bcd)")], ["(***)", "(***)"]);
});

Deno.test("mask leaves a secret alone when it is so short that masking would reveal it", () => {
  assertEquals(
    createRedactor(["x".repeat(MIN_REDACTED_LENGTH - 1), "", "a\nb\nc"])?.("a b c xxx"),
    "a b c xxx",
  );
  assertEquals(createRedactor(["abc", '"""']), undefined);
  assert(createRedactor(["x".repeat(MIN_REDACTED_LENGTH)]) !== undefined);
});

Deno.test("mask takes linear time, whatever secret and text repeat", () => {
  const started = performance.now();
  for (
    const [secret, text] of [["\\%".repeat(5_000) + "x", "\\%25"], ["a".repeat(60_000) + "b", "a"]] as const
  ) {
    createRedactor([secret])!(text.repeat(1_000_000 / text.length));
  }
  const took = performance.now() - started;
  assert(took < 20_000, `${took} ms; compared place by place it is hours`);
});

Deno.test("mask takes bounded time where secret and text are the longest, and repeat", () => {
  const started = performance.now();
  // Each `\` is itself, or begins the form of one: 60,000 places at once.
  assertEquals(createRedactor(["\\".repeat(60_000)])!("\\".repeat(9_000_000)), "***");
  const lines = Array.from({ length: 340 }, (_, index) => "a".repeat(index + MIN_REDACTED_LENGTH));
  const several = createRedactor([lines.join("\n")])!;
  for (let sample = 0; sample < 300; sample++) assertEquals(several("a".repeat(80), "both"), "***");
  const took = performance.now() - started;
  assert(took < 20_000, `${took} ms; without a bound it is minutes`);
});

Deno.test("mask hides the rest of a text, and nothing before it, when that takes too much work", () => {
  const secret = "a".repeat(1_000) + "b";
  const masked = createRedactor([secret])!(`begins ${"a".repeat(2_000_000)} ends`);
  assert(/^begins a+\*\*\*$/.test(masked) && masked.length < 100_000, masked.slice(-100));
});

Deno.test("mask returns the same text when there is nothing to hide", () => {
  const text = "a line as most are: \\n %41 100%";
  assertStrictEquals(redact(text), text);
});

Deno.test("mask looks no further than a form can go when a text begins one again and again", () => {
  const started = performance.now();
  createRedactor(["s3cr3t-value"])!("\\u{".repeat(3_000_000));
  const took = performance.now() - started;
  assert(took < 20_000, `${took} ms; to look for each brace to the end of the text takes hours`);
});
