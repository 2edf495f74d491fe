/** Times, numbers and untrusted text in words. */
import { assertEquals } from "@std/assert";
import { formatCount, formatDuration, hostPort, printableLine } from "../../src/text/words.ts";

Deno.test("a duration has the unit that one reads it in, and no false precision", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [0.04, "<1 ms"],
    [0.999, "<1 ms"],
    [1, "1 ms"],
    [12.4, "12 ms"],
    [999.4, "999 ms"],
    [999.6, "1 s"],
    [1_254, "1.25 s"],
    [60_000, "60 s"],
    [119_990, "119.99 s"],
    [119_999, "2 min"],
    [180_000, "3 min"],
    [5_400_000, "90 min"],
    [7_199_999, "2 h"],
    [90_000_000, "25 h"],
  ];
  assertEquals(cases.map(([ms]) => [ms, formatDuration(ms)]), cases);
});

Deno.test("a noun has its number", () => {
  assertEquals([0, 1, 2].map((n) => formatCount(n, "restart")), ["0 restarts", "1 restart", "2 restarts"]);
});

Deno.test("text stays as it is, tabs too, whatever its language", () => {
  for (const text of ["plain", "a\tb", "café ∑ 漢字 😀", "100 % \\x1b"]) {
    assertEquals(printableLine(text), text);
  }
});

Deno.test("colours are taken out, other control characters are shown", () => {
  assertEquals(printableLine("\x1b[31mred\x1b[0m"), "red");
  assertEquals(printableLine("\x1b[2Jclear\x1b[1mbold\x07"), "\\x1b[2Jclearbold\\x07");
  assertEquals(printableLine("a\rb\x00\x7f\x85"), "a\\x0db\\x00\\x7f\\x85");
  assertEquals(printableLine("a\nb"), "a\\x0ab");
  assertEquals(printableLine("\u2028\u202e"), "\\u2028\\u202e");
});

Deno.test("hostPort writes an address as Deno takes it when the host is a name, IPv4 or IPv6", () => {
  assertEquals(
    [["localhost", 80], ["127.0.0.1", 80], ["::1", 80]].map(([host, port]) =>
      hostPort(host as string, port as number)
    ),
    ["localhost:80", "127.0.0.1:80", "[::1]:80"],
  );
});
