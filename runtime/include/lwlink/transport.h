/*
 * lwlink/transport.h - a link and what carries it: bytes and the time in, bytes and deadlines out.
 *
 * For whoever embeds the library in an event loop of his own; loop.h does it for libuv, and
 * examples/poll with poll(2).  One turn:
 *
 *	wait until the descriptor is readable, or writable if the last turn could not write all, or
 *	  until lwl_link_deadline;
 *	readable:   buf = lwl_link_receive(link, &room); n = read(fd, buf, room);
 *	            lwl_link_received(link, n, now);
 *	            or lwl_link_broken(link, …) at the end of the file and after an error;
 *	time:       lwl_link_tick(link, now);
 *	then:       count = lwl_link_flush(link, slices, max, now); n = writev(fd, slices, count);
 *	            more = lwl_link_sent(link, n);
 *	            and if lwl_link_is_done(link), close the descriptor.
 *
 * Times are microseconds of a clock that only goes forward.  Nothing here blocks.
 */
#ifndef LWLINK_TRANSPORT_H
#define LWLINK_TRANSPORT_H

#include <lwlink/link.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a link needs from what carries it. */
struct lwl_transport {
	/*
	 * There is something to be flushed, or to be told, and none of the functions below is
	 * running: have lwl_link_flush called soon.  Called once until then.
	 */
	void (*wake)(void *ctx);
	/*
	 * Run one turn: wait until something has happened, and do all that it brings about.  For
	 * what waits (lwl_call_wait).  0, or an error that ends the waiting.  May be NULL: then
	 * waiting is -LWL_EOPNOTSUPP.
	 */
	int (*drive)(void *ctx);
};

/* Who carries the link; `transport` must stay.  Optional for who flushes in every turn. */
void lwl_link_set_transport(struct lwl_link *link, const struct lwl_transport *transport, void *ctx);

/*
 * There is a connection now: as the side that dialled it, which speaks first, or as the one that
 * accepted.  -LWL_EISCONN: there is one already; or the error that ended the link.
 */
int lwl_link_connected(struct lwl_link *link, bool dialled, uint64_t now);

/*
 * Where to read to, at least 65,536 bytes.  NULL: no memory; the link has ended.  Pointers into
 * messages that the program did not hold are not valid any longer.
 */
void *lwl_link_receive(struct lwl_link *link, size_t *room);

/*
 * `n` bytes were read there: whatever they hold is carried out now.  Returns 0, or the error that
 * ended the link, now or earlier; bytes after the end are ignored.
 */
int lwl_link_received(struct lwl_link *link, size_t n, uint64_t now);

/*
 * What is to be written, in order: up to `max` slices (8 are enough for all), 0: nothing.  The bytes
 * stay where they are until lwl_link_sent or lwl_link_broken.  Also tells the program what is due.
 */
unsigned lwl_link_flush(struct lwl_link *link, struct lwl_slice *out, unsigned max, uint64_t now);

/* The first `n` bytes of what flush gave last were written.  Returns whether there is more,
 * what has become due meanwhile included: flush again as soon as it can be written. */
bool lwl_link_sent(struct lwl_link *link, size_t n);

/*
 * The connection is no more: the other side closed it (status 0), or that error.  The link ends, in
 * order, when it is flushed next.
 */
void lwl_link_broken(struct lwl_link *link, int status, uint64_t now);

/* When lwl_link_tick has to be called at the latest; UINT64_MAX: no need. */
uint64_t lwl_link_deadline(const struct lwl_link *link);
void lwl_link_tick(struct lwl_link *link, uint64_t now);

/* The link has ended and has nothing more to send: close the connection, and free it at leisure. */
bool lwl_link_is_done(const struct lwl_link *link);

#ifdef __cplusplus
}
#endif
#endif
