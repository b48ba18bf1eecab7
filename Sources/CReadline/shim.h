#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>

/* Readline's settings are C globals, which Swift's concurrency rules keep out of reach: functions stand in for them. */

/* Reads a key. Where a signal came and the hook returns 1, the line ends: readline() returns what was typed. */
static inline int zl_read_key(FILE *stream) {
    for (;;) {
        unsigned char key;
        ssize_t count = read(fileno(stream), &key, 1);
        if (count == 1) return key;
        if (count == 0 || errno != EINTR) return EOF;
        if (rl_signal_event_hook()) return '\n';
    }
}

static inline void zl_readline_begin(const char *name, rl_hook_func_t *ends_line) {
    rl_readline_name = name;
    rl_catch_signals = 0;
    rl_change_environment = 0;
    rl_signal_event_hook = ends_line;
    rl_getc_function = zl_read_key;
}
