/** The account of the requests that the client of a session has at one process. */
import { assertEquals } from "@std/assert";
import { SessionRequests } from "../../../actors/session/requests.ts";
import { Caller } from "../../support/line.ts";

Deno.test("the account keeps the request before it when one that stands is withdrawn", () => {
  const requests = new SessionRequests({ pendingOf: () => undefined }, { generation: 1, awaitsLate: false });
  const number = requests.begin("a", new Caller(), false);
  requests.begin("listen", new Caller(), true);
  requests.withdraw();
  assertEquals([requests.size, requests.answeredBy("a").number], [1, number]);
  requests.begin("b", new Caller(), false);
  requests.withdraw();
  assertEquals([requests.size, requests.answeredBy("b").number], [1, undefined]);
});
