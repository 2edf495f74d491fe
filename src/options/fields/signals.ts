/**
 * The names of signals that a manifest may use: all that Deno knows, on any system.
 */

/** By name, so that the compiler says when Deno knows one more. */
const KNOWN: Readonly<Record<Deno.Signal, true>> = {
  SIGABRT: true,
  SIGALRM: true,
  SIGBREAK: true,
  SIGBUS: true,
  SIGCHLD: true,
  SIGCONT: true,
  SIGEMT: true,
  SIGFPE: true,
  SIGHUP: true,
  SIGILL: true,
  SIGINFO: true,
  SIGINT: true,
  SIGIO: true,
  SIGPOLL: true,
  SIGUNUSED: true,
  SIGKILL: true,
  SIGPIPE: true,
  SIGPROF: true,
  SIGPWR: true,
  SIGQUIT: true,
  SIGSEGV: true,
  SIGSTKFLT: true,
  SIGSTOP: true,
  SIGSYS: true,
  SIGTERM: true,
  SIGTRAP: true,
  SIGTSTP: true,
  SIGTTIN: true,
  SIGTTOU: true,
  SIGURG: true,
  SIGUSR1: true,
  SIGUSR2: true,
  SIGVTALRM: true,
  SIGWINCH: true,
  SIGXCPU: true,
  SIGXFSZ: true,
};

/** Their names. */
export const SIGNALS: readonly Deno.Signal[] = Object.keys(KNOWN) as Deno.Signal[];
