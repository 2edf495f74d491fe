/**
 * What the lines of a trace are, one pattern for each kind: frames, what heads them, and what is added to any failure.
 *
 * The reader of a tail keeps the head of a long trace by them, and `last_words.ts` finds the cause. All of them are for one
 * line as a terminal shows it, without what a log collector puts before it; each takes time linear in it, but for
 * {@linkcode NAMED_ERROR}, which takes its square.
 */

/** Matches at the beginning of a line what one of the patterns does. */
function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(`^(?:${patterns.map(({ source }) => source).join("|")})`, "u");
}

/** Names an error that is the cause of another one. */
export const INNER_CAUSE: RegExp = anyOf(
  /\s*(?:\[cause\]|Caused by|Wrapped by|Suppressed): \S/,
  /\s*---> \S/,
);

/** A frame of JavaScript, Java, .NET, Ruby, Perl, PHP or Dart, or what stands for several; they follow their error. */
export const CALL: RegExp = anyOf(
  /\s+at \S/,
  /\s+from \S+:\d+/,
  /\s+\S+\(.*\) called at /,
  /\s*#\d+ +(?:\{main\}|\[internal |0x|.*\(\d+\): |.*:\d+\)$)/,
  /\s*\.\.\. \d+ (?:more|common frames omitted)/,
  /\s*\(fulfilled at /,
  // Node shows where an error arose, then where it was emitted.
  /Emitted 'error' event (?:on .+ )?at:$/,
  /\s*--- End of /,
);

/** A goroutine, or a function on its stack. */
const GOROUTINE = anyOf(
  /goroutine \d.*\]:$/,
  /created by \S/,
  /[\w\/%-]+\.[\w.\/%-]*(?:\(\*?[\w.\[\]]+\)[\w.]+)?\(.*\)$/,
);

/** Belongs to a trace, though it may not be indented. */
export const CONTINUES_TRACE: RegExp = anyOf(GOROUTINE, INNER_CAUSE, CALL);

/** The mark under the place of an error in its source. */
export const SOURCE_MARK: RegExp = /^\s*[\^~]+\s*$/;

/**
 * Shown with an error, and never what it is about: frames, source code, brackets, lines across, an empty line. A line that
 * is only the mask of a secret says something.
 */
export const SHOWN_WITH_ERROR: RegExp = anyOf(
  CALL,
  GOROUTINE,
  /(?![^\p{L}\p{N}*]*\*{3}[^\p{L}\p{N}*]*$)[^\p{L}\p{N}]*$/u,
  // Frames with numbers, or with their place first: V8, Deno, Elixir, Zig.
  /\s*\d+: (?:0x|<unknown>)/,
  /\s+(?:\(\w+ [\w.-]+\) )?\S+:\d+: /,
  /\S+:\d+:\d+: 0x/,
  // Source code with its number, or a bar; the top of a box.
  /\s*\d* *[|│╵](?: |$)/,
  /[╭┌]/,
  // What heads the frames.
  /[^\p{L}\p{N}]*(?:(?:Native|C|JS) )?[Ss]tack ?(?:back)?trace(?:back)?\b[^\p{L}\p{N}]*$/u,
  /CallStack \(from /,
  /(?:Current thread|Thread) 0x/,
  /\[signal /,
  /Shadow bytes? /,
);

/** What a runtime, a compiler or a starter adds to a failure, whatever it is. */
export const ADDED: RegExp = anyOf(
  /Node\.js v\d/,
  /Bun v\d/,
  /note: /,
  /Warning Couldn't format source line: /,
  /\(Use `node /,
  /Extension modules: /,
  /Crash dump is being written to: /,
  /==\d+==ABORTING/,
  /exit status \d+$/,
  /\S+:\d+: note: /,
  /\d+ (?:errors?|warnings?)(?: and \d+ errors?)?(?: generated\.)?$/,
  /compilation terminated\.$/,
  /collect2: error: /,
  /clang: error: linker command failed/,
  /error: (?:aborting due to|could not compile) /,
  /Some errors have detailed explanations/,
  /For more information about (?:this|an) error/,
  /npm (?:ERR!|error|WARN|warn|notice)/,
  / ?(?:ELIFECYCLE|ERR_PNPM_)/,
  /error Command failed/,
  /info Visit /,
  /error: script "/,
  /error: "[^"]*" exited/,
  /make(?:\[\d+\])?: \*\*\*/,
);

/** The beginning of an error's text, such as `TypeError: ` or `java.io.IOException: `. */
export const NAMED_ERROR: RegExp =
  /^(?:[\w$./" ():'-]* )?[\w$.]*(?:Error|Exception|Throwable|Failure|Rejection)(?: \[\w+\])?(?::|$)/;

/** Said by a program, or a thread of it, only when it dies; the cause is on this line or begins on it. */
export const DEATH: RegExp = anyOf(
  /panic: /,
  /[Ff]atal error: /,
  /FATAL ERROR: /,
  /Fatal Python error: /,
  /# Fatal /,
  /thread (?:'.*' .*panicked at |\d+ panic: )/,
  /terminate called /,
  /SUMMARY: \w+Sanitizer: /,
  /\*\* \(\w[\w. ]*\) /,
);
