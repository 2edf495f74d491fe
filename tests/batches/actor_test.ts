/** All tests of this folder in one isolate. */
import { load } from "./load.ts";

await load("actor");
