/*
 * golden.types, version 3: the messages.
 *
 * One field of every kind that is a leaf, required, optional and with a default.
 *
 * Made by lwlc from types.lwl: change that, not this.
 */
#ifndef GOLDEN_TYPES_LWL_H
#define GOLDEN_TYPES_LWL_H

#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A message is a plain struct. Its _encode fills it into a writer that lwl_writer_init has begun,
 * and returns 0 or what lwl_writer_finish in <lwlink/wire.h> says. Its _decode takes one message
 * with its header and padding; strings, bytes and sequences then point into it. It returns 0,
 * -LWL_EMALFORMED with `*err` telling where (err may be NULL), or, of an error response, minus the
 * error's code; only after 0 does the struct hold the message. Neither blocks or allocates. Of an
 * item that is optional, or has a default other than 0, has_… says whether it is there.
 */

/* Longest name, in bytes. */
#define TYPES_NAME_MAX 255
#define TYPES_LOWEST (-INT64_C(9223372036854775807) - 1)
#define TYPES_COLDEST (-INT32_C(2147483647) - 1)
#define TYPES_HIGHEST UINT64_C(18446744073709551615)
#define TYPES_RATIO lwl_f64_of(UINT64_C(0x3ff8000000000000))
#define TYPES_CHECKED true

/*
 * How something is kept.
 *
 * Stored as uint8_t; no others than these.
 */
enum types_kind {
	/* Nobody knows. */
	TYPES_KIND_NONE = 0,
	TYPES_KIND_PLAIN = 1,
	TYPES_KIND_PACKED = 2,
	/* Since version 2. */
	TYPES_KIND_SEALED = 7
};

static inline bool types_kind_valid(uint8_t v)
{
	return v <= 2 || v == 7;
}

/* "NONE" for TYPES_KIND_NONE and so on; NULL for a value without a name. */
const char *types_kind_name(uint8_t v);

/* Stored as int16_t; no others than these. */
enum types_shift {
	TYPES_SHIFT_DOWN = (-2),
	TYPES_SHIFT_LEVEL = 0,
	TYPES_SHIFT_UP = 2
};

static inline bool types_shift_valid(int16_t v)
{
	return v == 0 || v == 2 || v == (-2);
}

/* "DOWN" for TYPES_SHIFT_DOWN and so on; NULL for a value without a name. */
const char *types_shift_name(int16_t v);

/* Stored as uint64_t; no others than these. */
#define TYPES_SERIAL_FIRST 1
#define TYPES_SERIAL_LAST UINT64_C(18446744073709551615)

static inline bool types_serial_valid(uint64_t v)
{
	return v == 1 || v == UINT64_C(18446744073709551615);
}

/* "FIRST" for TYPES_SERIAL_FIRST and so on; NULL for a value without a name. */
const char *types_serial_name(uint64_t v);

/* Stored as uint16_t; others than these pass, too. */
enum types_hint {
	TYPES_HINT_NORMAL = 0,
	TYPES_HINT_SEQUENTIAL = 1
};

/* "NORMAL" for TYPES_HINT_NORMAL and so on; NULL for a value without a name. */
const char *types_hint_name(uint16_t v);

/* Stored as uint32_t; no others than these. */
enum types_mode {
	TYPES_MODE_READ = 1,
	TYPES_MODE_WRITE = 2,
	TYPES_MODE_APPEND = 32
};

static inline bool types_mode_valid(uint32_t v)
{
	return (v & ~UINT64_C(35)) == 0;
}

/* Stored as uint64_t; others than these pass, too. */
#define TYPES_WIDE_LOW 1
#define TYPES_WIDE_HIGH UINT64_C(9223372036854775808)

/* Stored as uint8_t; no others than these. */
enum types_full {
	TYPES_FULL_A = 1,
	TYPES_FULL_B = 2,
	TYPES_FULL_C = 4,
	TYPES_FULL_D = 8,
	TYPES_FULL_E = 16,
	TYPES_FULL_F = 32,
	TYPES_FULL_G = 64,
	TYPES_FULL_H = 128
};

static inline bool types_full_valid(uint8_t v)
{
	(void)v;
	return true;
}

/*
 * Carries them all, both ways.
 *
 * A link to an end point that offers All.
 */
struct types_all {
	uint64_t id;			/* the linkid; 0: none */
};

#define TYPES_ALL_ID 0x01

/* Element `i` of a sequence of these. */
static inline struct types_all types_all_at(struct lwl_seq seq, uint32_t i)
{
	struct types_all link = { lwl_link_at(seq, i).id };

	return link;
}

struct types_required {
	bool flag;
	uint8_t a;
	uint16_t b;
	uint32_t c;
	uint64_t d;
	int8_t e;
	int16_t f;
	int32_t g;
	int64_t h;
	float i;
	double j;
	uint8_t kind;	/* enum types_kind */
	uint32_t mode;	/* flags types_mode */
	struct lwl_string name;	/* up to 255 bytes */
	struct lwl_bytes key;	/* 1..16 bytes */
	struct lwl_link_any peer;
};

/* The next of a list of these; false at its end. */
bool types_required_next(struct lwl_cursor *c, struct types_required *out);

struct types_optional {
	bool has_flag;
	bool flag;
	bool has_a;
	uint8_t a;
	bool has_d;
	uint64_t d;
	bool has_i;
	float i;
	bool has_j;
	double j;
	bool has_kind;
	uint8_t kind;	/* enum types_kind */
	bool has_hint;
	uint16_t hint;	/* enum types_hint */
	bool has_name;
	struct lwl_string name;	/* 1..8 bytes */
	bool has_key;
	struct lwl_bytes key;	/* up to 255 bytes */
	bool has_peer;
	struct lwl_link_any peer;
};

/* The next of a list of these; false at its end. */
bool types_optional_next(struct lwl_cursor *c, struct types_optional *out);

struct types_defaults {
	bool has_on;
	bool on;
	bool off;
	bool has_count;
	uint32_t count;
	uint32_t zero;
	bool has_low;
	int8_t low;
	bool has_lowest;
	int64_t lowest;
	bool has_half;
	float half;
	bool has_minus_zero;
	double minus_zero;
	bool has_kind;
	uint8_t kind;	/* enum types_kind */
	int16_t shift;	/* enum types_shift */
	bool has_mode;
	uint32_t mode;	/* flags types_mode */
	bool has_wide;
	uint64_t wide;	/* flags types_wide */
	bool has_serial;
	uint64_t serial;	/* enum types_serial */
	bool has_highest;
	uint64_t highest;
	bool has_full;
	uint8_t full;	/* flags types_full */
};

/* The next of a list of these; false at its end. */
bool types_defaults_next(struct lwl_cursor *c, struct types_defaults *out);

struct types_arrays {
	struct lwl_seq exactly;	/* 16 of uint8_t */
	struct lwl_seq some;	/* up to 16 of uint8_t */
	struct lwl_seq bits;	/* up to 9 of bool */
	bool has_maybe;
	struct lwl_seq maybe;	/* 4 of uint16_t */
	struct lwl_seq numbers;	/* up to 100 of int32_t */
	struct lwl_seq point;	/* 2 of float */
	struct lwl_seq curve;	/* up to 3 of double */
	struct lwl_seq kinds;	/* up to 8 of uint8_t */
	struct lwl_seq hints;	/* 2 of uint16_t */
	struct lwl_seq wides;	/* up to 2 of uint64_t */
	struct lwl_seq links;	/* up to 4 of struct lwl_link_any */
	bool has_shifts;
	struct lwl_seq shifts;	/* 3 of int16_t */
};

/* The next of a list of these; false at its end. */
bool types_arrays_next(struct lwl_cursor *c, struct types_arrays *out);

/* ---- All.put ---- */

#define TYPES_ALL_PUT 0x0101
#define TYPES_ALL_PUT_REQ_MAX 1712
#define TYPES_ALL_PUT_RSP_MAX 360

struct types_all_put_req {
	struct types_required required;
	struct types_optional optional;
	struct types_defaults defaults;
	struct types_arrays arrays;
};

struct types_all_put_rsp {
	char lwl_none;			/* it has no items */
};

int types_all_put_req_encode(struct lwl_writer *w, const struct types_all_put_req *in);
int types_all_put_req_decode(struct types_all_put_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int types_all_put_rsp_encode(struct lwl_writer *w, const struct types_all_put_rsp *in);
int types_all_put_rsp_decode(struct types_all_put_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- All.tell ---- */

/* A one-way. */
#define TYPES_ALL_TELL 0x0102
#define TYPES_ALL_TELL_MSG_MAX 1712

struct types_all_tell_msg {
	bool has_required;
	struct types_required required;
	bool has_optional;
	struct types_optional optional;
	bool has_defaults;
	struct types_defaults defaults;
	bool has_arrays;
	struct types_arrays arrays;
};

int types_all_tell_msg_encode(struct lwl_writer *w, const struct types_all_tell_msg *in);
int types_all_tell_msg_decode(struct types_all_tell_msg *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
