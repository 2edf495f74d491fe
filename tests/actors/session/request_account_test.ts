/** The account of the requests that the client of a session has at one process. */
import { assertEquals } from "@std/assert";
import { RequestAccount } from "../../../actors/session/request_account.ts";
import { Caller } from "../../support/line.ts";

Deno.test("the account keeps the request before it when one that stands is withdrawn", () => {
  const account = new RequestAccount({ pendingOf: () => undefined }, 1);
  const number = account.begin("a", new Caller(), false);
  account.begin("listen", new Caller(), true);
  account.withdraw();
  assertEquals([account.size, account.answeredBy("a").number], [1, number]);
  account.begin("b", new Caller(), false);
  account.withdraw();
  assertEquals([account.size, account.answeredBy("b").number], [1, undefined]);
});
