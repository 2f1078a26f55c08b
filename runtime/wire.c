/*
 * Messages and items as bytes.  The rules are those of docs/protocol.md, in the order of its section
 * "In which order mistakes are found": every reader of the format reports the same one first.
 */
#include <lwlink/wire.h>

enum {
	ITEM_HEADER = 4,
	ITEM_WIDE_HEADER = 8,		/* with the padding of groups, links and 8-aligned values */
	MESSAGE_BYTES = LWL_MESSAGE_MAX + 1,	/* padded */
	LINKID_SIZE = 8,
	TRACE_SIZE = 16,
	ERROR_DETAIL_MAX = 255
};

/* May the number of the last item come again?  Values of lwl_reader.repeats. */
enum {
	REPEATS_NOT,			/* it was no group */
	REPEATS_LIST,			/* it was a group of a list, or of no known field */
	REPEATS_ONCE			/* it was a group that the schema has once: a typed mistake */
};

/* ---- the header ---- */

/* Where its fields are. */
enum { AT_MSGID = 8, AT_COMMAND = 12, AT_LENGTH = 14 };

void lwl_header_load(struct lwl_header *out, const void *p)
{
	const uint8_t *b = p;

	out->linkid = lwl_load64(b);
	out->msgid = lwl_load32(b + 8);
	out->command = lwl_load16(b + 12);
	out->length = lwl_load16(b + 14);
}

void lwl_header_store(void *p, const struct lwl_header *h)
{
	uint8_t *b = p;

	lwl_store64(b, h->linkid);
	lwl_store32(b + 8, h->msgid);
	lwl_store16(b + 12, h->command);
	lwl_store16(b + 14, h->length);
}

/* ---- text ---- */

/* How many bytes at `p` continue a character: 0x80..0xbf, the first one within lo..hi. */
static bool utf8_tail(const uint8_t *p, uint32_t n, uint8_t lo, uint8_t hi)
{
	uint32_t i;

	if (p[0] < lo || p[0] > hi)
		return false;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* The length of the longest prefix that is whole characters of UTF-8 (RFC 3629) without U+0000. */
static uint32_t utf8_prefix(const uint8_t *p, uint32_t n)
{
	uint32_t at = 0;

	while (at < n) {
		uint8_t c = p[at], lo = 0x80, hi = 0xbf;
		uint32_t tail;

		if (n - at >= 8) {
			uint64_t v = lwl_load64(p + at);

			/* Eight characters of ASCII, none of them 0. */
			if (((v | (v - UINT64_C(0x0101010101010101))) &
			     UINT64_C(0x8080808080808080)) == 0) {
				at += 8;
				continue;
			}
		}
		if (c < 0x80) {
			if (c == 0)
				return at;
			at++;
			continue;
		}
		if (c >= 0xc2 && c <= 0xdf) {
			tail = 1;
		} else if (c >= 0xe0 && c <= 0xef) {
			tail = 2;
			if (c == 0xe0)
				lo = 0xa0;	/* no overlong forms */
			else if (c == 0xed)
				hi = 0x9f;	/* no surrogates */
		} else if (c >= 0xf0 && c <= 0xf4) {
			tail = 3;
			if (c == 0xf0)
				lo = 0x90;
			else if (c == 0xf4)
				hi = 0x8f;	/* nothing above U+10FFFF */
		} else {
			return at;
		}
		if (n - at - 1 < tail || !utf8_tail(p + at + 1, tail, lo, hi))
			return at;
		at += 1 + tail;
	}
	return at;
}

/* ---- reading: mistakes ---- */

/* What runs at most once a message keeps out of the way of what runs for each item. */
#ifdef __GNUC__
#define RARE __attribute__((noinline, cold))
#else
#define RARE
#endif

RARE static void fail_header(struct lwl_reader *r, enum lwl_bad bad, uint32_t offset)
{
	if (r->failed)
		return;
	r->err->bad = bad;
	r->err->offset = offset;
	r->err->depth = 0;
	r->err->detail.data = NULL;	/* an error form that went wrong further on */
	r->err->detail.len = 0;
	r->failed = true;
	r->at = r->end;			/* nothing more will be found at this level */
}

RARE static void fail_item(struct lwl_reader *r, enum lwl_bad bad, uint32_t offset, uint16_t number,
		      uint16_t index)
{
	if (r->failed)
		return;
	fail_header(r, bad, offset);
	r->err->depth = 1;
	r->err->path[0].number = number;
	r->err->path[0].index = index;
}

/* A mistake in the item that was entered last. */
RARE static void fail_open(struct lwl_reader *r, enum lwl_bad bad, uint32_t offset)
{
	fail_item(r, bad, offset, r->last, r->index);
}

static bool check_zero(struct lwl_reader *r, uint32_t at, uint32_t end, enum lwl_bad bad)
{
	for (; at < end; at++)
		if (r->msg[at] != 0) {
			fail_open(r, bad, at);
			return false;
		}
	return true;
}

/* ---- reading: one item ---- */

/*
 * The header of the item at r->at: whether it can be one, and whether it may stand here.  False at
 * the end of the level and after a mistake.
 */
static inline bool peek(struct lwl_reader *r, uint16_t *id, uint32_t *length)
{
	uint32_t left = r->end - r->at;
	uint16_t number;

	if (left == 0)
		return false;
	if (left < ITEM_HEADER) {
		fail_header(r, LWL_BAD_ITEM_HEADER, r->at);
		return false;
	}
	*id = lwl_load16(r->msg + r->at);
	*length = lwl_load16(r->msg + r->at + 2);
	number = *id & LWL_ITEM_NUMBER;
	if (number == 0) {
		fail_item(r, LWL_BAD_NUMBER, r->at, 0, 0);
		return false;
	}
	if (*length < ITEM_HEADER || *length > left) {
		fail_item(r, LWL_BAD_ITEM_LENGTH, r->at, number, 0);
		return false;
	}
	if (number <= r->last) {
		bool again = number == r->last && r->repeats != REPEATS_NOT &&
			     (*id & LWL_ITEM_GROUP) != 0;

		if (!again || r->repeats == REPEATS_ONCE) {
			fail_item(r, again ? LWL_BAD_COUNT : LWL_BAD_ORDER, r->at, number, 0);
			return false;
		}
	}
	return true;
}

/* From here on the item at r->at is the one at hand. */
static inline void enter(struct lwl_reader *r, uint16_t number, uint32_t length)
{
	r->index = number == r->last ? (uint16_t)(r->index + 1) : 0;
	r->last = number;
	r->item_end = r->at + length;
	r->repeats = REPEATS_NOT;
}

/* Padding behind a last child pads its parent, too, and is checked there: this is for the others. */
void lwl_skip_padding(struct lwl_reader *r)
{
	uint32_t next = lwl_padded(r->item_end);

	if (next >= r->end) {
		fail_open(r, LWL_BAD_END, r->at);
		return;
	}
	if (check_zero(r, r->item_end, next, LWL_BAD_PADDING))
		r->at = next;
}

/* The linkids of the item at hand: their lengths and values, not their number. */
static bool check_links_length(struct lwl_reader *r)
{
	uint32_t length = r->item_end - r->at;

	if (length < ITEM_WIDE_HEADER + LINKID_SIZE || length % LINKID_SIZE != 0) {
		fail_open(r, LWL_BAD_ITEM_LENGTH, r->at);
		return false;
	}
	return true;
}

static bool check_linkids(struct lwl_reader *r)
{
	uint32_t at;

	if (!check_zero(r, r->at + ITEM_HEADER, r->at + ITEM_WIDE_HEADER, LWL_BAD_PADDING))
		return false;
	for (at = r->at + ITEM_WIDE_HEADER; at < r->item_end; at += LINKID_SIZE)
		if (lwl_load64(r->msg + at) == 0) {
			fail_open(r, LWL_BAD_LINKID, r->at);
			return false;
		}
	r->links = true;
	return true;
}

/* A reader of the items from `at` to `end`, at depth 0. */
static inline void begin_level(struct lwl_reader *r, const void *msg, uint32_t at, uint32_t end,
			       struct lwl_error *err)
{
	r->msg = msg;
	r->err = err;
	r->at = at;
	r->end = end;
	r->value = 0;
	r->item_end = 0;
	r->last = 0;
	r->index = 0;
	r->missing = 0;
	r->depth = 0;
	r->repeats = REPEATS_NOT;
	r->status = 0;
	r->links = false;
	r->failed = false;
}

static inline bool enter_group(struct lwl_reader *r, struct lwl_reader *inner)
{
	if (r->depth >= LWL_DEPTH_MAX) {
		fail_open(r, LWL_BAD_DEPTH, r->at);
		return false;
	}
	if (r->item_end - r->at < ITEM_WIDE_HEADER) {
		fail_open(r, LWL_BAD_ITEM_LENGTH, r->at);
		return false;
	}
	if (!check_zero(r, r->at + ITEM_HEADER, r->at + ITEM_WIDE_HEADER, LWL_BAD_PADDING))
		return false;
	begin_level(inner, r->msg, r->at + ITEM_WIDE_HEADER, r->item_end, r->err);
	inner->depth = (uint8_t)(r->depth + 1);
	return true;
}

static void skip_item(struct lwl_reader *r, uint16_t id, uint32_t length);

static void skip_rest(struct lwl_reader *r)
{
	uint16_t id;
	uint32_t length;

	while (peek(r, &id, &length))
		skip_item(r, id, length);
}

static void check_missing(struct lwl_reader *r)
{
	if (r->missing != 0)
		fail_item(r, LWL_BAD_MISSING, r->end, r->missing, 0);
}

void lwl_close_group(struct lwl_reader *r, struct lwl_reader *inner)
{
	bool says_links = (lwl_load16(r->msg + r->at) & LWL_ITEM_LINKS) != 0;

	skip_rest(inner);
	check_missing(inner);
	if (inner->failed) {
		struct lwl_error *err = r->err;
		uint32_t i;

		/* Each level that is left puts itself in front of the path. */
		for (i = err->depth; i > 0; i--)
			err->path[i] = err->path[i - 1];
		err->path[0].number = r->last;
		err->path[0].index = r->index;
		err->depth++;
		r->failed = true;
		r->at = r->end;
		return;
	}
	r->links = r->links || inner->links;
	if (says_links != inner->links) {
		fail_open(r, LWL_BAD_LINK_BIT, r->at);
		return;
	}
	lwl_close_leaf(r);
}

/* An item that nobody asked for: the structure of all that is in it. */
static void skip_item(struct lwl_reader *r, uint16_t id, uint32_t length)
{
	enter(r, id & LWL_ITEM_NUMBER, length);
	if ((id & LWL_ITEM_GROUP) != 0) {
		struct lwl_reader inner;

		r->repeats = REPEATS_LIST;
		if (enter_group(r, &inner))
			lwl_close_group(r, &inner);	/* skips what is inside */
		return;
	}
	if ((id & LWL_ITEM_LINKS) != 0 && !(check_links_length(r) && check_linkids(r)))
		return;
	lwl_close_leaf(r);
}

/*
 * Go on to item `number`, over items with smaller numbers.  If it is there, it is entered, and its
 * bits are `bits`, or any with R for a group.
 */
static inline bool seek(struct lwl_reader *r, uint16_t number, bool required, uint16_t bits)
{
	uint16_t id;
	uint32_t length;

	while (peek(r, &id, &length)) {
		if ((id & LWL_ITEM_NUMBER) > number)
			break;
		if ((id & LWL_ITEM_NUMBER) < number) {
			skip_item(r, id, length);
			continue;
		}
		enter(r, number, length);
		if (bits == LWL_ITEM_GROUP)
			id = (uint16_t)(id & ~LWL_ITEM_LINKS);
		if (id != (number | bits)) {
			fail_open(r, LWL_BAD_KIND, r->at);
			return false;
		}
		return true;
	}
	if (required && r->missing == 0)
		r->missing = number;
	return false;
}

/* ---- reading: values ---- */

bool lwl_find_leaf(struct lwl_reader *r, uint16_t number, bool required, uint32_t size,
		   uint32_t align)
{
	uint32_t start = align == 8 ? ITEM_WIDE_HEADER : ITEM_HEADER;

	if (!seek(r, number, required, 0))
		return false;
	if (r->item_end - r->at != start + size) {
		fail_open(r, LWL_BAD_SIZE, r->at);
		return false;
	}
	r->value = r->at + start;
	return check_zero(r, r->at + ITEM_HEADER, r->value, LWL_BAD_LEAF_PADDING);
}

bool lwl_open_array(struct lwl_reader *r, uint16_t number, bool required, uint32_t size,
		    uint32_t align, uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t start = align == 8 ? ITEM_WIDE_HEADER : ITEM_HEADER;
	uint32_t length, count;

	memset(out, 0, sizeof *out);
	if (!seek(r, number, required, 0))
		return false;
	length = r->item_end - r->at;
	if (length <= start || (length - start) % size != 0) {
		fail_open(r, LWL_BAD_SIZE, r->at);
		return false;
	}
	count = (length - start) / size;
	if (count < min || count > max) {
		fail_open(r, min == max ? LWL_BAD_SIZE : LWL_BAD_COUNT, r->at);
		return false;
	}
	r->value = r->at + start;
	if (!check_zero(r, r->at + ITEM_HEADER, r->value, LWL_BAD_LEAF_PADDING))
		return false;
	out->data = r->msg + r->value;
	out->count = count;
	out->wire = (uint16_t)(length - start);
	return true;
}

bool lwl_check(struct lwl_reader *r, bool ok, enum lwl_bad bad)
{
	if (!ok)
		fail_open(r, bad, r->at);
	return ok;
}

bool lwl_bad_hole(struct lwl_reader *r, uint32_t at, uint32_t size)
{
	return check_zero(r, at, at + size, LWL_BAD_LEAF_PADDING);
}

/*
 * A scalar of `width` bytes; `load` gives it from the bytes at p.  When it is the very next item its
 * header is known beforehand, and it ends at a multiple of 8 (checked with the padding in front of it
 * or behind it); anything else goes the long way.
 */
#define GET_SCALAR(name, type, width, load) \
bool lwl_get_##name(struct lwl_reader *r, uint16_t number, bool required, type *out) \
{ \
	enum { START = width == 8 ? 8 : 4, LENGTH = START + width, PADDED = (LENGTH + 7) / 8 * 8 }; \
	uint32_t at = r->at, left = r->end - at; \
	const uint8_t *p = r->msg + at; \
	if (left >= PADDED + (LENGTH < PADDED) && \
	    lwl_load32(p) == ((uint32_t)LENGTH << 16 | number) && \
	    (width == 4 || \
	     (width == 8 ? lwl_load32(p + 4) : lwl_load32(p + 4) >> (8 * (width & 3))) == 0)) { \
		r->at = at + PADDED; \
		r->last = number; \
		r->repeats = REPEATS_NOT; \
		p += START; \
		*out = load; \
		return true; \
	} \
	*out = 0; \
	if (!lwl_open_leaf(r, number, required, width, width)) \
		return false; \
	p = r->msg + r->value; \
	*out = load; \
	lwl_close_leaf(r); \
	return !r->failed; \
}

GET_SCALAR(u8, uint8_t, 1, p[0])
GET_SCALAR(u16, uint16_t, 2, lwl_load16(p))
GET_SCALAR(u32, uint32_t, 4, lwl_load32(p))
GET_SCALAR(u64, uint64_t, 8, lwl_load64(p))
GET_SCALAR(s8, int8_t, 1, (int8_t)p[0])
GET_SCALAR(s16, int16_t, 2, (int16_t)lwl_load16(p))
GET_SCALAR(s32, int32_t, 4, (int32_t)lwl_load32(p))
GET_SCALAR(s64, int64_t, 8, (int64_t)lwl_load64(p))
GET_SCALAR(f32, float, 4, lwl_loadf32(p))
GET_SCALAR(f64, double, 8, lwl_loadf64(p))

bool lwl_get_bool(struct lwl_reader *r, uint16_t number, bool required, bool *out)
{
	*out = false;
	if (!lwl_open_leaf(r, number, required, 1, 1) ||
	    !lwl_check(r, r->msg[r->value] <= 1, LWL_BAD_BOOL))
		return false;
	*out = r->msg[r->value] == 1;
	lwl_close_leaf(r);
	return !r->failed;
}

/* The item `number` with min..max bytes of payload behind the short header. */
static bool open_text(struct lwl_reader *r, uint16_t number, bool required, uint32_t min,
		      uint32_t max, uint32_t *length)
{
	if (!seek(r, number, required, 0))
		return false;
	*length = r->item_end - r->at - ITEM_HEADER;
	r->value = r->at + ITEM_HEADER;
	return lwl_check(r, *length >= min && *length <= max, LWL_BAD_SIZE);
}

bool lwl_get_string(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		    struct lwl_string *out)
{
	uint32_t length;

	out->data = NULL;
	out->len = 0;
	if (!open_text(r, number, required, min, max, &length) ||
	    !lwl_check(r, utf8_prefix(r->msg + r->value, length) == length, LWL_BAD_UTF8))
		return false;
	out->data = (const char *)r->msg + r->value;
	out->len = length;
	lwl_close_leaf(r);
	return !r->failed;
}

bool lwl_get_bytes(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		   struct lwl_bytes *out)
{
	uint32_t length;

	out->data = NULL;
	out->len = 0;
	if (!open_text(r, number, required, min, max, &length))
		return false;
	out->data = r->msg + r->value;
	out->len = length;
	lwl_close_leaf(r);
	return !r->failed;
}

/* A links item with at most `max` of them; 1 stands for a field that is one link. */
static bool open_links(struct lwl_reader *r, uint16_t number, bool required, uint32_t max,
		       enum lwl_bad too_many, struct lwl_seq *out)
{
	memset(out, 0, sizeof *out);
	if (!seek(r, number, required, LWL_ITEM_LINKS) || !check_links_length(r))
		return false;
	r->value = r->at + ITEM_WIDE_HEADER;
	if (!lwl_check(r, (r->item_end - r->value) / LINKID_SIZE <= max, too_many) ||
	    !check_linkids(r))
		return false;
	out->data = r->msg + r->value;
	out->wire = (uint16_t)(r->item_end - r->value);
	out->count = out->wire / LINKID_SIZE;
	return true;
}

bool lwl_get_link(struct lwl_reader *r, uint16_t number, bool required, uint64_t *out)
{
	struct lwl_seq links;

	*out = 0;
	if (!open_links(r, number, required, 1, LWL_BAD_SIZE, &links))
		return false;
	*out = lwl_load64(links.data);
	lwl_close_leaf(r);
	return !r->failed;
}

void lwl_get_links(struct lwl_reader *r, uint16_t number, uint32_t max, struct lwl_seq *out)
{
	if (open_links(r, number, LWL_OPTIONAL, max, LWL_BAD_COUNT, out))
		lwl_close_leaf(r);
}

bool lwl_get_packed(struct lwl_reader *r, uint16_t number, bool required, uint32_t size, uint32_t min,
		    uint32_t max, struct lwl_seq *out)
{
	if (!lwl_open_array(r, number, required, size, size, min, max, out))
		return false;
	lwl_close_leaf(r);
	return !r->failed;
}

bool lwl_get_bools(struct lwl_reader *r, uint16_t number, bool required, uint32_t min, uint32_t max,
		   struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 1, 1, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		if (!lwl_check(r, r->msg[r->value + i] <= 1, LWL_BAD_BOOL))
			return false;
	lwl_close_leaf(r);
	return !r->failed;
}

bool lwl_open_group(struct lwl_reader *r, uint16_t number, bool required, struct lwl_reader *inner)
{
	if (!seek(r, number, required, LWL_ITEM_GROUP))
		return false;
	r->repeats = REPEATS_ONCE;
	return enter_group(r, inner);
}

bool lwl_open_element(struct lwl_reader *r, uint16_t number, uint32_t max, uint32_t bytes,
		      struct lwl_seq *list, struct lwl_reader *inner)
{
	uint32_t from;

	if (!seek(r, number, LWL_OPTIONAL, LWL_ITEM_GROUP))
		return false;
	r->repeats = REPEATS_LIST;
	if (list->count == 0)
		list->data = r->msg + r->at;
	from = r->at - (uint32_t)((const uint8_t *)list->data - r->msg);
	if (!lwl_check(r, list->count < max, LWL_BAD_COUNT) ||
	    !lwl_check(r, lwl_padded(r->item_end - r->at) <= bytes - lwl_padded(list->wire),
		       LWL_BAD_COUNT) ||
	    !enter_group(r, inner))
		return false;
	list->count++;
	list->wire = (uint16_t)(from + (r->item_end - r->at));
	list->rows = 0;
	return true;
}

void lwl_end_rows(struct lwl_reader *r, struct lwl_seq *list, struct lwl_rows rows, uint32_t max)
{
	uint32_t next = (uint32_t)(rows.at - r->msg);

	if (rows.more == max)
		return;
	list->data = r->msg + r->at;
	list->count = max - rows.more;
	list->wire = (uint16_t)(next - r->at);
	list->rows = 1;
	r->at = next;
	r->last = (uint16_t)(rows.id & LWL_ITEM_NUMBER);
	r->index = (uint16_t)(list->count - 1);
	r->repeats = REPEATS_LIST;
}

uint16_t lwl_union_member(struct lwl_reader *r)
{
	uint16_t id;
	uint32_t length;

	if (r->failed)
		return 0;
	if (r->at == r->end) {
		fail_header(r, LWL_BAD_UNION, r->end);
		return 0;
	}
	if (!peek(r, &id, &length))
		return 0;
	return id & LWL_ITEM_NUMBER;
}

void lwl_check_union(struct lwl_reader *r, bool known)
{
	uint16_t id;
	uint32_t length;

	/* Behind a known member nothing may follow; an unknown one is itself what is wrong. */
	if ((!known || r->at != r->end) && peek(r, &id, &length))
		fail_item(r, LWL_BAD_UNION, r->at, id & LWL_ITEM_NUMBER, 0);
}

/* ---- reading: messages ---- */

/* The command's own code, or what stands for it here. */
static int local_code(uint32_t code)
{
	if ((code > LWL_ERRNO_MAX && code < LWL_EUNKNOWN) || code > INT32_MAX)
		return LWL_EIO;
	return (int)code;
}

RARE static void read_error_form(struct lwl_reader *r)
{
	struct lwl_reader inner;
	uint32_t code = 0;
	uint16_t id;
	uint32_t length;

	if (!lwl_open_group(r, LWL_ITEM_ERROR, LWL_REQUIRED, &inner))
		return;
	if (lwl_open_leaf(&inner, 1, LWL_REQUIRED, 4, 4)) {
		code = lwl_load32(inner.msg + inner.value);
		if (lwl_check(&inner, code != 0, LWL_BAD_ERROR_FORM))
			lwl_close_leaf(&inner);
	}
	lwl_get_string(&inner, 2, LWL_REQUIRED, 0, ERROR_DETAIL_MAX, &r->err->detail);
	lwl_close_group(r, &inner);
	if (peek(r, &id, &length))
		fail_item(r, LWL_BAD_ERROR_FORM, r->at, id & LWL_ITEM_NUMBER, 0);
	if (!r->failed)
		r->status = -local_code(code);
}

/* Take in the message and its length; false if they do not agree. */
static inline bool begin_message(struct lwl_reader *r, const void *msg, size_t len,
				 struct lwl_error *err)
{
	uint32_t length;

	if (err == NULL)
		err = &r->own;
	err->bad = LWL_BAD_NONE;
	err->offset = 0;
	err->depth = 0;
	err->detail.data = NULL;
	err->detail.len = 0;
	begin_level(r, msg, 0, 0, err);
	if (len < LWL_HEADER_SIZE) {
		fail_header(r, LWL_BAD_LENGTH, AT_LENGTH);
		return false;
	}
	length = lwl_load16(r->msg + AT_LENGTH);
	if (length < LWL_HEADER_SIZE || lwl_padded(length) != len) {
		fail_header(r, LWL_BAD_LENGTH, AT_LENGTH);
		return false;
	}
	r->at = LWL_HEADER_SIZE;
	r->end = length;
	return true;
}

static void check_message_padding(struct lwl_reader *r)
{
	uint32_t at;

	for (at = r->end; at % 8 != 0; at++)
		if (r->msg[at] != 0)
			fail_header(r, LWL_BAD_PADDING, at);
}

/* What lwl_command_word says. */
static inline bool is_oneway(uint32_t word)
{
	return word >> 16 != 0;
}

void lwl_reader_begin_word(struct lwl_reader *r, const void *msg, size_t len, uint32_t word,
			   struct lwl_error *err)
{
	if (!begin_message(r, msg, len, err))
		return;
	if (lwl_load16(r->msg + AT_COMMAND) != (word & 0xffff))
		fail_header(r, LWL_BAD_COMMAND, AT_COMMAND);
	else if ((lwl_load32(r->msg + AT_MSGID) == 0) != is_oneway(word))
		fail_header(r, LWL_BAD_MSGID, AT_MSGID);
	else if ((word & LWL_RESPONSE) != 0 && r->end - r->at >= ITEM_HEADER &&
		 (lwl_load16(r->msg + r->at) & LWL_ITEM_NUMBER) == LWL_ITEM_ERROR)
		read_error_form(r);
}

/* The items that no field took: those at the top that have a meaning, and unknown ones. */
static void finish_items(struct lwl_reader *r)
{
	uint16_t id;
	uint32_t length;

	while (peek(r, &id, &length)) {
		uint16_t number = id & LWL_ITEM_NUMBER;

		if (number == LWL_ITEM_ERROR) {
			fail_item(r, LWL_BAD_ERROR_FORM, r->at, number, 0);
		} else if (number == LWL_ITEM_DEADLINE) {
			if (lwl_open_leaf(r, number, LWL_OPTIONAL, 8, 8))
				lwl_close_leaf(r);
		} else if (number == LWL_ITEM_TRACE) {
			if (lwl_open_leaf(r, number, LWL_OPTIONAL, TRACE_SIZE, 1))
				lwl_close_leaf(r);
		} else {
			skip_item(r, id, length);
		}
	}
}

int lwl_reader_finish(struct lwl_reader *r)
{
	if (r->at != r->end)
		finish_items(r);
	if (r->status == 0)
		check_missing(r);
	if (r->end % 8 != 0 && !r->failed)
		check_message_padding(r);
	return r->failed ? -LWL_EMALFORMED : r->status;
}

int lwl_message_check(const void *msg, size_t len, struct lwl_error *err)
{
	struct lwl_reader r;

	if (begin_message(&r, msg, len, err)) {
		skip_rest(&r);
		if (!r.failed)
			check_message_padding(&r);
	}
	return r.failed ? -LWL_EMALFORMED : 0;
}

/* ---- without a schema, in a message that has been checked ---- */

bool lwl_message_find(struct lwl_item *out, const void *msg, uint16_t number)
{
	const uint8_t *b = msg;
	uint32_t end = lwl_load16(b + AT_LENGTH), at = LWL_HEADER_SIZE;

	while (at < end) {
		uint16_t id = lwl_load16(b + at);

		if ((id & LWL_ITEM_NUMBER) == number) {
			out->id = id;
			out->length = lwl_load16(b + at + 2);
			out->offset = at;
			return true;
		}
		if ((id & LWL_ITEM_NUMBER) > number)
			return false;
		at += lwl_padded(lwl_load16(b + at + 2));
	}
	return false;
}

bool lwl_message_deadline(uint64_t *out, const void *msg)
{
	struct lwl_item item;

	if (!lwl_message_find(&item, msg, LWL_ITEM_DEADLINE) || item.id != LWL_ITEM_DEADLINE ||
	    item.length != ITEM_WIDE_HEADER + 8)
		return false;
	*out = lwl_load64((const uint8_t *)msg + item.offset + ITEM_WIDE_HEADER);
	return true;
}

const uint8_t *lwl_message_trace(const void *msg)
{
	struct lwl_item item;

	if (!lwl_message_find(&item, msg, LWL_ITEM_TRACE) || item.id != LWL_ITEM_TRACE ||
	    item.length != ITEM_HEADER + TRACE_SIZE)
		return NULL;
	return (const uint8_t *)msg + item.offset + ITEM_HEADER;
}

void lwl_linkids_init(struct lwl_linkids *walk, const void *msg)
{
	walk->msg = msg;
	walk->at = LWL_HEADER_SIZE;
	walk->links_end = 0;
	walk->end = lwl_load16(walk->msg + AT_LENGTH);
}

/*
 * A group's children start 8 bytes behind its header, and what follows its last child follows the
 * group, so that the levels need not be remembered.  Groups without linkids are stepped over.
 */
bool lwl_linkids_next(struct lwl_linkids *walk, uint32_t *offset)
{
	while (walk->at < walk->end) {
		uint16_t id;
		uint32_t length;

		if (walk->at < walk->links_end) {
			*offset = walk->at;
			walk->at += LINKID_SIZE;
			return true;
		}
		id = lwl_load16(walk->msg + walk->at);
		length = lwl_load16(walk->msg + walk->at + 2);
		if ((id & LWL_ITEM_LINKS) == 0) {
			walk->at += lwl_padded(length);
		} else {
			if ((id & LWL_ITEM_GROUP) == 0)
				walk->links_end = walk->at + length;
			walk->at += ITEM_WIDE_HEADER;
		}
	}
	return false;
}

/* ---- sequences ---- */

/* Element i of a sequence of `width` bytes each; `load` gives it from its wire bytes at p. */
#define AT_SCALAR(name, type, width, load) \
type lwl_##name##_at(struct lwl_seq seq, uint32_t i) \
{ \
	const uint8_t *p; \
	if (i >= seq.count) \
		return 0; \
	if (seq.wire == 0) \
		return ((const type *)seq.data)[i]; \
	p = (const uint8_t *)seq.data + (size_t)i * width; \
	return load; \
}

AT_SCALAR(bool, bool, 1, p[0] == 1)
AT_SCALAR(u8, uint8_t, 1, p[0])
AT_SCALAR(u16, uint16_t, 2, lwl_load16(p))
AT_SCALAR(u32, uint32_t, 4, lwl_load32(p))
AT_SCALAR(u64, uint64_t, 8, lwl_load64(p))
AT_SCALAR(s8, int8_t, 1, (int8_t)p[0])
AT_SCALAR(s16, int16_t, 2, (int16_t)lwl_load16(p))
AT_SCALAR(s32, int32_t, 4, (int32_t)lwl_load32(p))
AT_SCALAR(s64, int64_t, 8, (int64_t)lwl_load64(p))
AT_SCALAR(f32, float, 4, lwl_loadf32(p))
AT_SCALAR(f64, double, 8, lwl_loadf64(p))

struct lwl_link_any lwl_link_at(struct lwl_seq seq, uint32_t i)
{
	struct lwl_link_any link = { 0 };

	/* A host array holds structs of one linkid, whatever their interface. */
	if (i < seq.count && seq.wire == 0)
		memcpy(&link, (const uint8_t *)seq.data + (size_t)i * sizeof link, sizeof link);
	else if (i < seq.count)
		link.id = lwl_load64((const uint8_t *)seq.data + (size_t)i * LINKID_SIZE);
	return link;
}

bool lwl_cursor_next(struct lwl_cursor *c, struct lwl_reader *r, void *out, size_t size)
{
	uint32_t length;

	r->failed = c->index >= c->seq.count || (c->seq.wire != 0 && c->at >= c->seq.wire);
	if (r->failed) {
		memset(out, 0, size);
		return false;
	}
	if (c->seq.wire == 0) {
		memcpy(out, (const uint8_t *)c->seq.data + size * c->index++, size);
		return false;
	}
	length = lwl_load16((const uint8_t *)c->seq.data + c->at + 2);
	begin_level(r, c->seq.data, c->at + ITEM_WIDE_HEADER, c->at + length, &r->own);
	r->depth = 1;
	c->index++;
	c->at += lwl_padded(length);
	return true;
}

/* ---- writing ---- */

void lwl_writer_fail(struct lwl_writer *w, int status)
{
	if (w->status == 0)
		w->status = status;
	w->limit = w->at;		/* so that a look at the room is a look for errors, too */
}

uint8_t *lwl_put_nothing(struct lwl_writer *w, uint32_t size)
{
	lwl_writer_fail(w, size > MESSAGE_BYTES - w->at - w->aside ? -LWL_ETOOLARGE : -LWL_ENOBUFS);
	return NULL;
}

/* The next `size` bytes of the buffer; NULL: no room, or an error before. */
static inline uint8_t *reserve(struct lwl_writer *w, uint32_t size)
{
	uint8_t *p;

	if (size > w->limit - w->at)
		return lwl_put_nothing(w, size);
	p = w->buf + w->at;
	w->at += size;
	return p;
}

static inline void store_item(uint8_t *p, uint16_t id, uint32_t length)
{
	lwl_store32(p, length << 16 | id);
}

void lwl_writer_begin_word(struct lwl_writer *w, uint32_t word)
{
	uint8_t *p = reserve(w, LWL_HEADER_SIZE);

	if (p == NULL)
		return;
	if ((w->msgid == 0) != is_oneway(word)) {
		lwl_writer_fail(w, -LWL_EINVAL);
		return;
	}
	w->end = LWL_HEADER_SIZE;
	lwl_store64(p, w->linkid);
	lwl_store32(p + AT_MSGID, w->msgid);
	lwl_store16(p + AT_COMMAND, (uint16_t)word);
}

static void put_extras(struct lwl_writer *w)
{
	if ((w->extras & LWL_EXTRA_DEADLINE) != 0)
		lwl_put_u64(w, LWL_ITEM_DEADLINE, w->deadline);
	if ((w->extras & LWL_EXTRA_TRACE) != 0) {
		uint8_t *p = lwl_put_leaf(w, LWL_ITEM_TRACE, TRACE_SIZE, 1);

		if (p != NULL)
			memcpy(p, w->trace, TRACE_SIZE);
	}
	if ((w->extras & LWL_EXTRA_SLICES) != 0 && w->status == 0 && w->at > w->slice_start &&
	    w->slice_count < w->slice_room) {
		struct lwl_slice *slice = &w->slices[w->slice_count++];

		slice->data = w->buf + w->slice_start;
		slice->len = w->at - w->slice_start;
	}
}

int lwl_writer_finish(struct lwl_writer *w)
{
	if (w->extras != 0)
		put_extras(w);
	if (w->status == 0 && w->end + w->aside > LWL_MESSAGE_MAX)
		lwl_writer_fail(w, -LWL_ETOOLARGE);
	if (w->status == 0)
		lwl_store16(w->buf + AT_LENGTH, (uint16_t)(w->end + w->aside));
	return w->status;
}

int lwl_finish_fixed(struct lwl_writer *w)
{
	w->end = lwl_load16(w->buf + AT_LENGTH);
	return lwl_writer_finish(w);
}

int lwl_refuse_fixed(struct lwl_writer *w, enum lwl_kind kind, uint32_t size)
{
	lwl_writer_begin(w, 0, kind);
	if (w->status == 0 && size - LWL_HEADER_SIZE > w->limit - w->at)
		lwl_put_nothing(w, size - LWL_HEADER_SIZE);
	lwl_writer_fail(w, -LWL_EINVAL);
	return w->status;
}

int lwl_error_encode(struct lwl_writer *w, uint16_t command, int code, const char *detail)
{
	struct lwl_string text = { detail, 0 };
	struct lwl_group group;

	if (detail != NULL) {
		const char *nul = memchr(detail, 0, ERROR_DETAIL_MAX);
		uint32_t length = nul != NULL ? (uint32_t)(nul - detail) : ERROR_DETAIL_MAX;

		text.len = utf8_prefix((const uint8_t *)detail, length);
	}
	w->extras &= LWL_EXTRA_SLICES;	/* the error item stands alone */
	lwl_writer_begin(w, command, LWL_KIND_RESPONSE);
	lwl_require(w, code > 0);
	lwl_begin_group(w, LWL_ITEM_ERROR, &group);
	lwl_put_u32(w, 1, (uint32_t)code);
	lwl_put_string(w, 2, 0, ERROR_DETAIL_MAX, text);
	lwl_end_group(w, &group);
	return lwl_writer_finish(w);
}

/* A leaf of up to four bytes: with its header one word. */
static inline void put_small(struct lwl_writer *w, uint16_t number, uint32_t size, uint32_t bits)
{
	uint32_t at = w->at;
	uint8_t *p;

	if (8 > w->limit - at) {
		lwl_put_nothing(w, 8);
		return;
	}
	p = w->buf + at;
	w->end = at + ITEM_HEADER + size;
	w->at = at + 8;
	store_item(p, number, ITEM_HEADER + size);
	lwl_store32(p + 4, bits);
}

void lwl_put_bool(struct lwl_writer *w, uint16_t number, bool v)
{
	put_small(w, number, 1, v);
}

void lwl_put_u8(struct lwl_writer *w, uint16_t number, uint8_t v)
{
	put_small(w, number, 1, v);
}

void lwl_put_u16(struct lwl_writer *w, uint16_t number, uint16_t v)
{
	put_small(w, number, 2, v);
}

void lwl_put_u32(struct lwl_writer *w, uint16_t number, uint32_t v)
{
	put_small(w, number, 4, v);
}

void lwl_put_u64(struct lwl_writer *w, uint16_t number, uint64_t v)
{
	uint8_t *p = lwl_put_leaf(w, number, 8, 8);

	if (p != NULL)
		lwl_store64(p, v);
}

void lwl_put_s8(struct lwl_writer *w, uint16_t number, int8_t v)
{
	put_small(w, number, 1, (uint8_t)v);
}

void lwl_put_s16(struct lwl_writer *w, uint16_t number, int16_t v)
{
	put_small(w, number, 2, (uint16_t)v);
}

void lwl_put_s32(struct lwl_writer *w, uint16_t number, int32_t v)
{
	put_small(w, number, 4, (uint32_t)v);
}

void lwl_put_s64(struct lwl_writer *w, uint16_t number, int64_t v)
{
	lwl_put_u64(w, number, (uint64_t)v);
}

void lwl_put_f32(struct lwl_writer *w, uint16_t number, float v)
{
	put_small(w, number, 4, lwl_f32_bits(v));
}

void lwl_put_f64(struct lwl_writer *w, uint16_t number, double v)
{
	lwl_put_u64(w, number, lwl_f64_bits(v));
}

/* An item with its header of `start` bytes and `size` of payload, whose padding is written. */
static uint8_t *put_item(struct lwl_writer *w, uint16_t id, uint32_t start, uint32_t size)
{
	uint8_t *p;

	if (size > LWL_MESSAGE_MAX - start) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return NULL;
	}
	p = reserve(w, lwl_padded(start + size));
	if (p == NULL)
		return NULL;
	w->end = (uint32_t)(p - w->buf) + start + size;
	/* The last word first: it holds the padding, or is the header of an empty payload. */
	lwl_store64(p + lwl_padded(start + size) - 8, 0);
	store_item(p, id, start + size);
	lwl_store32(p + 4, 0);
	return p + start;
}

uint8_t *lwl_put_array(struct lwl_writer *w, uint16_t number, uint32_t size, uint32_t align,
		       uint32_t min, uint32_t max, struct lwl_seq v)
{
	lwl_require_seq(w, v, size, min, max);
	if (v.count == 0 || w->status != 0)
		return NULL;
	if (v.count > LWL_MESSAGE_MAX / size) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return NULL;
	}
	return put_item(w, number, align == 8 ? ITEM_WIDE_HEADER : ITEM_HEADER, v.count * size);
}

void lwl_put_string(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		    struct lwl_string v)
{
	uint8_t *p;

	lwl_require(w, v.len >= min && v.len <= max &&
		    utf8_prefix((const uint8_t *)v.data, v.len) == v.len);
	p = put_item(w, number, ITEM_HEADER, v.len);
	if (p != NULL && v.len > 0)
		memcpy(p, v.data, v.len);
}

/* The header goes into the buffer, the value stays where it is, and its padding comes behind it. */
static void put_aside(struct lwl_writer *w, uint16_t number, struct lwl_bytes v)
{
	uint32_t padding = lwl_padded(ITEM_HEADER + v.len) - ITEM_HEADER - v.len;
	struct lwl_slice *slice = w->slices + w->slice_count;
	uint32_t end = w->at + ITEM_HEADER, next = end + padding;
	uint8_t *p = w->buf + w->at;

	if (ITEM_HEADER + padding > w->limit - w->at) {
		lwl_put_nothing(w, ITEM_HEADER + padding);
		return;
	}
	if (v.len > MESSAGE_BYTES - next - w->aside) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return;
	}
	/* The padding by its last four bytes and its first four, as far as it has them. */
	lwl_store32(p + padding, 0);
	if (padding > 4)
		lwl_store32(p + ITEM_HEADER, 0);
	store_item(p, number, ITEM_HEADER + v.len);
	slice[0].data = w->buf + w->slice_start;
	slice[0].len = end - w->slice_start;
	slice[1].data = v.data;
	slice[1].len = v.len;
	w->slice_count += 2;
	w->slice_start = end;
	w->end = end;
	w->at = next;
	w->aside += v.len;
	if (w->limit > MESSAGE_BYTES - w->aside)
		w->limit = MESSAGE_BYTES - w->aside;
}

void lwl_put_bytes(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		   struct lwl_bytes v)
{
	uint8_t *p;

	lwl_require(w, v.len >= min && v.len <= max);
	if (w->status != 0)
		return;
	/* Two slices for it and one for what comes behind. */
	if ((w->extras & LWL_EXTRA_SLICES) != 0 && v.len >= w->threshold && v.len > 0 &&
	    w->slice_room >= 3 && w->slice_count <= w->slice_room - 3) {
		put_aside(w, number, v);
		return;
	}
	p = put_item(w, number, ITEM_HEADER, v.len);
	if (p != NULL && v.len > 0)
		memcpy(p, v.data, v.len);
}

void lwl_put_link(struct lwl_writer *w, uint16_t number, uint64_t id)
{
	uint8_t *p;

	lwl_require(w, id != 0);
	p = put_item(w, number | LWL_ITEM_LINKS, ITEM_WIDE_HEADER, LINKID_SIZE);
	if (p == NULL)
		return;
	lwl_store64(p, id);
	w->links = true;
}

void lwl_put_links(struct lwl_writer *w, uint16_t number, uint32_t max, struct lwl_seq v)
{
	uint8_t *p;
	uint32_t i;

	lwl_require_seq(w, v, LINKID_SIZE, 0, max);
	if (v.count == 0 || w->status != 0)
		return;
	if (v.count > LWL_MESSAGE_MAX / LINKID_SIZE) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return;
	}
	p = put_item(w, number | LWL_ITEM_LINKS, ITEM_WIDE_HEADER, v.count * LINKID_SIZE);
	for (i = 0; p != NULL && i < v.count; i++, p += LINKID_SIZE) {
		uint64_t id = lwl_link_at(v, i).id;

		lwl_require(w, id != 0);
		lwl_store64(p, id);
	}
	w->links = true;
}

void lwl_put_packed(struct lwl_writer *w, uint16_t number, uint32_t size, uint32_t min, uint32_t max,
		    struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, size, size, min, max, v);
	const uint8_t *from = v.data;
	uint16_t bits16;
	uint32_t bits32, i;
	uint64_t bits64;

	if (p == NULL)
		return;
	if (v.wire != 0 || size == 1) {
		memcpy(p, v.data, (size_t)v.count * size);
		return;
	}
	/* The elements may be floats, which must not be looked at as integers in place. */
	for (i = 0; i < v.count; i++, p += size, from += size) {
		if (size == 2) {
			memcpy(&bits16, from, sizeof bits16);
			lwl_store16(p, bits16);
		} else if (size == 4) {
			memcpy(&bits32, from, sizeof bits32);
			lwl_store32(p, bits32);
		} else {
			memcpy(&bits64, from, sizeof bits64);
			lwl_store64(p, bits64);
		}
	}
}

void lwl_put_bools(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		   struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 1, 1, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++)
		p[i] = lwl_bool_at(v, i);
}

void lwl_begin_group(struct lwl_writer *w, uint16_t number, struct lwl_group *g)
{
	uint8_t *p = reserve(w, ITEM_WIDE_HEADER);

	g->header = (uint32_t)(w->at - ITEM_WIDE_HEADER);
	g->aside = w->aside;
	g->links = w->links;
	if (p == NULL)
		return;
	if (w->depth >= LWL_DEPTH_MAX) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return;
	}
	lwl_store64(p, number | LWL_ITEM_GROUP);
	w->depth++;
	w->links = false;
	w->end = w->at;
}

void lwl_end_group(struct lwl_writer *w, const struct lwl_group *g)
{
	uint8_t *p = w->buf + g->header;
	uint32_t length;

	if (w->status != 0)
		return;
	length = w->end - g->header + (w->aside - g->aside);
	if (length > LWL_MESSAGE_MAX) {
		lwl_writer_fail(w, -LWL_ETOOLARGE);
		return;
	}
	lwl_store16(p + 2, (uint16_t)length);
	if (w->links)
		lwl_store16(p, lwl_load16(p) | LWL_ITEM_LINKS);
	w->links = w->links || g->links;
	w->depth--;
}

/* ---- writing: lists of groups ---- */

void lwl_begin_list(struct lwl_writer *w, struct lwl_list *list, uint16_t number, uint32_t max,
		    struct lwl_seq v)
{
	list->cursor = lwl_cursor_of(v);
	list->start = lwl_writer_offset(w);
	list->number = number;
	list->open = false;
	lwl_require(w, v.count <= max);
}

void lwl_end_put_rows(struct lwl_writer *w, struct lwl_list *list, struct lwl_row_writer rows)
{
	uint32_t at = (uint32_t)(rows.at - w->buf);

	if (at == w->at)
		return;
	w->at = at;
	w->end = at;
	list->cursor.index = list->cursor.seq.count - rows.more;
}

const void *lwl_put_element(struct lwl_writer *w, struct lwl_list *list, const void *wire, size_t size)
{
	struct lwl_cursor *c = &list->cursor;

	if (list->open)
		lwl_end_group(w, &list->group);
	list->open = w->status == 0 && c->index < c->seq.count;
	if (!list->open)
		return NULL;
	lwl_begin_group(w, list->number, &list->group);
	return c->seq.wire != 0 ? wire : (const uint8_t *)c->seq.data + size * c->index++;
}

void lwl_end_list(struct lwl_writer *w, struct lwl_list *list, uint32_t bytes)
{
	lwl_require(w, lwl_writer_offset(w) - list->start <= bytes);
}
