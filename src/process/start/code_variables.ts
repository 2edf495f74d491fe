/**
 * Lists environment variables that make a program run other code than its own. Pure; used by the warnings of a start and
 * of `check`.
 *
 * They are recognized by their names; variables that a program of your own reads are not known.
 */

/** The effect of variables, and their names; `*` at the end stands for any text. */
const KINDS: Readonly<Record<string, string>> = {
  "the dynamic linker loads other libraries": "LD_* DYLD_* GCONV_PATH GLIBC_TUNABLES SHLIB_PATH LIBPATH",
  "a shell runs other commands":
    "BASH_ENV ENV BASH_FUNC_* BASH_LOADABLES_PATH PROMPT_COMMAND PS4 SHELLOPTS BASHOPTS ZDOTDIR FPATH IFS",
  "Node runs other code":
    "NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NPM_CONFIG_* BUN_OPTIONS BUN_INSPECT*",
  "Deno runs other code, or with other permissions": "DENO_*",
  "Python runs other code": "PYTHON* IPYTHONDIR",
  "Perl runs other code": "PERL5OPT PERL5LIB PERLLIB PERL5DB PERL5SHELL PERL_*",
  "Ruby runs other code": "RUBYOPT RUBYLIB RUBYPATH GEM_PATH GEM_HOME IRBRC",
  "Java runs other code":
    "JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_OPTS CLASSPATH MAVEN_OPTS GRADLE_OPTS",
  ".NET runs other code":
    "DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE CORECLR_* COR_* COMPLUS_*",
  "its language runs other code":
    "PHPRC PHP_INI_SCAN_DIR LUA_INIT* LUA_PATH* LUA_CPATH* R_PROFILE* R_ENVIRON* R_LIBS* JULIA_LOAD_PATH " +
    "JULIA_DEPOT_PATH TCLLIBPATH AWKPATH AWKLIBPATH GUILE_LOAD_PATH GUILE_LOAD_COMPILED_PATH ERL_FLAGS ERL_AFLAGS " +
    "ERL_ZFLAGS ERL_LIBS ELIXIR_ERL_OPTIONS GOFLAGS RUSTC_WRAPPER CARGO_BUILD_RUSTC_WRAPPER MAKEFLAGS",
  "Git runs other programs":
    "GIT_SSH GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PAGER GIT_ASKPASS " +
    "GIT_PROXY_COMMAND GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_CONFIG* GIT_ALLOW_PROTOCOL",
  "programs start the one that it names":
    "PAGER MANPAGER LESSOPEN LESSCLOSE EDITOR VISUAL BROWSER VIMINIT EXINIT SSH_ASKPASS SUDO_ASKPASS RSYNC_RSH " +
    "CVS_RSH SVN_SSH TAR_OPTIONS RSH",
  "programs load other libraries":
    "OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES GTK_MODULES GTK_PATH GIO_EXTRA_MODULES GST_PLUGIN_PATH* " +
    "QT_PLUGIN_PATH LIBRARY_PATH PKCS11_MODULE_PATH VK_LAYER_PATH",
};

/** Those of the patterns above that only affect display, storage or statistics. */
const HARMLESS = new Set(
  ("PYTHONUNBUFFERED PYTHONIOENCODING PYTHONUTF8 PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONFAULTHANDLER " +
    "PYTHONOPTIMIZE PYTHONNOUSERSITE PYTHONSAFEPATH PYTHONDEVMODE PYTHONTRACEMALLOC PYTHONASYNCIODEBUG " +
    "PYTHONCOERCECLOCALE PYTHONMALLOC PYTHONVERBOSE PYTHONDEBUG PYTHONINTMAXSTRDIGITS PYTHON_COLORS PYTHON_GIL " +
    "DENO_NO_UPDATE_CHECK DENO_NO_PROMPT DENO_JOBS DENO_NO_PACKAGE_JSON").split(" "),
);

const EXACT = new Map<string, string>();
const FAMILIES: (readonly [prefix: string, who: string])[] = [];
for (const [who, names] of Object.entries(KINDS)) {
  for (const name of names.split(" ")) {
    if (name.endsWith("*")) FAMILIES.push([name.slice(0, -1), who]);
    else EXACT.set(name, who);
  }
}

/**
 * Returns the effect of the variable `name`, to follow `by which` (`Node runs other code`); `undefined` where none is
 * known. Case is ignored, as npm and Windows do.
 */
export function codeRunBy(name: string): string | undefined {
  const upper = name.trim().toUpperCase();
  if (HARMLESS.has(upper)) return undefined;
  return EXACT.get(upper) ?? FAMILIES.find(([prefix]) => upper.startsWith(prefix))?.[1];
}
