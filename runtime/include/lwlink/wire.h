/*
 * lwlink/wire.h - messages and items as bytes: the reader, the writer and the structural check.
 *
 * What the generated encoders and decoders are made of, and all that they need: C11 and <string.h>.
 * Nothing here allocates, blocks, calls the system or knows the time, and nothing assumes the host's
 * byte order or that a buffer is aligned.  Offsets count from the start of a message.
 *
 * The bytes are those of docs/protocol.md, "Message" and "Item".  Three uses:
 *
 *   - Programs call the generated functions, and from here the views (lwl_bytes_of, lwl_u32_at, …),
 *     lwl_writer_init and the texts for errors.
 *   - Generated code calls lwl_get_… and lwl_put_… once a field, in the order of the item numbers.
 *   - A router, which has no schema, calls lwl_message_check and walks the linkids.
 *
 * Both readers and writers keep the first error: after it every call does nothing and gives zeros, so
 * that one look at the end is enough.
 */
#ifndef LWLINK_WIRE_H
#define LWLINK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lwlink/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	LWL_HEADER_SIZE = 16,		/* of a message */
	LWL_MESSAGE_MAX = 65535,	/* logical length; 65,536 with its padding */
	LWL_DEPTH_MAX = 8,		/* groups inside groups; one directly in a message is at 1 */
	LWL_RESPONSE = 0x8000,		/* bit of a header's command */
	LWL_ITEM_GROUP = 0x8000,	/* R, a bit of an itemid: the payload is items */
	LWL_ITEM_LINKS = 0x4000,	/* L: carries linkids */
	LWL_ITEM_NUMBER = 0x3fff,	/* the rest of it */
	LWL_ITEM_ERROR = 0x3f01,	/* at the top of a message: a failed command's error */
	LWL_ITEM_DEADLINE = 0x3f02,	/* u64, microseconds left */
	LWL_ITEM_TRACE = 0x3f03		/* u8[16] */
};

/* ---- values that point elsewhere ---- */

/* Bytes that somebody else owns.  `data` may be NULL when `len` is 0. */
struct lwl_bytes {
	const uint8_t *data;
	uint32_t len;
};

/* UTF-8 text without U+0000 that somebody else owns, `len` bytes, no terminator. */
struct lwl_string {
	const char *data;
	uint32_t len;
};

/*
 * An array or a list.  After decoding `data` is packed wire bytes, `wire` of them; to encode, point
 * it at an ordinary C array of `count` elements with lwl_seq_of.  Read it with lwl_u32_at and the
 * like, with the generated …_at, or, for groups, with a cursor and the generated …_next: those take
 * either form.  What a decoded one points to is the message.
 */
struct lwl_seq {
	const void *data;
	uint32_t count;
	uint16_t wire;			/* 0: a host array */
	uint16_t rows;			/* not 0: groups that are all in their usual form, see below */
};

/* An end point of any interface, by its linkid (docs/protocol.md, "Linkids and references"). */
struct lwl_link_any {
	uint64_t id;
};

/* Views of what the caller has.  A length that does not fit makes a view that no encoder accepts. */
static inline struct lwl_bytes lwl_bytes_of(const void *data, size_t len)
{
	struct lwl_bytes b = { (const uint8_t *)data, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len };
	return b;
}

static inline struct lwl_string lwl_string_of(const char *text)
{
	size_t len = strlen(text);
	struct lwl_string s = { text, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len };
	return s;
}

static inline struct lwl_seq lwl_seq_of(const void *array, size_t count)
{
	struct lwl_seq s = { array, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count, 0, 0 };
	return s;
}

/* Element `i` of a sequence of that type, either form; zero when `i` is not below count. */
bool lwl_bool_at(struct lwl_seq seq, uint32_t i);
uint8_t lwl_u8_at(struct lwl_seq seq, uint32_t i);
uint16_t lwl_u16_at(struct lwl_seq seq, uint32_t i);
uint32_t lwl_u32_at(struct lwl_seq seq, uint32_t i);
uint64_t lwl_u64_at(struct lwl_seq seq, uint32_t i);
int8_t lwl_s8_at(struct lwl_seq seq, uint32_t i);
int16_t lwl_s16_at(struct lwl_seq seq, uint32_t i);
int32_t lwl_s32_at(struct lwl_seq seq, uint32_t i);
int64_t lwl_s64_at(struct lwl_seq seq, uint32_t i);
float lwl_f32_at(struct lwl_seq seq, uint32_t i);
double lwl_f64_at(struct lwl_seq seq, uint32_t i);
struct lwl_link_any lwl_link_at(struct lwl_seq seq, uint32_t i);

/*
 * For functions whose point is that what their caller does not use is never done, and for those that
 * several call, and that are not worth a copy in each.
 */
#ifdef __GNUC__
#define LWL_ALWAYS_INLINE static inline __attribute__((always_inline))
#define LWL_SHARED static __attribute__((noinline))
#else
#define LWL_ALWAYS_INLINE static inline
#define LWL_SHARED static
#endif

/* 1 where the host's integers have the order that they have in messages. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LWL_LITTLE_ENDIAN 1
#else
#define LWL_LITTLE_ENDIAN 0
#endif

/* ---- loads and stores ---- */

/*
 * Little-endian, at any address.  Where the host has that order they are copies; elsewhere, and for
 * whoever reads the C as mathematics, sums of bytes.  Both mean the same, and the tests run both.
 */
#if LWL_LITTLE_ENDIAN && !defined(LWL_BYTEWISE)

static inline uint16_t lwl_load16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint32_t lwl_load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint64_t lwl_load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void lwl_store16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof v);
}

static inline void lwl_store32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof v);
}

static inline void lwl_store64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof v);
}

#else

static inline uint16_t lwl_load16(const uint8_t *p)
{
	return (uint16_t)(p[0] | (uint16_t)p[1] << 8);
}

static inline uint32_t lwl_load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t lwl_load64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static inline void lwl_store16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v % 256);
	p[1] = (uint8_t)(v / 256);
}

static inline void lwl_store32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v % 256);
	p[1] = (uint8_t)(v / 256 % 256);
	p[2] = (uint8_t)(v / 65536 % 256);
	p[3] = (uint8_t)(v / 16777216);
}

static inline void lwl_store64(uint8_t *p, uint64_t v)
{
	p[0] = (uint8_t)(v % 256);
	p[1] = (uint8_t)(v / 256 % 256);
	p[2] = (uint8_t)(v / 65536 % 256);
	p[3] = (uint8_t)(v / 16777216 % 256);
	p[4] = (uint8_t)(v / 4294967296u % 256);
	p[5] = (uint8_t)(v / 1099511627776u % 256);
	p[6] = (uint8_t)(v / 281474976710656u % 256);
	p[7] = (uint8_t)(v / 72057594037927936u);
}

#endif

static inline float lwl_loadf32(const uint8_t *p)
{
	uint32_t bits = lwl_load32(p);
	float v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline double lwl_loadf64(const uint8_t *p)
{
	uint64_t bits = lwl_load64(p);
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline uint32_t lwl_f32_bits(float v)
{
	uint32_t bits;
	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static inline uint64_t lwl_f64_bits(double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static inline float lwl_f32_of(uint32_t bits)
{
	float v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline double lwl_f64_of(uint64_t bits)
{
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline void lwl_storef32(uint8_t *p, float v)
{
	lwl_store32(p, lwl_f32_bits(v));
}

static inline void lwl_storef64(uint8_t *p, double v)
{
	lwl_store64(p, lwl_f64_bits(v));
}

/* The next multiple of 8: where the item or message behind one of this length starts. */
static inline uint32_t lwl_padded(uint32_t length)
{
	return (length + 7) / 8 * 8;
}

/* ---- the header ---- */

struct lwl_header {
	uint64_t linkid;
	uint32_t msgid;
	uint16_t command;
	uint16_t length;		/* logical: without the padding behind the last item */
};

/* Both touch exactly LWL_HEADER_SIZE bytes at `p` and check nothing. */
void lwl_header_load(struct lwl_header *out, const void *p);
void lwl_header_store(void *p, const struct lwl_header *h);

/* ---- what is wrong with bytes ---- */

/*
 * X(name, structural, text).  Structural mistakes can be seen without a schema and end a session;
 * the others cost one command (docs/protocol.md, "What a mistake costs").
 */
#define LWL_BAD_LIST(X) \
	X(LENGTH, true, "the message's length is wrong") \
	X(ITEM_HEADER, true, "an item's header is cut off") \
	X(ITEM_LENGTH, true, "an item's length is wrong") \
	X(NUMBER, true, "item number 0") \
	X(ORDER, true, "item numbers do not ascend") \
	X(DEPTH, true, "groups nest deeper than 8") \
	X(PADDING, true, "a padding byte is not zero") \
	X(END, true, "a length reaches into padding") \
	X(LINK_BIT, true, "a group's link bit is wrong") \
	X(LINKID, true, "linkid 0") \
	X(COMMAND, false, "another command than expected") \
	X(MSGID, false, "msgid 0 on a command with a response, or another one on a one-way") \
	X(KIND, false, "the item is of another kind") \
	X(SIZE, false, "the value's size is out of bounds") \
	X(COUNT, false, "too many elements") \
	X(LEAF_PADDING, false, "a padding byte in a value is not zero") \
	X(BOOL, false, "a bool is neither 0 nor 1") \
	X(ENUM, false, "no such enum value") \
	X(FLAGS, false, "unknown flags") \
	X(UTF8, false, "a string is not valid UTF-8, or holds U+0000") \
	X(MISSING, false, "a required item is missing") \
	X(UNION, false, "a union does not hold exactly one known member") \
	X(ERROR_FORM, false, "an error item is not alone, or not in a response, or its code is 0")

enum lwl_bad {
	LWL_BAD_NONE,
#define LWL_BAD_ENTRY(name, structural, text) LWL_BAD_##name,
	LWL_BAD_LIST(LWL_BAD_ENTRY)
#undef LWL_BAD_ENTRY
	LWL_BAD_END_OF_LIST
};

/* One step of the way to an item. */
struct lwl_step {
	uint16_t number;		/* of the item */
	uint16_t index;			/* which of a list of groups; otherwise 0 */
};

/*
 * What decoding found.  `offset` is that of the item's header; for padding that of the first byte
 * that is not zero; for a missing item that of its parent's end; for a mistake in the message's
 * header that of the field.  `path` leads from the message to the item and is empty for the header.
 */
struct lwl_error {
	enum lwl_bad bad;		/* LWL_BAD_NONE: the bytes are fine */
	uint32_t offset;
	uint32_t depth;			/* steps in `path` */
	struct lwl_step path[LWL_DEPTH_MAX + 1];
	struct lwl_string detail;	/* of an error response; points into the message */
};

/* Static texts: "ORDER", "item numbers do not ascend".  For any value; never NULL. */
const char *lwl_bad_name(enum lwl_bad bad);
const char *lwl_bad_text(enum lwl_bad bad);
bool lwl_bad_is_structural(enum lwl_bad bad);

/*
 * "ORDER at offset 48, item 2[3].1: item numbers do not ascend", cut off at `size` bytes with its NUL.
 * Returns the length that it would have had, like snprintf.
 */
size_t lwl_error_format(char *buf, size_t size, const struct lwl_error *err);

/* ---- without a schema ---- */

/*
 * Is `msg`, `len` bytes with its padding, one message that keeps every structural rule?  Returns 0 or
 * -LWL_EMALFORMED with `*err` saying why (`err` may be NULL).  What the values mean is not looked at.
 * `len` must be the padded length exactly: a shorter or longer buffer is LWL_BAD_LENGTH.
 */
int lwl_message_check(const void *msg, size_t len, struct lwl_error *err);

/* One item, found in a message. */
struct lwl_item {
	uint16_t id;			/* number and both bits */
	uint16_t length;		/* logical, header included */
	uint32_t offset;		/* of the header */
};

/*
 * The first item at the top of a checked message with this number, or false.
 */
bool lwl_message_find(struct lwl_item *out, const void *msg, uint16_t number);

/*
 * Walk over all linkids in the items of a checked message, at any depth, known to a schema or not; the
 * header's is not among them.  Each has 8 bytes at `*offset` of the message: read it with lwl_load64,
 * and translate it in place with lwl_store64.
 *
 *	struct lwl_linkids walk;
 *	uint32_t at;
 *	lwl_linkids_init(&walk, msg);
 *	while (lwl_linkids_next(&walk, &at))
 *		lwl_store64(msg + at, translate(lwl_load64(msg + at)));
 */
struct lwl_linkids {
	const uint8_t *msg;
	uint32_t at;			/* the next item's header, or the next linkid */
	uint32_t links_end;		/* end of the linkids at hand */
	uint32_t end;
};

void lwl_linkids_init(struct lwl_linkids *walk, const void *msg);
bool lwl_linkids_next(struct lwl_linkids *walk, uint32_t *offset);

/*
 * The deadline of a checked message, in microseconds from dispatch, or its trace of 16 bytes (a
 * pointer into the message).  False, or NULL: it carries none, or not one of the right form.
 */
bool lwl_message_deadline(uint64_t *out, const void *msg);
const uint8_t *lwl_message_trace(const void *msg);

/* ---- reading, for generated decoders ---- */

/* What kind of message an encoder or decoder is for. */
enum lwl_kind {
	LWL_KIND_REQUEST,
	LWL_KIND_RESPONSE,
	LWL_KIND_ONEWAY
};

/*
 * Both in one number, as every argument of a call costs code in each message: the command as it is in
 * the header, and the bit above for a one-way.
 */
static inline uint32_t lwl_command_word(uint16_t command, enum lwl_kind kind)
{
	return command | (kind == LWL_KIND_RESPONSE ? (uint32_t)LWL_RESPONSE : 0) |
	       (uint32_t)(kind == LWL_KIND_ONEWAY) << 16;
}

/* A place in a message: the items between `at` and `end`, at one level. */
struct lwl_reader {
	const uint8_t *msg;
	struct lwl_error *err;		/* never NULL while reading */
	uint32_t at;			/* the next item's header */
	uint32_t end;			/* of the group or message: its logical end */
	uint32_t value;			/* payload of the open item */
	uint32_t item_end;		/* logical end of the open item */
	uint16_t last;			/* number of the last item, 0 before the first */
	uint16_t index;			/* elements of the list at hand before the open one */
	uint16_t missing;		/* the first required item that was not there, or 0 */
	uint8_t depth;			/* 0 at the top of a message */
	uint8_t repeats;		/* may the last number come again: see wire.c */
	int status;			/* of an error response: minus its code */
	bool links;			/* a linkid was seen at this level or below */
	bool failed;
	struct lwl_error own;		/* for callers that pass no error */
};

enum { LWL_OPTIONAL = false, LWL_REQUIRED = true };

/*
 * Open the message `msg` of `len` bytes, padding included, and check its header: length, command
 * (without the response bit), msgid.  An error response is read here: no field will be found then.
 */
static inline void lwl_reader_begin(struct lwl_reader *r, const void *msg, size_t len, uint16_t command,
				    enum lwl_kind kind, struct lwl_error *err);

void lwl_reader_begin_word(struct lwl_reader *r, const void *msg, size_t len, uint32_t word,
			   struct lwl_error *err);

static inline void lwl_reader_begin(struct lwl_reader *r, const void *msg, size_t len, uint16_t command,
				    enum lwl_kind kind, struct lwl_error *err)
{
	lwl_reader_begin_word(r, msg, len, lwl_command_word(command, kind), err);
}

/*
 * Skip what is left, then look for missing items and at the padding.  Returns 0, -LWL_EMALFORMED, or
 * minus the code of an error response.
 */
int lwl_reader_finish(struct lwl_reader *r);

/*
 * Take the item `number` if it is the next known one.  Calls come with ascending numbers.  Returns
 * whether it was there; if not, the value is zero, and an item that is `required` is noted as missing.
 * After an error nothing is there.
 */
bool lwl_get_bool(struct lwl_reader *r, uint16_t number, bool required, bool *out);
bool lwl_get_u8(struct lwl_reader *r, uint16_t number, bool required, uint8_t *out);
bool lwl_get_u16(struct lwl_reader *r, uint16_t number, bool required, uint16_t *out);
bool lwl_get_u32(struct lwl_reader *r, uint16_t number, bool required, uint32_t *out);
bool lwl_get_u64(struct lwl_reader *r, uint16_t number, bool required, uint64_t *out);
bool lwl_get_s8(struct lwl_reader *r, uint16_t number, bool required, int8_t *out);
bool lwl_get_s16(struct lwl_reader *r, uint16_t number, bool required, int16_t *out);
bool lwl_get_s32(struct lwl_reader *r, uint16_t number, bool required, int32_t *out);
bool lwl_get_s64(struct lwl_reader *r, uint16_t number, bool required, int64_t *out);
bool lwl_get_f32(struct lwl_reader *r, uint16_t number, bool required, float *out);
bool lwl_get_f64(struct lwl_reader *r, uint16_t number, bool required, double *out);
bool lwl_get_string(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		    struct lwl_string *out);
bool lwl_get_bytes(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		   struct lwl_bytes *out);
bool lwl_get_link(struct lwl_reader *r, uint16_t number, bool required, uint64_t *out);
void lwl_get_links(struct lwl_reader *r, uint16_t number, uint32_t max, struct lwl_seq *out);

/* Packed elements of a type that takes any bits: integers, floats, flexible enums and flags. */
bool lwl_get_packed(struct lwl_reader *r, uint16_t number, bool required, uint32_t size, uint32_t min,
		    uint32_t max, struct lwl_seq *out);
bool lwl_get_bools(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		   struct lwl_seq *out);

/*
 * The same in two halves, for values with rules of their own: open gives the value's offset in
 * r->value; between the two, lwl_check_… look at it; close goes on behind the item.
 */
static inline bool lwl_open_leaf(struct lwl_reader *r, uint16_t number, bool required,
				 uint32_t size, uint32_t align);
static inline void lwl_close_leaf(struct lwl_reader *r);
bool lwl_open_array(struct lwl_reader *r, uint16_t number, bool required, uint32_t size,
		    uint32_t align, uint32_t min, uint32_t max, struct lwl_seq *out);

/* What the two do when the item is not the very next one, or its padding has to be looked at. */
bool lwl_find_leaf(struct lwl_reader *r, uint16_t number, bool required, uint32_t size,
		   uint32_t align);
void lwl_skip_padding(struct lwl_reader *r);

/*
 * The expected order is tried first: then header, and leading padding, are one word that is known
 * beforehand.  Calls come with ascending numbers, so that the order needs no look.
 */
static inline bool lwl_open_leaf(struct lwl_reader *r, uint16_t number, bool required,
				 uint32_t size, uint32_t align)
{
	uint32_t start = align == 8 ? 8 : 4;
	const uint8_t *p = r->msg + r->at;

	if (r->end - r->at < start + size ||
	    (align == 8 ? lwl_load64(p) : lwl_load32(p)) != ((start + size) << 16 | number))
		return lwl_find_leaf(r, number, required, size, align);
	r->value = r->at + start;
	r->item_end = r->value + size;
	r->last = number;
	r->index = 0;
	r->repeats = 0;
	return true;
}

static inline void lwl_close_leaf(struct lwl_reader *r)
{
	if (r->failed)
		return;
	if (r->item_end == r->end || (r->item_end % 8 == 0 && r->item_end < r->end))
		r->at = r->item_end;
	else
		lwl_skip_padding(r);
}

/* Unless `ok`, the open item is `bad`.  Returns ok. */
bool lwl_check(struct lwl_reader *r, bool ok, enum lwl_bad bad);

/* Says which of the `size` bytes at `at`, inside the open item, is the first that is not zero. */
bool lwl_bad_hole(struct lwl_reader *r, uint32_t at, uint32_t size);

/* The `size` (1 to 7) unused bytes at `at`, inside the open item, must be zero. */
static inline bool lwl_check_hole(struct lwl_reader *r, uint32_t at, uint32_t size)
{
	const uint8_t *p = r->msg + at;
	uint32_t any = 0;

	/* With a constant size this is one to three loads. */
	if ((size & 4) != 0) {
		any |= lwl_load32(p);
		p += 4;
	}
	if ((size & 2) != 0) {
		any |= lwl_load16(p);
		p += 2;
	}
	if ((size & 1) != 0)
		any |= p[0];
	return any == 0 || lwl_bad_hole(r, at, size);
}

/*
 * Groups: open gives a reader for what is inside; close checks it, and goes on behind it.  The inner
 * reader borrows the outer one's error.
 */
bool lwl_open_group(struct lwl_reader *r, uint16_t number, bool required, struct lwl_reader *inner);
void lwl_close_group(struct lwl_reader *r, struct lwl_reader *inner);

/* The open group as a list of one, for a field that is read later. */
static inline struct lwl_seq lwl_group_view(const struct lwl_reader *r)
{
	struct lwl_seq s = { r->msg + r->at, 1, (uint16_t)(r->item_end - r->at), 0 };
	return s;
}

/*
 * The next element of a list of groups, up to `max` of them and `bytes` in all, padding included.
 * `list` is zero before the first call and ends as the list.
 */
bool lwl_open_element(struct lwl_reader *r, uint16_t number, uint32_t max, uint32_t bytes,
		      struct lwl_seq *list, struct lwl_reader *inner);

/*
 * What the open union holds: the number of its one item, or 0 after an error.  The generated code
 * then takes that item; a number that it does not know goes to lwl_check_union as false.  Anything
 * behind the member is found when the group is closed.
 */
uint16_t lwl_union_member(struct lwl_reader *r);
void lwl_check_union(struct lwl_reader *r, bool known);

/* ---- reading lists of groups ---- */

/*
 *	struct lwl_cursor c = lwl_cursor_of(list);
 *	struct vfs_entry e;
 *	while (vfs_entry_next(&c, &e))
 *		…
 */
struct lwl_cursor {
	struct lwl_seq seq;
	uint32_t index;			/* of the element that comes next */
	uint32_t at;			/* its offset from seq.data, wire form */
};

static inline struct lwl_cursor lwl_cursor_of(struct lwl_seq seq)
{
	struct lwl_cursor c = { seq, 0, 0 };
	return c;
}

/*
 * For the generated …_next.  True: the next element is in wire form, and `r` reads it.  Otherwise a
 * host array's next element, of `size` bytes, has been copied to `out`; at the end `out` is zeros, and
 * r->failed says so.
 */
bool lwl_cursor_next(struct lwl_cursor *c, struct lwl_reader *r, void *out, size_t size);

/* ---- rows: elements of a list in their usual form, all items in their places and no others ---- */

/*
 * The size of the group at `p` if all of it is there, of `left` bytes, and its header, number and R
 * `id`, may begin a row of at least `least` bytes; otherwise 0.
 */
static inline uint32_t lwl_usual_group(const uint8_t *p, uint32_t left, uint32_t id, uint32_t least)
{
	uint64_t head;
	uint32_t size;

	if (left < least)
		return 0;
	head = lwl_load64(p);
	size = (uint32_t)head >> 16;
	return head == (size << 16 | id) && size >= least && size <= left ? size : 0;
}

/*
 * The bytes at p + *at if they are the item `number`, of min to max bytes, and end with their padding
 * at p + stop or before; moves *at behind them.  There are 8 bytes at p + *at.
 */
static inline bool lwl_usual_bytes(struct lwl_bytes *out, const uint8_t *p, uint32_t *at,
				   uint32_t stop, uint32_t number, uint32_t min, uint32_t max)
{
	const uint8_t *item = p + *at;
	uint32_t head = lwl_load32(item), length = head >> 16, next = *at + lwl_padded(length);

	if ((head & 0xffff) != number || length - (4 + min) > max - min || next > stop)
		return false;
	/* What is left of the last word is its padding: all of it, or none, shifts by 63 and 1. */
	if (lwl_load64(p + next - 8) >> 1 >> ((8 * length - 1) & 63) != 0)
		return false;
	out->data = item + 4;
	out->len = length - 4;
	*at = next;
	return true;
}

/*
 * The same for an element that has been found to be in its usual form: only bounds are looked at.
 */
static inline bool lwl_row_bytes(struct lwl_bytes *out, const uint8_t *p, uint32_t *at, uint32_t stop)
{
	const uint8_t *item = p + *at;
	uint32_t length = lwl_load16(item + 2), next = *at + lwl_padded(length);

	if (length < 4 || next > stop)
		return false;
	out->data = item + 4;
	out->len = length - 4;
	*at = next;
	return true;
}

/*
 * Taking in rows: a copy of what the reader and the list say, for a loop to keep in registers.
 *
 *	struct lwl_rows rows = lwl_begin_rows(r, number, max, bytes);
 *	while (lwl_take_row(&rows, vfs_entry_usual(&unused, rows.at, rows.left, rows.id)))
 *		;
 *	lwl_end_rows(r, list, rows, max);
 *
 * has the effect of lwl_open_element and lwl_close_group for every element that is in its usual form,
 * up to the first that is not.
 */
struct lwl_rows {
	const uint8_t *at;		/* the next item */
	uint32_t left;			/* of what is there, and of what the list may have */
	uint32_t id;			/* what an element's header starts with */
	uint32_t more;			/* how many the list may have */
};

static inline struct lwl_rows lwl_begin_rows(const struct lwl_reader *r, uint16_t number, uint32_t max,
					     uint32_t bytes)
{
	uint32_t left = r->end - r->at;
	struct lwl_rows rows = { r->msg + r->at, left < bytes ? left : bytes,
				 (uint32_t)number | LWL_ITEM_GROUP, max };

	if (r->depth >= LWL_DEPTH_MAX)
		rows.left = 0;
	return rows;
}

/* Size 0: there is no row. */
static inline bool lwl_take_row(struct lwl_rows *rows, uint32_t size)
{
	if (size == 0 || rows->more == 0)
		return false;
	rows->at += size;
	rows->left -= size;
	rows->more--;
	return true;
}

void lwl_end_rows(struct lwl_reader *r, struct lwl_seq *list, struct lwl_rows rows, uint32_t max);

/* ---- runs: required items of fixed sizes that follow each other ---- */

/*
 * Where the run's first item is, if all of it is there: `size` bytes with padding and something behind
 * them, or `end` bytes, without the padding of the last item, which then ends the group.  That padding
 * is there in memory nevertheless, as a message has all of its own.  Otherwise NULL.
 */
static inline const uint8_t *lwl_next_run(const struct lwl_reader *r, uint32_t size, uint32_t end)
{
	uint32_t left = r->end - r->at;

	return left > size || left == end ? r->msg + r->at : NULL;
}

/* Is the leaf `number` at `p`, and zero what pads it? */
static inline bool lwl_is_leaf(const uint8_t *p, uint32_t number, uint32_t size, uint32_t align)
{
	uint32_t start = align == 8 ? 8 : 4, length = start + size, padded = lwl_padded(length);

	if ((align == 8 ? lwl_load64(p) : lwl_load32(p)) != (length << 16 | number))
		return false;
	return length == padded || lwl_load64(p + padded - 8) >> (64 - 8 * (padded - length)) == 0;
}

/* The run has been taken in, up to the item `last`. */
static inline void lwl_take_run(struct lwl_reader *r, uint32_t size, uint16_t last)
{
	r->at = r->end - r->at > size ? r->at + size : r->end;
	r->last = last;
	r->repeats = 0;
}

/* ---- writing ---- */

/* A piece of what is to be sent.  The members are those of POSIX's struct iovec, in its order. */
struct lwl_slice {
	const void *data;
	size_t len;
};

/*
 * Where a message is encoded to.  Everything written is zero or a value: no byte of the caller's
 * memory shows through.  Places count in `buf`; bytes that are kept aside come on top.
 */
struct lwl_writer {
	uint8_t *buf;
	uint64_t linkid;
	uint32_t msgid;
	uint32_t limit;			/* of what may be written to buf; after an error: `at` */
	/* What begins as zero stands together, so that two stores do for it. */
	uint32_t at;			/* where the next item goes */
	int status;			/* 0 or the first error */
	uint32_t aside;			/* bytes of the message that are not in buf but in slices */
	uint8_t depth;
	bool links;			/* a linkid was written at this level or below */
	uint16_t extras;		/* which of the last ones are set: LWL_EXTRA_… */
	uint32_t end;			/* logical end of the last item, from lwl_writer_begin on; away from
					   `at`, or compilers store the two as one, and the next load of
					   `at` waits for that */
	uint32_t slice_room, slice_count;
	uint32_t threshold;
	struct lwl_slice *slices;
	const uint8_t *trace;		/* 16 bytes */
	uint64_t deadline;		/* microseconds */
	uint32_t slice_start;
};

enum { LWL_EXTRA_DEADLINE = 1, LWL_EXTRA_TRACE = 2, LWL_EXTRA_SLICES = 4 };

/*
 * Encode one message into the `size` bytes at `buf` (more than 65,536 are not used).  linkid and
 * msgid go into its header: msgid is 0 exactly for a one-way.  A message of a command X fits if size
 * is at least its …_MAX.
 */
static inline void lwl_writer_init(struct lwl_writer *w, void *buf, size_t size, uint64_t linkid,
				   uint32_t msgid)
{
	w->buf = (uint8_t *)buf;
	w->linkid = linkid;
	w->msgid = msgid;
	w->limit = size > LWL_MESSAGE_MAX ? LWL_MESSAGE_MAX + 1 : (uint32_t)size;
	w->at = 0;
	w->status = 0;
	w->aside = 0;
	w->depth = 0;
	w->links = false;
	w->extras = 0;
}

/*
 * After init: `bytes` fields of at least `threshold` bytes are not copied; the message comes out as
 * slices of buf and of the caller's memory, in order, `room` of them, at least 1 (when they run out,
 * values are copied).  The caller keeps that memory as it is until the message has been sent.
 */
static inline void lwl_writer_by_reference(struct lwl_writer *w, struct lwl_slice *slices, uint32_t room,
					   uint32_t threshold)
{
	w->slice_count = 0;
	if (room == 0)
		return;			/* nothing can be kept aside */
	w->slices = slices;
	w->slice_room = room;
	w->threshold = threshold;
	w->slice_start = 0;
	w->extras |= LWL_EXTRA_SLICES;
}

/* After init: an item that says how long the sender will wait, or that marks the call. */
static inline void lwl_writer_set_deadline(struct lwl_writer *w, uint64_t microseconds)
{
	w->deadline = microseconds;
	w->extras |= LWL_EXTRA_DEADLINE;
}

static inline void lwl_writer_set_trace(struct lwl_writer *w, const uint8_t trace[16])
{
	w->trace = trace;
	w->extras |= LWL_EXTRA_TRACE;
}

/* The encoded message's size with its padding: a multiple of 8.  0 after an error. */
static inline uint32_t lwl_writer_size(const struct lwl_writer *w)
{
	return w->status == 0 ? w->at + w->aside : 0;
}

/*
 * The response to a failed command: the error item and nothing else.  `command` is the request's;
 * `code` is positive; `detail` is text for people, cut to 255 bytes at a character, or NULL.
 */
int lwl_error_encode(struct lwl_writer *w, uint16_t command, int code, const char *detail);

/* For generated encoders.  Finish returns 0, or the first error:
 *	-LWL_EINVAL	a value that the schema does not allow, msgid 0 for a two-way command or
 *			another for a one-way
 *	-LWL_ENOBUFS	the buffer is too small
 *	-LWL_ETOOLARGE	more than a message can hold, or groups nested too deeply
 */
void lwl_writer_begin_word(struct lwl_writer *w, uint32_t word);
static inline void lwl_writer_begin(struct lwl_writer *w, uint16_t command, enum lwl_kind kind)
{
	lwl_writer_begin_word(w, lwl_command_word(command, kind));
}
int lwl_writer_finish(struct lwl_writer *w);

/* The first error stays, and nothing is written behind it. */
void lwl_writer_fail(struct lwl_writer *w, int status);

/* What an encoder must not write is an error: -LWL_EINVAL unless `ok`. */
static inline void lwl_require(struct lwl_writer *w, bool ok)
{
	if (!ok)
		lwl_writer_fail(w, -LWL_EINVAL);
}

/* A sequence of min to max elements, of `size` bytes each if it holds them as they are in a message. */
static inline void lwl_require_seq(struct lwl_writer *w, struct lwl_seq v, uint32_t size, uint32_t min,
				   uint32_t max)
{
	lwl_require(w, v.count >= min && v.count <= max &&
		    (v.wire == 0 || v.wire == (uint64_t)v.count * size));
}

/* One item each.  Calls come with ascending numbers. */
void lwl_put_bool(struct lwl_writer *w, uint16_t number, bool v);
void lwl_put_u8(struct lwl_writer *w, uint16_t number, uint8_t v);
void lwl_put_u16(struct lwl_writer *w, uint16_t number, uint16_t v);
void lwl_put_u32(struct lwl_writer *w, uint16_t number, uint32_t v);
void lwl_put_u64(struct lwl_writer *w, uint16_t number, uint64_t v);
void lwl_put_s8(struct lwl_writer *w, uint16_t number, int8_t v);
void lwl_put_s16(struct lwl_writer *w, uint16_t number, int16_t v);
void lwl_put_s32(struct lwl_writer *w, uint16_t number, int32_t v);
void lwl_put_s64(struct lwl_writer *w, uint16_t number, int64_t v);
void lwl_put_f32(struct lwl_writer *w, uint16_t number, float v);
void lwl_put_f64(struct lwl_writer *w, uint16_t number, double v);
void lwl_put_string(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		    struct lwl_string v);
void lwl_put_bytes(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		   struct lwl_bytes v);
void lwl_put_link(struct lwl_writer *w, uint16_t number, uint64_t id);
void lwl_put_links(struct lwl_writer *w, uint16_t number, uint32_t max, struct lwl_seq v);

/* Packed elements of `size` bytes, each an integer or the bits of a float; none: no item. */
void lwl_put_packed(struct lwl_writer *w, uint16_t number, uint32_t size, uint32_t min, uint32_t max,
		    struct lwl_seq v);
void lwl_put_bools(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		   struct lwl_seq v);

/* There is no room for `size` bytes: the error that this is.  Returns NULL. */
uint8_t *lwl_put_nothing(struct lwl_writer *w, uint32_t size);

/*
 * Header and padding of a leaf of `size` bytes, 65,527 at most; returns where its value goes, for the
 * caller to fill whole, or NULL after an error.
 */
static inline uint8_t *lwl_put_leaf(struct lwl_writer *w, uint16_t number, uint32_t size,
				    uint32_t align)
{
	uint32_t start = align == 8 ? 8 : 4, length = start + size, padded = lwl_padded(length);
	uint32_t at = w->at;
	uint8_t *p;

	if (padded > w->limit - at)
		return lwl_put_nothing(w, padded);
	p = w->buf + at;
	w->end = at + length;
	w->at = at + padded;
	/* The last word first: it holds the padding. */
	if (length % 8 != 0)
		lwl_store64(p + padded - 8, 0);
	lwl_store32(p, length << 16 | number);
	if (align == 8)
		lwl_store32(p + 4, 0);
	return p + start;
}

/*
 * Room for a run of items, `size` bytes with all padding, `end` without that of the last; the caller
 * fills it whole.  NULL after an error.
 */
static inline uint8_t *lwl_put_run(struct lwl_writer *w, uint32_t size, uint32_t end)
{
	uint32_t at = w->at;

	if (size > w->limit - at)
		return lwl_put_nothing(w, size);
	w->end = at + end;
	w->at = at + size;
	return w->buf + at;
}

/*
 * A whole message of a fixed size: room for it, `size` bytes with the padding of its last item, `end`
 * without, and its header.  Returns where the items go, for the caller to write whole and then to end
 * the message; or NULL, and nothing has happened.
 */
static inline uint8_t *lwl_begin_fixed(struct lwl_writer *w, uint16_t command, enum lwl_kind kind,
				       uint32_t size, uint32_t end)
{
	uint32_t at = w->at, msgid = w->msgid;
	uint8_t *p = w->buf + at;

	if (size > w->limit - at || (msgid == 0) != (kind == LWL_KIND_ONEWAY))
		return NULL;
	w->at = at + size;
	lwl_store64(p, w->linkid);
	lwl_store64(p + 8, (uint64_t)(end << 16 | (lwl_command_word(command, kind) & 0xffff)) << 32 | msgid);
	return p + LWL_HEADER_SIZE;
}

/* The items that follow those of the schema. */
int lwl_finish_fixed(struct lwl_writer *w);

static inline int lwl_end_fixed(struct lwl_writer *w)
{
	return w->extras != 0 ? lwl_finish_fixed(w) : 0;
}

/* Why such a message cannot be written: it could not be begun, or a value is not allowed. */
int lwl_refuse_fixed(struct lwl_writer *w, enum lwl_kind kind, uint32_t size);

/* The header of an array of v.count elements, as lwl_put_leaf; NULL also when there are none. */
uint8_t *lwl_put_array(struct lwl_writer *w, uint16_t number, uint32_t size, uint32_t align,
		       uint32_t min, uint32_t max, struct lwl_seq v);

/* A group: what is put between the two is inside it. */
struct lwl_group {
	uint32_t header;		/* where it is in buf */
	uint32_t aside;			/* what was aside before it */
	bool links;			/* the outer level's */
};

void lwl_begin_group(struct lwl_writer *w, uint16_t number, struct lwl_group *g);
void lwl_end_group(struct lwl_writer *w, const struct lwl_group *g);

/*
 * A list of groups: element by element, each between the call for it and the next one.
 *
 *	lwl_begin_list(w, &list, number, max, v);
 *	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
 *		if (in == &element)
 *			lwl_require(w, vfs_entry_next(&list.cursor, &element));
 *		…
 *	}
 *	lwl_end_list(w, &list, bytes);
 *
 * put_element returns the place of the next one in a host array, `wire` when the list is in wire form
 * and the cursor has it, and NULL at the end.
 */
struct lwl_list {
	struct lwl_cursor cursor;
	uint32_t start;
	uint16_t number;
	bool open;			/* is the group of the element before still to be ended? */
	struct lwl_group group;
};

void lwl_begin_list(struct lwl_writer *w, struct lwl_list *list, uint16_t number, uint32_t max,
		    struct lwl_seq v);
const void *lwl_put_element(struct lwl_writer *w, struct lwl_list *list, const void *wire, size_t size);
void lwl_end_list(struct lwl_writer *w, struct lwl_list *list, uint32_t bytes);

/*
 * Rows: elements of a host array that are written whole, as long as they surely fit.  What the writer
 * and the list say, for a loop to keep in registers.
 */
struct lwl_row_writer {
	uint8_t *at;			/* where the next one goes */
	uint32_t left;			/* so many bytes may be written */
	uint32_t id;			/* what an element's header starts with */
	uint32_t more;			/* elements */
};

static inline struct lwl_row_writer lwl_begin_put_rows(const struct lwl_writer *w,
						       const struct lwl_list *list)
{
	bool may = list->cursor.seq.wire == 0 && w->depth < LWL_DEPTH_MAX &&
		   (w->extras & LWL_EXTRA_SLICES) == 0;
	struct lwl_row_writer rows = { w->buf + w->at, w->limit - w->at,
				       (uint32_t)list->number | LWL_ITEM_GROUP,
				       may ? list->cursor.seq.count : 0 };

	return rows;
}

/* The header of a row of `size` bytes; returns where its items go, NULL if it does not fit. */
static inline uint8_t *lwl_put_row(struct lwl_row_writer *rows, uint32_t size)
{
	uint8_t *p = rows->at;

	if (size > rows->left)
		return NULL;
	rows->at += size;
	rows->left -= size;
	rows->more--;
	lwl_store64(p, size << 16 | rows->id);
	return p + 8;
}

void lwl_end_put_rows(struct lwl_writer *w, struct lwl_list *list, struct lwl_row_writer rows);

/* In a row or a run, the header and the padding of an item of `length` bytes. */
static inline void lwl_store_head(uint8_t *p, uint32_t number, uint32_t length)
{
	if (length % 8 != 0)
		lwl_store64(p + lwl_padded(length) - 8, 0);
	lwl_store32(p, length << 16 | number);
	lwl_store32(p + 4, 0);
}

/* In a row, a whole item of bytes; returns the place behind it. */
static inline uint8_t *lwl_store_bytes(uint8_t *p, uint32_t number, struct lwl_bytes v)
{
	uint32_t n = v.len;
	uint8_t *value = p + 4, *behind = p + lwl_padded(4 + n);

	/* The padding, with what of the last word is written again. */
	lwl_store64(behind - 8, 0);
	lwl_store32(p, (4 + n) << 16 | number);
	/* Most values are short: two copies of a fixed size that may overlap. */
	if (n > 32) {
		memcpy(value, v.data, n);
	} else if (n >= 16) {
		memcpy(value, v.data, 16);
		memcpy(value + n - 16, v.data + n - 16, 16);
	} else if (n >= 8) {
		memcpy(value, v.data, 8);
		memcpy(value + n - 8, v.data + n - 8, 8);
	} else if (n >= 4) {
		memcpy(value, v.data, 4);
		memcpy(value + n - 4, v.data + n - 4, 4);
	} else if (n > 0) {
		value[0] = v.data[0];
		value[n / 2] = v.data[n / 2];
		value[n - 1] = v.data[n - 1];
	}
	return behind;
}

/* The bytes of the message so far, for the `in BYTES` bound of a list. */
static inline uint32_t lwl_writer_offset(const struct lwl_writer *w)
{
	return w->at + w->aside;
}

#ifdef __cplusplus
}
#endif
#endif
