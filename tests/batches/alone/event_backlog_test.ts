/** It looks at the heap of its isolate, so it has one of its own. */
import "../../sidecar/event_backlog_test.ts";
