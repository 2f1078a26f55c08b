/*
 * Pipes, socket pairs, Unix and TCP sockets: descriptors that bytes go through, and how one gets
 * them.
 *
 * Streams stand on uv_poll_t and read and write by themselves; uv_stream_t would do that for us.
 * Counted over a command and its answer, both come to one wait, one read and one write on each
 * side.  What decided:
 *   - uv_read_start reads again and again while the buffer was filled; one read for each link and
 *     turn is what keeps a flooded link from starving the others;
 *   - uv_try_write cannot wait for room, and uv_write, which can, first writes once more in vain;
 *   - sockets are written with MSG_NOSIGNAL, so that SIGPIPE stays as the program has it;
 *   - a loop that spins can read without asking epoll first (loop.c).
 * What it costs: to wait for room, uv_poll_start on a handle that is active removes the
 * descriptor from epoll and adds it again, two calls at the beginning and the end of each jam.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "loop_private.h"

enum {
	DISCARDED = 65536,		/* bytes at once */
	LOCK_TRIES = 100		/* milliseconds */
};

static int last_error(void)
{
	return -lwl_error_from_errno(errno);
}

static bool is_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

/* ---- streams ---- */

static bool is_pair(const struct lwl_stream *s)
{
	return s->in != s->out;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct lwl_stream *s = poll->data;
	bool in = poll == &s->poll[0], out = poll == &s->poll[1] || !is_pair(s);

	if (status < 0) {
		/* An error of the descriptor.  libuv watches it no longer, and reading or writing
		 * will tell which it is. */
		if (in)
			s->watched[0] = false;
		if (out)
			s->watched[1] = false;
		s->ready(s->ctx, in, out);
		return;
	}
	s->ready(s->ctx, (events & UV_READABLE) != 0, (events & UV_WRITABLE) != 0);
}

/* A descriptor that somebody else has made: what is it, and is it fit? */
static int adopt(struct lwl_stream *s, int fd, int i)
{
	socklen_t size = sizeof(int);
	int flags, type = 0;

	flags = fcntl(fd, F_GETFD);
	if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
		return last_error();
	s->flags[i] = fcntl(fd, F_GETFL);
	s->socket[i] = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
	return s->socket[i] && type != SOCK_STREAM ? -LWL_EPROTOTYPE : 0;
}

/* Writing to a pipe that nobody reads is to be an error, not the end of the program. */
static void ignore_sigpipe(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
	    action.sa_handler == SIG_DFL) {
		action.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &action, NULL);
	}
}

static int watchable(struct lwl_stream *s, uv_loop_t *uv, int i, int fd)
{
	int status = uv_poll_init(uv, &s->poll[i], fd);

	if (status != 0)
		return -lwl_error_from_errno(-status);
	s->poll[i].data = s;
	s->handles++;
	return 0;
}

int lwl_stream_open(struct lwl_stream *s, uv_loop_t *uv, int in, int out, bool shared)
{
	int status = 0;

	s->in = in;
	s->out = out;
	s->flags[0] = s->flags[1] = -1;
	s->socket[0] = s->socket[1] = true;
	s->watched[0] = s->watched[1] = false;
	s->handles = 0;
	if (shared) {
		status = adopt(s, in, 0);
		if (status == 0)
			status = adopt(s, out, 1);
		if (status == 0 && !s->socket[1])
			ignore_sigpipe();
	}
	if (status == 0)
		status = watchable(s, uv, 0, in);
	if (status == 0 && is_pair(s))
		status = watchable(s, uv, 1, out);
	/* What was given to us, and is of no use, may be of use to somebody else. */
	s->lent = shared && status != 0;
	return status;
}

static int watch(struct lwl_stream *s, int i, int events)
{
	int status = events != 0 ? uv_poll_start(&s->poll[i], events, on_poll)
				 : uv_poll_stop(&s->poll[i]);

	return status == 0 ? 0 : -lwl_error_from_errno(-status);
}

int lwl_stream_watch(struct lwl_stream *s, bool reading, bool writing)
{
	bool in = reading != s->watched[0], out = writing != s->watched[1];
	int status = 0;

	s->watched[0] = reading;
	s->watched[1] = writing;
	if (is_pair(s)) {
		if (in)
			status = watch(s, 0, reading ? UV_READABLE : 0);
		if (out && status == 0)
			status = watch(s, 1, writing ? UV_WRITABLE : 0);
	} else if (in || out) {
		status = watch(s, 0, (reading ? UV_READABLE : 0) | (writing ? UV_WRITABLE : 0));
	}
	return status;
}

int lwl_stream_read(struct lwl_stream *s, void *buf, size_t size, size_t *n)
{
	ssize_t got;

	do
		got = s->socket[0] ? recv(s->in, buf, size, MSG_DONTWAIT) : read(s->in, buf, size);
	while (got < 0 && errno == EINTR);
	*n = got > 0 ? (size_t)got : 0;
	if (got == 0)
		return 1;
	return got > 0 || is_later(errno) ? 0 : last_error();
}

int lwl_stream_write(struct lwl_stream *s, const struct lwl_slice *slices, unsigned count,
		     size_t *n)
{
	struct iovec pieces[LWL_STREAM_SLICES];
	struct msghdr message = { .msg_iov = pieces };
	unsigned i;
	ssize_t done;

	for (i = 0; i < count && i < LWL_STREAM_SLICES; i++) {
		pieces[i].iov_base = (void *)(uintptr_t)slices[i].data;
		pieces[i].iov_len = slices[i].len;
	}
	message.msg_iovlen = i;
	do {
		if (!s->socket[1])
			done = writev(s->out, pieces, (int)i);
		else if (i == 1)	/* the usual case, and less for the system to copy */
			done = send(s->out, slices->data, slices->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			done = sendmsg(s->out, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (done < 0 && errno == EINTR);
	*n = done > 0 ? (size_t)done : 0;
	return done >= 0 || is_later(errno) ? 0 : last_error();
}

void lwl_stream_end_writing(struct lwl_stream *s)
{
	if (s->socket[1])
		shutdown(s->out, SHUT_WR);
}

void lwl_stream_forget(struct lwl_stream *s)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (s->socket[1])
		setsockopt(s->out, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool lwl_stream_discard(struct lwl_stream *s)
{
	uint8_t nowhere[DISCARDED];
	size_t n;

	return lwl_stream_read(s, nowhere, sizeof nowhere, &n) != 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct lwl_stream *s = handle->data;

	if (--s->handles == 0)
		s->closed(s->ctx);
}

static void let_go(const struct lwl_stream *s, int fd, int flags)
{
	int nothing;

	/* Whoever else has it open wants it as it was. */
	if (flags >= 0 && (flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	if (s->lent)
		return;
	if (fd > STDERR_FILENO) {
		close(fd);
		return;
	}
	/* What is opened next must not become the standard output. */
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing >= 0 && nothing != fd) {
		dup2(nothing, fd);
		close(nothing);
	}
}

void lwl_stream_close(struct lwl_stream *s)
{
	unsigned i, handles = s->handles;

	for (i = 0; i < handles; i++)
		uv_close((uv_handle_t *)&s->poll[i], on_closed);
	let_go(s, s->in, s->flags[0]);
	if (is_pair(s))
		let_go(s, s->out, s->flags[1]);
	if (handles == 0)
		s->closed(s->ctx);
}

/* ---- sockets ---- */

void lwl_socket_close(int fd)
{
	close(fd);
}

socklen_t lwl_socket_unix(struct sockaddr_un *out, const char *path)
{
	size_t length = strlen(path);

	memset(out, 0, sizeof *out);
	out->sun_family = AF_UNIX;
	memcpy(out->sun_path, path, length);
	if (*path != '@')
		return (socklen_t)sizeof *out;
	/* An abstract name is not terminated: its length says where it ends. */
	out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int new_socket(int family, int *fd)
{
	int one = 1;

	*fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return last_error();
	if (family != AF_UNIX)
		setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return 0;
}

int lwl_socket_connect(int *fd, const struct sockaddr *to, socklen_t len)
{
	int status = new_socket(to->sa_family, fd);

	if (status != 0)
		return status;
	if (connect(*fd, to, len) == 0)
		return 0;
	if (errno == EINPROGRESS || errno == EINTR)
		return 1;
	status = last_error();
	close(*fd);
	return status;
}

int lwl_socket_result(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return last_error();
	return error == 0 ? 0 : -lwl_error_from_errno(error);
}

int lwl_socket_pair(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return last_error();
	*ours = pair[0];
	*theirs = pair[1];
	return 0;
}

/* A lock on the directory of a socket's file, against others who find it dead, too.  -1: none. */
static int lock_directory(const char *path)
{
	char directory[sizeof ((struct sockaddr_un *)0)->sun_path + 2];
	const char *slash = strrchr(path, '/');
	int i, fd, length = slash != NULL ? (int)(slash - path) + 1 : 0;

	memcpy(directory, path, (size_t)length);
	memcpy(directory + length, ".", 2);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; fd >= 0 && i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB) != 0; i++)
		poll(NULL, 0, 1);
	return fd;
}

/* Does the file belong to a socket that nobody listens on any more? */
static int is_dead(const struct sockaddr *at, socklen_t len, const char *path)
{
	struct stat file;
	int fd, status;

	if (lstat(path, &file) != 0)
		return last_error();
	if (!S_ISSOCK(file.st_mode))
		return -LWL_EEXIST;
	status = lwl_socket_connect(&fd, at, len);
	if (status >= 0)
		close(fd);
	return status == -LWL_ECONNREFUSED ? 0 : -LWL_EADDRINUSE;
}

static int listen_unix(int fd, const struct sockaddr *at, socklen_t len, struct stat *file)
{
	const char *path = ((const struct sockaddr_un *)(const void *)at)->sun_path;
	int lock = *path != '\0' ? lock_directory(path) : -1;
	int status = bind(fd, at, len) == 0 ? 0 : last_error();

	if (status == -LWL_EADDRINUSE && *path != '\0') {
		status = is_dead(at, len, path);
		if (status == 0)
			status = unlink(path) == 0 && bind(fd, at, len) == 0 ? 0 : last_error();
	}
	if (status == 0 && *path != '\0' && lstat(path, file) != 0)
		status = last_error();
	if (status == 0 && listen(fd, SOMAXCONN) != 0)
		status = last_error();
	if (lock >= 0)
		close(lock);
	return status;
}

int lwl_socket_listen(int *fd, const struct sockaddr *at, socklen_t len, struct stat *file)
{
	int one = 1, status = new_socket(at->sa_family, fd);

	if (status != 0)
		return status;
	if (at->sa_family == AF_UNIX) {
		status = listen_unix(*fd, at, len, file);
	} else {
		/* A port that old connections are still known by may be taken at once. */
		setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		if (bind(*fd, at, len) != 0 || listen(*fd, SOMAXCONN) != 0)
			status = last_error();
	}
	if (status != 0)
		close(*fd);
	return status;
}

void lwl_socket_unlink(const char *path, const struct stat *file)
{
	struct stat now;

	if (lstat(path, &now) == 0 && now.st_ino == file->st_ino && now.st_dev == file->st_dev)
		unlink(path);
}

int lwl_socket_accept(int listening, int *fd, bool tcp)
{
	int one = 1;

	/* Who was there and has gone again is no error of the one who listens. */
	do
		*fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (*fd < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO));
	if (*fd < 0)
		return last_error();
	if (tcp)
		setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return 0;
}

int lwl_socket_address(int fd, struct sockaddr_storage *out)
{
	socklen_t size = sizeof *out;

	memset(out, 0, sizeof *out);
	return getsockname(fd, (struct sockaddr *)out, &size) == 0 ? 0 : last_error();
}

/* ---- the alarm ---- */

int lwl_alarm_new(int *fd)
{
	*fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return *fd >= 0 ? 0 : last_error();
}

void lwl_alarm_set(int fd, uint64_t when)
{
	struct itimerspec at = { .it_value.tv_sec = 0 };

	if (when != UINT64_MAX) {
		at.it_value.tv_sec = (time_t)(when / 1000000);
		at.it_value.tv_nsec = (long)(when % 1000000 * 1000);
	}
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL);
}
