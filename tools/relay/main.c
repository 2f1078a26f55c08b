/*
 * lwl-relay: joins links, whatever their schema.
 *
 * For each link that comes in at one address ("near") another is dialled ("far").  Names that one side
 * opens are opened on the other; what is given out for them, and every linkid in a message, becomes a
 * proxy, which the library makes.  What is left for this program is to tie two ends together.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <lwlink/loop.h>

enum {
	EXIT_OTHER = 2,
	PARTING_US = 5000000,		/* for what is running, when one side has ended */
	KEY_CALLS = 256, KEY_WINDOW, KEY_ENDPOINTS, KEY_ONCE
};

const char *argp_program_version = "lwl-relay " LWLINK_VERSION;

/* An open that came before there was anybody to ask. */
struct open {
	struct open *next;
	struct lwl_call *call;
	struct lwl_string name, interface;
	uint32_t version;
};

struct pair {
	struct relay *relay;
	struct pair *next;
	unsigned long number;
	struct lwl_link *near, *far;	/* NULL: has ended */
	bool joined;			/* far is up, or has been */
	struct open *opens, **opens_end;
};

struct relay {
	const char *at, *to;		/* addresses */
	struct lwl_limits limits;
	bool verbose, once;
	struct lwl_loop *loop;
	struct lwl_listener *listener;	/* NULL: no longer */
	struct pair *pairs;
	unsigned long count;
	unsigned interruptions;
	int status;			/* of the program */
};

/* A line to standard error.  What a terminal would obey is replaced: some of it is the peers' text. */
__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	size_t i;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (i = 0; text[i] != '\0'; i++) {
		unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1];

		if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			text[i] = '?';
	}
	fprintf(stderr, "lwl-relay: %s\n", text);
}

/* ---- opening ---- */

static void fail_opens(struct pair *pair, int code, const char *why)
{
	while (pair->opens != NULL) {
		struct open *open = pair->opens;

		pair->opens = open->next;
		lwl_call_fail(open->call, code, why);
		free(open);
	}
	pair->opens_end = &pair->opens;
}

static void forward_opens(struct pair *pair)
{
	while (pair->opens != NULL) {
		struct open *open = pair->opens;

		pair->opens = open->next;
		lwl_open_forward(open->call, pair->far, open->name, open->interface, open->version);
		free(open);
	}
	pair->opens_end = &pair->opens;
}

/* Until the other link is up.  How many there can be is a limit of the link. */
static void keep_open(struct pair *pair, struct lwl_call *call, struct lwl_string name,
		      struct lwl_string interface, uint32_t version)
{
	struct open *open = malloc(sizeof *open);

	if (open == NULL || lwl_call_hold(call) != 0) {
		free(open);
		lwl_call_fail(call, LWL_ENOMEM, NULL);
		return;
	}
	open->next = NULL;
	open->call = call;
	open->name = name;
	open->interface = interface;
	open->version = version;
	*pair->opens_end = open;
	pair->opens_end = &open->next;
}

/* ---- one end after the other ---- */

static void pair_free(struct pair *pair)
{
	struct relay *r = pair->relay;
	struct pair **at;

	for (at = &r->pairs; *at != pair; at = &(*at)->next)
		;
	*at = pair->next;
	free(pair);
}

/* One side has ended: so does the other, in the same way. */
static void side_ended(struct pair *pair, struct lwl_link *link, struct lwl_link *other, int status,
		       const char *reason)
{
	struct relay *r = pair->relay;
	const char *why = lwl_link_goodbye(link, NULL);

	if (why == NULL)
		why = reason;

	fail_opens(pair, status == 0 ? LWL_EGONE : -status, why);
	if (other == NULL) {
		pair_free(pair);
		return;
	}
	/* It is the first that has ended. */
	if (r->verbose)
		say("link %lu: ended: %s", pair->number, reason);
	if (status != 0 && r->once)
		r->status = EXIT_FAILURE;
	if (status == 0)
		lwl_link_shutdown(other, PARTING_US);
	else
		lwl_link_end(other, -status, why);
}

/* ---- far ---- */

static void far_up(void *ctx, struct lwl_link *link)
{
	struct pair *pair = ctx;

	(void)link;
	pair->joined = true;
	if (pair->relay->verbose)
		say("link %lu: joined to %s", pair->number, pair->relay->to);
	forward_opens(pair);
}

static void far_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct pair *pair = ctx;

	pair->far = NULL;
	if (!pair->joined && pair->near != NULL)
		say("link %lu: %s", pair->number, reason);
	side_ended(pair, link, pair->near, status, reason);
}

static void far_open(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
		     struct lwl_string interface, uint32_t version)
{
	struct pair *pair = ctx;

	(void)link;
	if (pair->near != NULL)
		lwl_open_forward(call, pair->near, name, interface, version);
	else
		lwl_call_fail(call, LWL_EGONE, NULL);
}

/* ---- near ---- */

static struct pair *pair_of(const struct relay *r, const struct lwl_link *near)
{
	struct pair *pair = r->pairs;

	while (pair != NULL && pair->near != near)
		pair = pair->next;
	return pair;
}

static void stop_listening(struct relay *r)
{
	if (r->listener != NULL)
		lwl_listener_close(r->listener);
	r->listener = NULL;
}

static void near_up(void *ctx, struct lwl_link *link)
{
	static const struct lwl_link_events events = { .up = far_up, .ended = far_ended };
	struct relay *r = ctx;
	struct pair *pair = calloc(1, sizeof *pair);
	struct lwl_link_config config = { .limits = r->limits, .open = far_open, .events = &events,
					  .ctx = pair };
	char error[500];
	int status;

	if (pair == NULL) {
		lwl_link_end(link, LWL_ENOMEM, "the relay has no memory");
		return;
	}
	pair->relay = r;
	pair->number = ++r->count;
	pair->near = link;
	pair->opens_end = &pair->opens;
	pair->next = r->pairs;
	r->pairs = pair;
	if (r->once)
		stop_listening(r);
	status = lwl_loop_dial(r->loop, &pair->far, r->to, &config, error, sizeof error);
	if (status != 0) {
		pair->far = NULL;
		say("link %lu: %s", pair->number, error);
		r->status = r->once ? EXIT_FAILURE : r->status;
		lwl_link_end(link, -status, error);
	}
}

static void near_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct relay *r = ctx;
	struct pair *pair = pair_of(r, link);

	/* Without a pair it never was a session. */
	if (pair == NULL) {
		if (r->verbose)
			say("%s", reason);
		return;
	}
	pair->near = NULL;
	side_ended(pair, link, pair->far, status, reason);
}

static void near_open(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
		      struct lwl_string interface, uint32_t version)
{
	struct pair *pair = pair_of(ctx, link);

	if (pair == NULL || pair->far == NULL)
		lwl_call_fail(call, LWL_EGONE, NULL);
	else if (pair->joined)
		lwl_open_forward(call, pair->far, name, interface, version);
	else
		keep_open(pair, call, name, interface, version);
}

/* ---- the program ---- */

/* The first time in order; the second time now. */
static void on_signal(uv_signal_t *handle, int number)
{
	struct relay *r = handle->data;
	uint64_t time = r->interruptions++ == 0 ? PARTING_US : 0;
	struct pair *pair;

	(void)number;
	stop_listening(r);
	for (pair = r->pairs; pair != NULL; pair = pair->next) {
		if (pair->near != NULL)
			lwl_link_shutdown(pair->near, time);
		if (pair->far != NULL)
			lwl_link_shutdown(pair->far, time);
	}
}

static void run(struct relay *r)
{
	static const struct lwl_link_events events = { .up = near_up, .ended = near_ended };
	static const int numbers[] = { SIGINT, SIGTERM };
	const struct lwl_link_config config = { .limits = r->limits, .open = near_open, .events = &events,
						.ctx = r };
	uv_signal_t signals[2];
	char error[500];
	unsigned i;

	if (lwl_loop_listen(r->loop, &r->listener, r->at, &config, NULL, NULL, error,
			    sizeof error) != 0) {
		say("%s", error);
		return;
	}
	r->status = 0;
	if (r->verbose)
		say("listening on %s", lwl_listener_address(r->listener));
	for (i = 0; i < 2; i++) {
		uv_signal_init(lwl_loop_uv(r->loop), &signals[i]);
		signals[i].data = r;
		uv_signal_start(&signals[i], on_signal, numbers[i]);
	}
	lwl_loop_run(r->loop);
	for (i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&signals[i], NULL);
}

/* ---- the command line ---- */

static uint64_t parse_number(struct argp_state *state, const char *what, const char *arg,
			     uint64_t min, uint64_t max)
{
	uint64_t v;
	char *end;

	errno = 0;
	v = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || *end != '\0' || errno != 0 || v < min || v > max)
		argp_error(state, "%s: '%s' is no number from %llu to %llu", what, arg,
			   (unsigned long long)min, (unsigned long long)max);
	return v;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct relay *r = state->input;

	switch (key) {
	case 'v':
		r->verbose = true;
		return 0;
	case KEY_ONCE:
		r->once = true;
		return 0;
	case KEY_CALLS:
		r->limits.calls = (uint32_t)parse_number(state, "--calls", arg, 1, 1 << 20);
		return 0;
	case KEY_WINDOW:
		r->limits.window = parse_number(state, "--window", arg, 131072, 1 << 30);
		return 0;
	case KEY_ENDPOINTS:
		r->limits.endpoints = (uint32_t)parse_number(state, "--endpoints", arg, 1, 1 << 24);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 2)
			argp_error(state, "'%s' is too much; there are two addresses", arg);
		*(state->arg_num == 0 ? &r->at : &r->to) = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, state->arg_num == 0 ? "which ADDRESS?"
				   : "which ADDRESS is to be dialled?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "calls", KEY_CALLS, "N", 0, "Commands that each side may have unanswered "
		  "(default 4096)", 0 },
		{ "endpoints", KEY_ENDPOINTS, "N", 0, "End points that each side may host "
		  "(default 65536)", 0 },
		{ "once", KEY_ONCE, NULL, 0, "End when the first link has ended", 0 },
		{ "verbose", 'v', NULL, 0, "Say on standard error which links come and go", 0 },
		{ "window", KEY_WINDOW, "BYTES", 0, "Bytes of messages that each side may send "
		  "before they are acknowledged (default 1048576)", 0 },
		{ NULL, 0, NULL, 0, NULL, 0 }
	};
	static const struct argp argp = {
		options, parse, "ADDRESS ADDRESS",
		"Listen at the first ADDRESS; for each link that comes in dial the second, and join the "
		"two: what either side offers can be opened from the other. Works with any schema.\v"
		"ADDRESS is unix:/path, unix:@name, tcp:host:port, fd:3,4, or, to be dialled,\n"
		"exec:command.\n"
		"\nExample:\n"
		"  lwl-relay unix:/run/near.socket tcp:far.example:7000\n\n"
		"Exit status: 0 ended by SIGINT, SIGTERM or --once; 1 the one link of --once\n"
		"ended with an error; 2 others.", NULL, NULL, NULL
	};
	struct relay r = { .status = EXIT_OTHER };
	int status;

	argp_err_exit_status = EXIT_OTHER;
	if (argp_parse(&argp, argc, argv, 0, NULL, &r) != 0)
		return EXIT_OTHER;
	status = lwl_loop_new(&r.loop, NULL);
	if (status != 0) {
		say("%s", lwl_strerror(status));
		return EXIT_OTHER;
	}
	run(&r);
	lwl_loop_free(r.loop);
	return r.status;
}
