/* Lines of the standard input, a terminal or a pipe, on libuv.  Nothing in it knows of links. */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <uv.h>

enum { LINE_MAX_BYTES = 1000 };

struct lines {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tty_t tty;
		uv_pipe_t pipe;
	} in;
	/* A line without its end, or NULL after the last one.  False: not now, see lines_go_on. */
	bool (*take)(void *ctx, const char *line, size_t len);
	void *ctx;
	bool ended;
	size_t fill;
	char buf[LINE_MAX_BYTES + 1];	/* lines that are not taken yet; longer ones come in pieces */
};

/* The functions return what libuv says. */
int lines_init(struct lines *l, uv_loop_t *uv);

/* From now on, or again. */
int lines_go_on(struct lines *l);

void lines_close(struct lines *l);

#endif
