/* Two million steps of xorshift for each line, and then the line `1`: some milliseconds of work that no compiler shortens. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
  for (int c; (c = getchar()) != EOF;) {
    if (c != '\n') continue;
    uint32_t x = 1;
    for (int i = 0; i < 2000000; i++) {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
    }
    printf("%d\n", x != 0); // which it is
    fflush(stdout);
  }
}
