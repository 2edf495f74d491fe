/*
 * Answers each JSON-RPC request with a response whose result is the request's params: `echo lines` for one message a
 * line, `echo headers` for messages behind a Content-Length. One read, one write for all that was whole in it. It trusts
 * its benchmark: it looks for `"id":` and `"params":` and takes what follows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char in[1 << 20], out[2 << 20];
static size_t held, made;

static void put(const char *from, size_t size) {
  memcpy(out + made, from, size);
  made += size;
}

/* Behind the value that starts at `at`. */
static const char *past(const char *at, const char *end) {
  int depth = 0, quoted = 0;
  for (; at < end; at++) {
    if (quoted) {
      if (*at == '\\') at++;
      else if (*at == '"') quoted = 0;
    } else if (*at == '"') quoted = 1;
    else if (*at == '{' || *at == '[') depth++;
    else if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      depth--;
    } else if (*at == ',' && depth == 0) return at;
  }
  return end;
}

static const char *behind(const char *key, const char *at, const char *end) {
  const char *found = memmem(at, end - at, key, strlen(key));
  if (found == NULL) exit(2);
  return found + strlen(key);
}

static void answer(const char *at, size_t size, int headers) {
  static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":", middle[] = ",\"result\":";
  const char *end = at + size;
  const char *id = behind("\"id\":", at, end), *params = behind("\"params\":", at, end);
  size_t id_size = past(id, end) - id, params_size = past(params, end) - params;
  if (headers) {
    size_t all = sizeof head - 1 + id_size + sizeof middle - 1 + params_size + 1;
    made += sprintf(out + made, "Content-Length: %zu\r\n\r\n", all);
  }
  put(head, sizeof head - 1);
  put(id, id_size);
  put(middle, sizeof middle - 1);
  put(params, params_size);
  put(headers ? "}" : "}\n", headers ? 1 : 2);
}

/* How much of what is held begins with a whole message, which is answered; 0 if none does. */
static size_t message(const char *at, const char *end, int headers) {
  if (!headers) {
    const char *newline = memchr(at, '\n', end - at);
    if (newline == NULL) return 0;
    answer(at, newline - at, 0);
    return newline + 1 - at;
  }
  const char *blank = memmem(at, end - at, "\r\n\r\n", 4);
  if (blank == NULL) return 0;
  size_t size = strtoul(behind("Content-Length:", at, blank), NULL, 10);
  if ((size_t)(end - blank - 4) < size) return 0;
  answer(blank + 4, size, 1);
  return blank + 4 + size - at;
}

int main(int count, char **args) {
  int headers = count > 1 && strcmp(args[1], "headers") == 0;
  for (;;) {
    ssize_t got = read(0, in + held, sizeof in - held);
    if (got <= 0) return got < 0;
    held += got;
    const char *at = in;
    for (size_t size; (size = message(at, in + held, headers)) > 0;) at += size;
    held -= at - in;
    memmove(in, at, held);
    for (size_t sent = 0; sent < made;) {
      ssize_t wrote = write(1, out + sent, made - sent);
      if (wrote < 0) return 1;
      sent += wrote;
    }
    made = 0;
  }
}
