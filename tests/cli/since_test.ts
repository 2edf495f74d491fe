import { assertEquals } from "@std/assert";
import { pastTime } from "../../src/cli/since.ts";

const NOW = new Date(2026, 10, 29, 12, 0, 0).getTime();

/** Local. */
const at = (day: number, hours: number, minutes: number, seconds = 0, ms = 0) =>
  new Date(2026, 10, day, hours, minutes, seconds, ms).getTime();

Deno.test("pastTime takes durations, times of the day, the last one where it is still to come, and dates", () => {
  const taken: [text: string, means: number][] = [
    ["10m", NOW - 600_000],
    ["0s", NOW],
    ["1.5h", NOW - 5_400_000],
    ["10:02", at(29, 10, 2)],
    ["9:02:11", at(29, 9, 2, 11)],
    ["10:02:11.123", at(29, 10, 2, 11, 123)],
    ["12:01", at(28, 12, 1)],
    ["2026-11-20", at(20, 0, 0)],
    ["2026-11-20 10:02", at(20, 10, 2)],
    ["2026-11-20T10:02:11.500", at(20, 10, 2, 11, 500)],
    ["2026-11-20T10:02:11.5Z", Date.UTC(2026, 10, 20, 10, 2, 11, 500)],
    ["2026-11-20T10:02+02:00", Date.UTC(2026, 10, 20, 8, 2)],
  ];
  for (const [text, means] of taken) assertEquals(pastTime(text, NOW), means, text);
});

Deno.test("pastTime takes nothing when a time has no unit, no meaning, or more than a time", () => {
  for (
    const text of ["", "10", "yesterday", "25:00", "10:61", "2026-13-01", "2026-11-20T", "10:02x", "-5m"]
  ) {
    assertEquals(pastTime(text, NOW), undefined, text);
  }
});
