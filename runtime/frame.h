/*
 * Frames: bytes as a transport delivers them → whole messages (docs/protocol.md, "Message").
 *
 * The bytes are read straight into the frame's buffer, and messages are looked at where they lie.
 * What is checked here is what can be seen of a message from outside: its length, the padding behind
 * it, that a header is whole.  PAD messages are skipped and never seen above.
 *
 * A message may be pinned: its buffer then stays as it is, and further bytes go to another one.
 */
#ifndef LWLINK_FRAME_H
#define LWLINK_FRAME_H

#include <lwlink/wire.h>

/* A buffer with received bytes, 8-aligned.  Counted: by the frame that fills it, and by each pin. */
struct lwl_chunk;

struct lwl_frame {
	struct lwl_chunk *chunk;	/* NULL before the first lwl_frame_room */
	uint8_t *data;			/* of the chunk */
	uint32_t size;			/* of data: what init was told */
	uint32_t at;			/* the first byte that is not consumed */
	uint32_t end;			/* behind the last one received */
	uint32_t pinned;		/* chunks that are pinned and not the current one */
	struct lwl_chunk *spare;	/* one that came back, for the next time */
};

/*
 * Chunks of `size` bytes, a multiple of 8 and at least 131,072: a whole message always fits behind one
 * that has been begun.  Allocates nothing yet.
 */
void lwl_frame_init(struct lwl_frame *f, uint32_t size);

/* Frees what is not pinned; pinned chunks go when their last pin does. */
void lwl_frame_fini(struct lwl_frame *f);

/* Throw away what has arrived: the connection is another one now.  Pins stay. */
void lwl_frame_reset(struct lwl_frame *f);

/*
 * Where the next bytes go: `*room` is at least 65,536 when lwl_frame_next has said that more bytes
 * are needed.  While there are whole messages that were not consumed it may be less, even 0.  May
 * move what is not consumed, or start a new chunk: the pointer from lwl_frame_next is not valid any
 * longer, unless pinned.  NULL: no memory; nothing has changed then.
 */
uint8_t *lwl_frame_room(struct lwl_frame *f, size_t *room);

/* `n` bytes, at most *room, were put there. */
void lwl_frame_fill(struct lwl_frame *f, size_t n);

/*
 * The next whole message: 1, and `*msg`, `*len` (padded, a multiple of 8) say where; it is consumed
 * with this call and stays readable until lwl_frame_room or lwl_frame_reset.  0: more bytes are
 * needed.  -LWL_EMALFORMED: a length below 16, which is known as soon as the header is there, or
 * padding behind the message that is not zero (LWL_BAD_LENGTH, LWL_BAD_PADDING as lwl_message_check
 * would say it); the message is not consumed, and the next call says the same.  Only then is `*err`
 * filled in; `err` may be NULL.  Not checked: items.
 */
int lwl_frame_next(struct lwl_frame *f, const uint8_t **msg, uint32_t *len, struct lwl_error *err);

/* The linkid of the message that comes next, if its header is there; else 0. */
static inline uint64_t lwl_frame_next_linkid(const struct lwl_frame *f)
{
	return f->end - f->at >= LWL_HEADER_SIZE ? lwl_load64(f->data + f->at) : 0;
}

/* Bytes that have arrived and were not consumed. */
static inline uint32_t lwl_frame_pending(const struct lwl_frame *f)
{
	return f->end - f->at;
}

/* Keep the chunk of the message that lwl_frame_next gave last. */
struct lwl_chunk *lwl_frame_pin(struct lwl_frame *f);

/* One pin less.  The frame may be gone by then: `f` is NULL in that case. */
void lwl_chunk_unpin(struct lwl_chunk *chunk, struct lwl_frame *f);

#endif
