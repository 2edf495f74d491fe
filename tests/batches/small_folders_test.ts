/** All tests of these folders in one isolate. */
import { load } from "./load.ts";

await load("control", "gateway", "logs", "options", "permissions", "report", "testing", "text");
