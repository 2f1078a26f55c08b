#include <string.h>

#include "lines.h"

static void room(uv_handle_t *in, size_t size, uv_buf_t *buf)
{
	struct lines *l = in->data;

	*buf = uv_buf_init(l->buf + l->fill, (unsigned)(sizeof l->buf - l->fill));
	(void)size;
}

static void on_read(uv_stream_t *in, ssize_t n, const uv_buf_t *buf)
{
	struct lines *l = in->data;

	if (n > 0)
		l->fill += (size_t)n;
	l->ended = n < 0;
	lines_go_on(l);
	(void)buf;
}

int lines_init(struct lines *l, uv_loop_t *uv)
{
	uv_handle_type type = uv_guess_handle(0);
	int status;

	l->fill = 0;
	l->ended = false;
	if (type == UV_TTY)
		status = uv_tty_init(uv, &l->in.tty, 0, 0);
	else
		status = uv_pipe_init(uv, &l->in.pipe, 0);
	if (status == 0 && type != UV_TTY)
		status = type == UV_NAMED_PIPE ? uv_pipe_open(&l->in.pipe, 0) : UV_ENOTSUP;
	l->in.handle.data = l;
	return status;
}

int lines_go_on(struct lines *l)
{
	const char *end;

	uv_read_stop(&l->in.stream);
	while ((end = memchr(l->buf, '\n', l->fill)) != NULL || l->fill == sizeof l->buf ||
	       (l->ended && l->fill > 0)) {
		size_t len = end != NULL ? (size_t)(end - l->buf) : l->fill;
		size_t gone = end != NULL ? len + 1 : len;

		if (!l->take(l->ctx, l->buf, len))
			return 0;
		l->fill -= gone;
		memmove(l->buf, l->buf + gone, l->fill);
	}
	if (!l->ended)
		return uv_read_start(&l->in.stream, room, on_read);
	l->take(l->ctx, NULL, 0);
	return 0;
}

void lines_close(struct lines *l)
{
	uv_close(&l->in.handle, NULL);
}
