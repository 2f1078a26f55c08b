/*
 * Addresses as text: see lwlink/loop.h.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "loop_private.h"

/* What goes wrong is said of the whole address, so that a reader of a log knows which. */
struct parser {
	const char *text;
	char *error;
	size_t size;
};

__attribute__((format(printf, 2, 3)))
static int bad(const struct parser *p, const char *format, ...)
{
	char why[200];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	if (p->size > 0)
		snprintf(p->error, p->size, "\"%.100s\" is not an address: %s", p->text, why);
	return -LWL_EINVAL;
}

/* Digits up to `end`, at most `max`; -1 if it is anything else. */
static long number(const char *from, const char *end, long max)
{
	long n = 0;

	if (from == end)
		return -1;
	for (; from < end; from++) {
		if (*from < '0' || *from > '9')
			return -1;
		n = 10 * n + (*from - '0');
		if (n > max)
			return -1;
	}
	return n;
}

static int parse_unix(const struct parser *p, struct lwl_address *a, const char *path)
{
	size_t most = sizeof ((struct sockaddr_un *)0)->sun_path - 1;

	if (path[path[0] == '@' ? 1 : 0] == '\0')
		return bad(p, "there is no path behind unix:");
	if (strlen(path) > most)
		return bad(p, "a socket's path has at most %u bytes", (unsigned)most);
	strcpy(a->text, path);
	return 0;
}

static int parse_tcp(const struct parser *p, struct lwl_address *a, const char *host,
		     bool listening)
{
	const char *end = strchr(host, '?'), *colon, *host_end;
	long port;

	if (end != NULL && strcmp(end, "?public") != 0)
		return bad(p, "\"%.30s\" is not known here; \"?public\" is", end);
	if (end != NULL && !listening)
		return bad(p, "\"?public\" is for listening");
	a->is_public = end != NULL;
	if (end == NULL)
		end = host + strlen(host);
	if (*host == '[') {
		host++;
		host_end = memchr(host, ']', (size_t)(end - host));
		if (host_end == NULL)
			return bad(p, "the bracket is not closed");
		colon = host_end + 1;
	} else {
		host_end = colon = memchr(host, ':', (size_t)(end - host));
		if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL)
			return bad(p, "an address of IPv6 goes in brackets, as in tcp:[::1]:7000");
	}
	if (colon == NULL || colon == end || *colon != ':')
		return bad(p, "there is no port, as in tcp:localhost:7000");
	if (host_end == host)
		return bad(p, "there is no host, as in tcp:localhost:7000");
	if (host_end - host >= (long)sizeof a->text)
		return bad(p, "no host has so long a name");
	port = number(colon + 1, end, 65535);
	if (port < 0 || (port == 0 && !listening))
		return bad(p, "the port is not a number from %d to 65535", listening ? 0 : 1);
	memcpy(a->text, host, (size_t)(host_end - host));
	snprintf(a->port, sizeof a->port, "%u", (unsigned)port & 65535);
	return 0;
}

static int parse_fd(const struct parser *p, struct lwl_address *a, const char *in)
{
	const char *end = in + strlen(in), *comma = strchr(in, ',');
	long in_fd = number(in, comma != NULL ? comma : end, INT_MAX);
	long out_fd = comma != NULL ? number(comma + 1, end, INT_MAX) : in_fd;

	if (in_fd < 0 || out_fd < 0)
		return bad(p, "descriptors are numbers, as in fd:3 or fd:3,4");
	a->in = (int)in_fd;
	a->out = (int)out_fd;
	return 0;
}

int lwl_address_parse(struct lwl_address *a, const char *text, bool listening, char *error,
		      size_t size)
{
	const struct parser p = { text, error, error != NULL ? size : 0 };

	memset(a, 0, sizeof *a);
	if (strncmp(text, "unix:", 5) == 0) {
		a->kind = LWL_AT_UNIX;
		return parse_unix(&p, a, text + 5);
	}
	if (strncmp(text, "tcp:", 4) == 0) {
		a->kind = LWL_AT_TCP;
		return parse_tcp(&p, a, text + 4, listening);
	}
	if (strncmp(text, "fd:", 3) == 0) {
		a->kind = LWL_AT_FD;
		return parse_fd(&p, a, text + 3);
	}
	if (strncmp(text, "exec:", 5) == 0) {
		a->kind = LWL_AT_EXEC;
		a->command = text + 5;
		if (listening)
			return bad(&p, "a command can only be dialled");
		if (a->command[strspn(a->command, " \t")] == '\0')
			return bad(&p, "there is no command behind exec:");
		return 0;
	}
	return bad(&p, "it begins with none of unix:, tcp:, fd: and exec:");
}
