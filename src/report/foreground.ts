/**
 * Asks of a program that ended in order and left a process behind whether it put itself into the background, with the way
 * out where the program is known. Used by the timeline and by `why`.
 */

/** By the name of a program, what has it stay in the foreground: its arguments, in JSON, or what to do about them. */
const WAYS: Readonly<Record<string, readonly string[] | string>> = {
  "nginx": ["-g", "daemon off;"],
  "redis-server": ["--daemonize", "no"],
  "valkey-server": ["--daemonize", "no"],
  "httpd": ["-DFOREGROUND"],
  "apache2": ["-DFOREGROUND"],
  "apachectl": ["-DFOREGROUND"],
  "apache2ctl": ["-DFOREGROUND"],
  "php-fpm": ["-F"],
  "sshd": ["-D"],
  "haproxy": ["-db"],
  "dnsmasq": ["-k"],
  "named": ["-f"],
  "cron": ["-f"],
  "crond": ["-f"],
  "rsyslogd": ["-n"],
  "squid": ["-N"],
  "varnishd": ["-F"],
  "lighttpd": ["-D"],
  "mongod": "leave out --fork",
  "memcached": "leave out -d",
  "gunicorn": "leave out --daemon",
  "pg_ctl": "run postgres itself",
  "mysqld_safe": "run mysqld itself",
  "pm2": "run pm2-runtime, or the program itself",
};

/** The question, as a clause that follows on a line. */
export function backgroundHint(program: string | undefined): string {
  const name = program?.split("/").at(-1)?.replace(/[-.]?\d+(\.\d+)*$/, "") ?? "";
  const way = Object.hasOwn(WAYS, name) ? WAYS[name]! : "by its option for that";
  const how = typeof way === "string"
    ? way
    : `by ${way.map((one) => JSON.stringify(one)).join(", ")} in "args"`;
  return `; did it put itself into the background? Have it stay in the foreground${
    how.startsWith("by ") ? " " : ": "
  }${how}`;
}
