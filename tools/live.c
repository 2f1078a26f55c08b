#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include <lwlink/loop.h>

#include "live.h"

static void on_signal(uv_signal_t *handle, int number)
{
	struct signals *s = handle->data;

	(void)number;
	s->arrived(s->ctx);
}

void signals_begin(struct signals *s, uv_loop_t *uv, void (*arrived)(void *ctx), void *ctx)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	unsigned i;

	/* Who reads what is printed may go: that is an error like any other. */
	signal(SIGPIPE, SIG_IGN);
	s->arrived = arrived;
	s->ctx = ctx;
	for (i = 0; i < 2; i++) {
		uv_signal_init(uv, &s->handles[i]);
		s->handles[i].data = s;
		uv_signal_start(&s->handles[i], on_signal, numbers[i]);
		uv_unref((uv_handle_t *)&s->handles[i]);
	}
}

void signals_end(struct signals *s)
{
	unsigned i;

	for (i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&s->handles[i], NULL);
}

struct lwl_loop *loop_begin(void)
{
	struct lwl_loop *loop;
	int status = lwl_loop_new(&loop, NULL);

	if (status == 0)
		return loop;
	complain("%s", lwl_strerror(status));
	return NULL;
}

void complain_about_link(const char *address, const char *reason)
{
	size_t length = strlen(address);

	if (strncmp(reason, address, length) == 0 && reason[length] == ':')
		complain("%s", reason);
	else
		complain("%s: %s", address, reason);
}

void error_text(char *buf, size_t size, uint32_t code, struct lwl_string detail)
{
	const char *name = code <= INT32_MAX ? lwl_error_name((int)code) : NULL;
	const char *text = name != NULL ? lwl_strerror((int)code) : NULL;
	char number[40];

	if (name != NULL)
		snprintf(number, sizeof number, "%s (%" PRIu32 ")", name, code);
	else
		snprintf(number, sizeof number, "error %" PRIu32, code);
	snprintf(buf, size, "%s%s%s%s%.*s", number, text != NULL ? ", " : "", text != NULL ? text : "",
		 detail.len > 0 ? ": " : "", (int)detail.len, detail.len > 0 ? detail.data : "");
}
