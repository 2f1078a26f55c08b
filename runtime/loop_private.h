/*
 * What the files of liblwlink-uv know of each other: addresses (address.c), descriptors
 * (io_stream.c); loop.c stands on both.
 */
#ifndef LWLINK_LOOP_PRIVATE_H
#define LWLINK_LOOP_PRIVATE_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <lwlink/loop.h>
#include <uv.h>

/* ---- addresses (address.c) ---- */

enum { LWL_ADDRESS_SIZE = 300 };	/* of a host, and of a path */

struct lwl_address {
	enum { LWL_AT_UNIX, LWL_AT_TCP, LWL_AT_FD, LWL_AT_EXEC } kind;
	bool is_public;			/* tcp: ?public */
	int in, out;			/* fd: may be one */
	char port[6];			/* tcp: a number */
	char text[LWL_ADDRESS_SIZE];	/* tcp: the host without brackets; unix: the path, with @ */
	const char *command;		/* exec: points into what was parsed */
};

/*
 * Take an address apart.  -LWL_EINVAL: it is none, or not one to listen on (`listening`), to dial;
 * `error` says why.
 */
int lwl_address_parse(struct lwl_address *a, const char *text, bool listening, char *error,
		      size_t size);

/* ---- descriptors (io_stream.c) ---- */

/*
 * Bytes in and out: one descriptor for both, or two.  Neither blocks.  While it is watched,
 * `ready` is called once in each turn of the loop in which it can be read or written.
 */
struct lwl_stream {
	uv_poll_t poll[2];		/* of `in`, and of `out` if it is another one */
	int in, out;
	int flags[2];			/* if others may use the descriptors, too; -1: ours alone */
	bool lent;			/* not to be closed */
	bool socket[2];			/* in, out */
	bool watched[2];		/* for reading, for writing */
	unsigned handles;		/* that libuv has not closed yet */
	void (*ready)(void *ctx, bool readable, bool writable);
	void (*closed)(void *ctx);
	void *ctx;
};

/*
 * A stream on descriptors, not watched yet.  `shared`: others may use them, too, so their flags
 * are restored at the end.  After an error, negative, it has to be closed as well; that leaves
 * descriptors that are shared open.
 */
int lwl_stream_open(struct lwl_stream *s, uv_loop_t *uv, int in, int out, bool shared);

/* Call `ready` for this, and no longer for the other.  Costs system calls only where it changes. */
int lwl_stream_watch(struct lwl_stream *s, bool reading, bool writing);

/* Up to `size` bytes; *n is 0 if there are none now.  1: the other side has closed; or negative. */
int lwl_stream_read(struct lwl_stream *s, void *buf, size_t size, size_t *n);

/* As many of the slices' bytes as go now: *n.  At most LWL_STREAM_SLICES.  0 or negative. */
enum { LWL_STREAM_SLICES = 8 };
int lwl_stream_write(struct lwl_stream *s, const struct lwl_slice *slices, unsigned count,
		     size_t *n);

/* No more bytes will be written: the other side is to know.  Sockets only, no effect on others. */
void lwl_stream_end_writing(struct lwl_stream *s);

/*
 * Nobody takes what has been written: have the system forget it when the stream is closed.  TCP only, no
 * effect on others.
 */
void lwl_stream_forget(struct lwl_stream *s);

/* Take bytes off and forget them.  True: the other side has closed, or there is an error. */
bool lwl_stream_discard(struct lwl_stream *s);

/* Close the descriptors now.  `closed` follows when libuv has let go of the stream. */
void lwl_stream_close(struct lwl_stream *s);

/* A Unix socket's address. */
socklen_t lwl_socket_unix(struct sockaddr_un *out, const char *path);

/* Begin to connect: *fd, and 1 if it is under way, 0 if that was all; or negative. */
int lwl_socket_connect(int *fd, const struct sockaddr *to, socklen_t len);

/* What became of it. */
int lwl_socket_result(int fd);

/* A pair, of which `theirs` is for another program. */
int lwl_socket_pair(int *ours, int *theirs);

/* Listen.  For a Unix socket, `file` says which its file is; the file of a dead one is replaced. */
int lwl_socket_listen(int *fd, const struct sockaddr *at, socklen_t len, struct stat *file);

/* Remove a socket's file, if it is that one. */
void lwl_socket_unlink(const char *path, const struct stat *file);

/* The next that dials: *fd.  -LWL_EAGAIN: nobody does. */
int lwl_socket_accept(int listening, int *fd, bool tcp);

/* The port that a TCP socket has got. */
int lwl_socket_address(int fd, struct sockaddr_storage *out);

void lwl_socket_close(int fd);

/*
 * A descriptor that can be read from a time on, in microseconds of uv_hrtime; UINT64_MAX: never.
 * Setting it takes back that it went off.
 */
int lwl_alarm_new(int *fd);
void lwl_alarm_set(int fd, uint64_t when);

#endif
