#define _GNU_SOURCE	/* SOCK_NONBLOCK */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "lwl.h"
#include "place.h"

/* ---- addresses ---- */

static bool parse_unix(struct place *out, const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof at.sun_path) {
		complain("unix:%s: a socket's path has 1 to %zu bytes", path, sizeof at.sun_path - 1);
		return false;
	}
	memcpy(at.sun_path, path, length);
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	memcpy(&out->at[0], &at, sizeof at);
	/* An abstract name is as long as this says; a path ends with its NUL. */
	out->length[0] = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
				     (path[0] != '@'));
	out->count = 1;
	out->is_unix = true;
	return true;
}

static bool is_of_this_machine(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr) >> 24 ==
		       127;
	return at->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr);
}

static bool resolve(struct place *out, const char *address, const char *host, const char *port,
		    bool listening, bool public)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = listening ? AI_PASSIVE : 0 };
	struct addrinfo *list, *one;
	int status = getaddrinfo(host, port, &hints, &list);

	if (status != 0) {
		complain("%s: %s", address, gai_strerror(status));
		return false;
	}
	out->count = 0;
	for (one = list; one != NULL && out->count < PLACES_MAX; one = one->ai_next) {
		if (listening && !public && !is_of_this_machine(one->ai_addr))
			continue;
		memcpy(&out->at[out->count], one->ai_addr, one->ai_addrlen);
		out->length[out->count++] = one->ai_addrlen;
	}
	freeaddrinfo(list);
	if (out->count == 0)
		complain("%s: other machines can dial that, and nobody asks who they are: put \"?public\" "
			 "behind it if that is meant", address);
	return out->count > 0;
}

static bool parse_tcp(struct place *out, const char *address, bool listening)
{
	char text[300];
	char *host = text, *port, *end;
	bool public;

	snprintf(text, sizeof text, "%s", address + 4);
	end = strchr(text, '?');
	public = listening && end != NULL && strcmp(end, "?public") == 0;
	if (public)
		*end = '\0';
	port = strrchr(text, ':');
	if (port != NULL && text[0] == '[' && port > text && port[-1] == ']') {
		host++;
		port[-1] = '\0';
	}
	if (port == NULL || port == text || port[1] == '\0' || strlen(address + 4) >= sizeof text) {
		complain("%s: TCP is written tcp:host:port", address);
		return false;
	}
	*port = '\0';
	return resolve(out, address, host, port + 1, listening, public);
}

bool place_parse(struct place *out, const char *address, bool listening)
{
	memset(out, 0, sizeof *out);
	if (strncmp(address, "unix:", 5) == 0)
		return parse_unix(out, address + 5);
	if (strncmp(address, "tcp:", 4) == 0)
		return parse_tcp(out, address, listening);
	complain("%s: a trace goes by unix: or tcp:", address);
	return false;
}

/* ---- sockets ---- */

static int open_socket(const struct place *place, unsigned i)
{
	int fd = socket(place->at[i].ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd >= 0 && !place->is_unix) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	}
	return fd;
}

int place_dial(const struct place *place, unsigned i)
{
	int fd = open_socket(place, i), error;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&place->at[i], place->length[i]) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void place_remove(const struct place *place)
{
	const struct sockaddr_un *at = (const struct sockaddr_un *)(const void *)&place->at[0];

	if (place->is_unix && at->sun_path[0] != '\0')
		unlink(at->sun_path);
}

/* The file of a socket that nobody listens on any longer is in the way, and is not needed. */
static bool is_stale(const struct place *place)
{
	int fd = place_dial(place, 0);

	if (fd >= 0)
		close(fd);
	return place->is_unix && fd < 0 && errno == ECONNREFUSED;
}

int place_listen(const struct place *place, const char *address)
{
	const struct sockaddr *at = (const struct sockaddr *)&place->at[0];
	int fd = open_socket(place, 0), status = -1;

	if (fd >= 0)
		status = bind(fd, at, place->length[0]);
	if (status != 0 && errno == EADDRINUSE && is_stale(place)) {
		place_remove(place);
		status = bind(fd, at, place->length[0]);
	}
	if (status == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	complain("%s: %s", address, errno == EADDRINUSE ? "somebody listens there already"
		 : strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
