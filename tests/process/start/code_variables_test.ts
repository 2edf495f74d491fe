import { assertEquals } from "@std/assert";
import { codeRunBy } from "../../../src/process/start/code_variables.ts";

Deno.test("codeRunBy names who is made to run other code, when a variable does that", () => {
  const cases: Record<string, string> = {
    "NODE_OPTIONS NODE_PATH npm_config_script_shell": "Node",
    "BASH_ENV ENV BASH_FUNC_ls%% ZDOTDIR": "a shell",
    "PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONBREAKPOINT PYTHONINSPECT": "Python",
    "LD_PRELOAD LD_LIBRARY_PATH ld_audit DYLD_INSERT_LIBRARIES": "the dynamic linker",
    "GIT_SSH_COMMAND GIT_SSH GIT_PAGER GIT_EXTERNAL_DIFF GIT_CONFIG_COUNT GIT_EXEC_PATH": "Git",
    "DENO_V8_FLAGS DENO_DIR DENO_UNSTABLE_FFI DENO_CONDITIONS": "Deno",
    "PERL5OPT PERL5LIB": "Perl",
    "RUBYOPT RUBYLIB": "Ruby",
    "JAVA_TOOL_OPTIONS _JAVA_OPTIONS": "Java",
    "DOTNET_STARTUP_HOOKS": ".NET",
    "LUA_INIT_5_4 PHPRC": "its language",
    "PAGER EDITOR RSYNC_RSH": "programs start",
    "OPENSSL_CONF": "programs load",
  };
  for (const [names, who] of Object.entries(cases)) {
    for (const name of names.split(" ")) assertEquals(codeRunBy(name)?.startsWith(who), true, name);
  }
});

Deno.test("codeRunBy returns undefined when a variable does not run other code", () => {
  const names =
    "PATH HOME LANG TERM TMPDIR USER PYTHONUNBUFFERED PYTHONIOENCODING DENO_NO_UPDATE_CHECK NODE_ENV " +
    "API_KEY GIT_AUTHOR_NAME JAVA_HOME NO_COLOR ENVIRONMENT";
  for (const name of names.split(" ")) assertEquals(codeRunBy(name), undefined, name);
});
