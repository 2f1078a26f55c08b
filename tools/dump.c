/*
 * lwl dump: every byte of a stream of messages, explained.
 *
 * A message is checked as a whole before it is printed: what is wrong with it, and where, is known
 * then, and printing only has to stop there.  Printing still looks at every length itself, because it
 * goes on behind mistakes that only a schema can see, and through messages that end too early.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "lwl.h"

enum { ROW = 8, BRIEF_ROWS = 4, BEGINNING_ROWS = 16 };

enum colour { PLAIN, TITLE, HEADER, ITEM, LINKS, PADDING, DAMAGE };

static const char *const colours[] = {
	[PLAIN] = "", [TITLE] = "\033[1m", [HEADER] = "\033[36m", [ITEM] = "\033[33m",
	[LINKS] = "\033[35m", [PADDING] = "\033[2m", [DAMAGE] = "\033[1;31m"
};

struct dump {
	const struct lwl_schema *schema;		/* NULL: none */
	const struct lwl_schema_interface *interface;	/* NULL: whichever fits */
	bool coloured, brief;

	/* The message at hand. */
	const uint8_t *msg;
	uint32_t size, have;		/* with padding; what has arrived of it */
	const struct lwl_schema_message *message;	/* NULL: not known */
	struct lwl_error err;
	uint32_t rows;			/* to be printed, at most; 0: all */
	bool reported;			/* `err` was printed */
	bool stopped;			/* the rest is not to be understood, or not there */
};

/* ---- rows ---- */

static void set_colour(const struct dump *d, enum colour colour)
{
	if (d->coloured)
		fputs(colours[colour], stdout);
}

static void reset_colour(const struct dump *d)
{
	if (d->coloured)
		fputs("\033[0m", stdout);
}

static void report(struct dump *d)
{
	char names[1024] = "";

	if (d->reported)
		return;
	d->reported = true;
	if (d->message != NULL)
		lwl_schema_path_format(names, sizeof names, d->message, &d->err);
	set_colour(d, DAMAGE);
	printf("%6s %s at offset %lu: %s%s%s%s", "^", lwl_bad_name(d->err.bad),
	       (unsigned long)d->err.offset, lwl_bad_text(d->err.bad), names[0] != '\0' ? " (" : "",
	       names, names[0] != '\0' ? ")" : "");
	reset_colour(d);
	putchar('\n');
	d->stopped = d->stopped || lwl_bad_is_structural(d->err.bad);
}

/* These are found at the end of a level, not in what stands there. */
static bool is_at_end(enum lwl_bad bad)
{
	return bad == LWL_BAD_MISSING || bad == LWL_BAD_ITEM_HEADER;
}

/* The places of the bytes and what they say; the caller then prints what they mean. */
static void begin_row(struct dump *d, uint32_t at, uint32_t n, enum colour colour, unsigned indent)
{
	uint32_t i;

	printf("%6lu ", (unsigned long)at);
	set_colour(d, colour);
	for (i = 0; i < ROW; i++)
		if (i < n)
			printf(" %02x", d->msg[at + i]);
		else
			fputs("   ", stdout);
	printf("  %*s", (int)(2 * indent), "");
}

static void end_row(struct dump *d, uint32_t at, uint32_t n)
{
	reset_colour(d);
	putchar('\n');
	if (d->err.bad != LWL_BAD_NONE && !is_at_end(d->err.bad) && d->err.offset >= at &&
	    d->err.offset < at + n)
		report(d);
	if (!d->stopped && d->rows > 0 && --d->rows == 0 && at + n < d->have) {
		printf("%6s %24s  (%lu more bytes)\n", "", "", (unsigned long)(d->have - at - n));
		d->stopped = true;
	}
	d->stopped = d->stopped || at + n >= d->have;
}

/* Up to 8 bytes with a text.  What has not arrived is not shown. */
__attribute__((format(printf, 6, 7)))
static void row(struct dump *d, uint32_t at, uint32_t n, enum colour colour, unsigned indent,
		const char *format, ...)
{
	va_list arguments;

	if (d->stopped || n == 0)
		return;
	if (n > d->have - at)
		n = d->have - at;
	begin_row(d, at, n, colour, indent);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	end_row(d, at, n);
}

/* Rows end where offsets are multiples of 8, so that columns of numbers can be read. */
static uint32_t row_size(uint32_t at, uint32_t end)
{
	uint32_t n = ROW - at % ROW;

	return n < end - at ? n : end - at;
}

/* With --brief: is this row of a value the last to be shown?  Then the rest gets one line. */
static bool cut(struct dump *d, uint32_t start, uint32_t at, uint32_t end, unsigned indent)
{
	uint32_t shown = (at - start + ROW - 1) / ROW;
	bool damage_ahead = d->err.bad != LWL_BAD_NONE && !d->reported && d->err.offset >= at &&
			    d->err.offset < end;

	if (!d->brief || shown < BRIEF_ROWS || d->stopped || damage_ahead || end > d->have ||
	    end - at <= ROW)
		return false;
	printf("%6s %24s  %*s(%lu more bytes)\n", "", "", (int)(2 * indent), "",
	       (unsigned long)(end - at));
	return true;
}

/* ---- values ---- */

static void print_ascii(const uint8_t *p, uint32_t n)
{
	uint32_t i;

	putchar('|');
	for (i = 0; i < n; i++)
		putchar(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '.');
	putchar('|');
}

/* Bytes of which no more is known. */
static void dump_raw(struct dump *d, uint32_t at, uint32_t end, unsigned indent)
{
	uint32_t start = at, n;

	for (; at < end && !d->stopped; at += n) {
		if (cut(d, start, at, end, indent))
			return;
		n = row_size(at, end < d->have ? end : d->have);
		begin_row(d, at, n, PLAIN, indent);
		print_ascii(d->msg + at, n);
		end_row(d, at, n);
	}
}

/* Text of a message that has not been verified as a whole might be anything. */
static bool is_printable(const struct dump *d, uint32_t at, uint32_t end)
{
	if (d->message != NULL && d->err.bad == LWL_BAD_NONE && d->have == d->size)
		return true;
	while (at < end && at < d->have && d->msg[at] < 0x80)
		at++;
	return at == end;
}

static void dump_string(struct dump *d, uint32_t at, uint32_t end, unsigned indent)
{
	uint32_t start = at, n, from, to;

	if (!is_printable(d, at, end)) {
		dump_raw(d, at, end, indent);
		return;
	}
	for (; at < end && !d->stopped; at += n) {
		if (cut(d, start, at, end, indent))
			return;
		n = row_size(at, end);
		/* A character stands in the row in which it begins. */
		for (from = at; from < at + n && (d->msg[from] & 0xc0) == 0x80; from++)
			;
		for (to = at + n; to < end && (d->msg[to] & 0xc0) == 0x80; to++)
			;
		begin_row(d, at, n, PLAIN, indent);
		print_text(stdout, d->msg + from, from < to ? to - from : 0);
		end_row(d, at, n);
	}
}

static uint64_t load(const uint8_t *p, const struct lwl_schema_type *type)
{
	enum lwl_type_kind kind = type->kind == LWL_TYPE_ENUM || type->kind == LWL_TYPE_FLAGS
				  ? type->enumeration->underlying : type->kind;
	uint64_t bits = type->size == 1 ? p[0] : type->size == 2 ? lwl_load16(p)
			: type->size == 4 ? lwl_load32(p) : lwl_load64(p);
	uint64_t sign = (uint64_t)1 << (8 * type->size - 1);

	if (kind >= LWL_TYPE_S8 && kind <= LWL_TYPE_S64)
		return (bits ^ sign) - sign;
	return bits;
}

static void print_value(const uint8_t *p, const struct lwl_schema_type *type)
{
	uint64_t bits = load(p, type);

	print_plain(stdout, type, bits);
	if (type->kind == LWL_TYPE_ENUM && lwl_schema_member_of(type->enumeration, bits) != NULL) {
		fputs(" = ", stdout);
		print_plain(stdout, &(struct lwl_schema_type){ .kind = type->enumeration->underlying },
			    bits);
	}
}

/* Elements, as many in a row as fit; one that is not in an array has no index. */
static void dump_scalars(struct dump *d, uint32_t at, uint32_t count, const char *name,
			 const struct lwl_schema_type *type, bool indexed, unsigned indent)
{
	uint32_t start = at, end = at + count * type->size, i = 0, k, n;

	for (; at < end && !d->stopped; at += n, i += n / type->size) {
		if (end > d->have) {
			dump_raw(d, at, end, indent);
			return;
		}
		if (cut(d, start, at, end, indent))
			return;
		n = row_size(at, end);
		begin_row(d, at, n, PLAIN, indent);
		if (name != NULL)
			printf("%s", name);
		if (indexed)
			printf("[%lu]", (unsigned long)i);
		if (name != NULL || indexed)
			putchar(' ');
		for (k = 0; k < n / type->size; k++) {
			fputs(k > 0 ? ", " : "", stdout);
			print_value(d->msg + at + k * type->size, type);
		}
		end_row(d, at, n);
	}
}

static void dump_struct(struct dump *d, uint32_t at, const char *name,
			const struct lwl_schema_struct *s, unsigned indent);

static void dump_structs(struct dump *d, uint32_t at, uint32_t count, const char *name,
			 const struct lwl_schema_type *type, unsigned indent)
{
	char element[600];
	uint32_t i;

	for (i = 0; i < count && !d->stopped; i++) {
		if (d->brief && i == BRIEF_ROWS && count - i > 1 && d->err.bad == LWL_BAD_NONE &&
		    at + (count - i) * type->size <= d->have) {
			printf("%6s %24s  %*s(%lu more elements)\n", "", "", (int)(2 * indent), "",
			       (unsigned long)(count - i));
			return;
		}
		snprintf(element, sizeof element, "%s[%lu]", name, (unsigned long)i);
		dump_struct(d, at + i * type->size, element, type->structure, indent);
	}
}

/* The members, with their way from the field in front, and the holes between them. */
static void dump_struct(struct dump *d, uint32_t at, const char *name,
			const struct lwl_schema_struct *s, unsigned indent)
{
	uint32_t i;

	for (i = 0; i < s->field_count && !d->stopped; i++) {
		const struct lwl_schema_field *f = &s->fields[i];
		bool is_array = f->type.shape != LWL_SHAPE_ONE;
		uint32_t count = is_array ? f->type.max : 1, start = at + f->offset;
		char path[600];

		snprintf(path, sizeof path, "%s%s%s", name, name[0] != '\0' ? "." : "", f->name);
		if (f->type.kind != LWL_TYPE_STRUCT)
			dump_scalars(d, start, count, path, &f->type, is_array, indent);
		else if (is_array)
			dump_structs(d, start, count, path, &f->type, indent);
		else
			dump_struct(d, start, path, f->type.structure, indent);
		row(d, start + count * f->type.size, f->hole, PADDING, indent, "padding");
	}
}

static void dump_links(struct dump *d, uint32_t at, uint32_t end, unsigned indent)
{
	for (; at < end && !d->stopped; at += 8) {
		uint64_t id;

		if (end - at < 8 || d->have - at < 8) {
			dump_raw(d, at, end, indent);
			return;
		}
		id = lwl_load64(d->msg + at);
		row(d, at, 8, LINKS, indent,
		    "linkid 0x%" PRIx64 ": side %u, generation %lu, index %lu", id, (unsigned)(id >> 63),
		    (unsigned long)(id >> 32 & 0x7fffffff),
		    (unsigned long)(id & 0xffffffff));
	}
}

/* ---- items ---- */

/* What the protocol itself puts at the top of messages. */
static const struct lwl_schema_field error_fields[] = {
	{ .name = "code", .number = 1, .type = { .kind = LWL_TYPE_U32, .size = 4, .align = 4 } },
	{ .name = "detail", .number = 2, .type = { .kind = LWL_TYPE_STRING, .max = 255 } },
};

static const struct lwl_schema_library protocol_library = { .name = "lwlink.link", .prefix = "link" };

static const struct lwl_schema_group error_group = {
	.name = "Error", .library = &protocol_library, .fields = error_fields, .field_count = 2
};

static const struct lwl_schema_field protocol_fields[] = {
	{ .name = "$error", .number = LWL_ITEM_ERROR,
	  .type = { .kind = LWL_TYPE_GROUP, .group = &error_group } },
	{ .name = "$deadline", .number = LWL_ITEM_DEADLINE,
	  .type = { .kind = LWL_TYPE_U64, .size = 8, .align = 8 } },
	{ .name = "$trace", .number = LWL_ITEM_TRACE,
	  .type = { .kind = LWL_TYPE_U8, .shape = LWL_SHAPE_ARRAY, .max = 16, .size = 1,
		    .align = 1 } },
};

enum { PROTOCOL_FIELDS = sizeof protocol_fields / sizeof protocol_fields[0] };

static const struct lwl_schema_field *find_field(const struct lwl_schema_group *group, uint16_t number,
						 unsigned depth)
{
	size_t i;

	/* The group of an error comes without the tables that a schema's groups have. */
	if (group == &error_group)
		return number >= 1 && number <= 2 ? &error_fields[number - 1] : NULL;
	for (i = 0; depth == 0 && i < PROTOCOL_FIELDS; i++)
		if (protocol_fields[i].number == number)
			return &protocol_fields[i];
	return group != NULL ? lwl_schema_field_numbered(group, number) : NULL;
}

struct item {
	uint32_t at, value, end;	/* its header, its payload, its logical end */
	uint16_t id;
	const struct lwl_schema_field *field;	/* NULL: not known, or of another kind */
	uint32_t index;			/* in a list of groups */
	unsigned depth;			/* of groups around it */
};

static const char *kind_name(uint16_t id)
{
	if ((id & LWL_ITEM_GROUP) != 0)
		return (id & LWL_ITEM_LINKS) != 0 ? "group with links" : "group";
	return (id & LWL_ITEM_LINKS) != 0 ? "links" : "leaf";
}

static bool is_kind(const struct lwl_schema_type *type, uint16_t id)
{
	bool group = type->kind == LWL_TYPE_GROUP || type->kind == LWL_TYPE_UNION;

	if (((id & LWL_ITEM_GROUP) != 0) != group)
		return false;
	return group || ((id & LWL_ITEM_LINKS) != 0) == (type->kind == LWL_TYPE_LINK);
}

static void dump_item_header(struct dump *d, const struct item *item, const char *unsuitable)
{
	const struct lwl_schema_field *f = item->field;
	struct lwl_schema_type one;
	char type[300], index[16] = "";
	uint32_t length = item->end - item->at;

	if (f == NULL) {
		row(d, item->at, 4, ITEM, item->depth, "item %u: %s%s, %lu bytes",
		    (unsigned)(item->id & LWL_ITEM_NUMBER), unsuitable, kind_name(item->id),
		    (unsigned long)length);
		return;
	}
	one = f->type;
	if ((item->id & LWL_ITEM_GROUP) != 0 && one.shape != LWL_SHAPE_ONE) {
		snprintf(index, sizeof index, "[%lu]", (unsigned long)item->index);
		one.shape = LWL_SHAPE_ONE;
	}
	lwl_schema_type_format(type, sizeof type, &one);
	row(d, item->at, 4, ITEM, item->depth, f->name[0] == '$' ? "0x%x %s%s: %s, %lu bytes"
	    : "%u %s%s: %s, %lu bytes", (unsigned)(item->id & LWL_ITEM_NUMBER), f->name, index, type,
	    (unsigned long)length);
}

/* What an error response says. */
static void dump_code(struct dump *d, uint32_t at, unsigned indent)
{
	uint32_t code = lwl_load32(d->msg + at);
	const char *name = code <= INT32_MAX ? lwl_error_name((int)code) : NULL;

	if (name != NULL)
		row(d, at, 4, PLAIN, indent, "%lu = %s, %s", (unsigned long)code, name,
		    lwl_strerror((int)code));
	else
		row(d, at, 4, PLAIN, indent, "%lu", (unsigned long)code);
}

/* A leaf of which no more is known: if it is of a size that numbers have, as a number, too. */
static void dump_unknown_leaf(struct dump *d, const struct item *item)
{
	const uint8_t *p = d->msg + item->at;
	uint32_t size = item->end - item->at - 4;
	bool is_word = size == 12 && item->end <= d->have && lwl_load32(p + 4) == 0;
	uint64_t v;

	if (item->end > d->have || (size != 1 && size != 2 && size != 4 && !is_word)) {
		dump_raw(d, item->at + 4, item->end, item->depth + 1);
		return;
	}
	if (is_word) {
		dump_raw(d, item->at + 4, item->at + 8, item->depth + 1);
		size = 8;
	}
	if (d->stopped)
		return;
	p = d->msg + item->end - size;
	v = size == 1 ? p[0] : size == 2 ? lwl_load16(p) : size == 4 ? lwl_load32(p) : lwl_load64(p);
	begin_row(d, item->end - size, size, PLAIN, item->depth + 1);
	print_ascii(p, size);
	printf(" = %" PRIu64, v);
	end_row(d, item->end - size, size);
}

/* The value of a leaf that is a field; false if its size is not that of the type. */
static bool dump_leaf_value(struct dump *d, const struct item *item)
{
	const struct lwl_schema_type *type = &item->field->type;
	uint32_t start = type->align == 8 ? item->at + 8 : item->at + 4, size, count;
	bool is_list = type->shape != LWL_SHAPE_ONE;

	if (type->kind == LWL_TYPE_STRING)
		dump_string(d, item->at + 4, item->end, item->depth + 1);
	else if (type->kind == LWL_TYPE_BYTES)
		dump_raw(d, item->at + 4, item->end, item->depth + 1);
	if (type->kind == LWL_TYPE_STRING || type->kind == LWL_TYPE_BYTES)
		return true;
	size = start <= item->end ? item->end - start : 0;
	count = size / type->size;
	if (size == 0 || size % type->size != 0 || (!is_list && count != 1))
		return false;
	row(d, item->at + 4, start - item->at - 4, PADDING, item->depth + 1, "padding");
	if (item->field == &error_fields[0] && item->end <= d->have)
		dump_code(d, start, item->depth + 1);
	else if (type->kind != LWL_TYPE_STRUCT)
		dump_scalars(d, start, count, NULL, type, is_list, item->depth + 1);
	else if (is_list)
		dump_structs(d, start, count, "", type, item->depth + 1);
	else
		dump_struct(d, start, "", type->structure, item->depth + 1);
	return true;
}

static void dump_level(struct dump *d, const struct lwl_schema_group *group, uint32_t at, uint32_t end,
		       unsigned depth);

static void dump_payload(struct dump *d, const struct item *item)
{
	bool is_group = (item->id & LWL_ITEM_GROUP) != 0;

	if (!is_group && (item->id & LWL_ITEM_LINKS) == 0) {
		if (item->field == NULL || !dump_leaf_value(d, item))
			dump_unknown_leaf(d, item);
		return;
	}
	if (item->end - item->at < 8) {
		dump_raw(d, item->at + 4, item->end, item->depth + 1);
		return;
	}
	row(d, item->at + 4, 4, PADDING, item->depth + 1, "padding");
	if (is_group)
		dump_level(d, item->field != NULL ? item->field->type.group : NULL, item->at + 8,
			   item->end, item->depth + 1);
	else
		dump_links(d, item->at + 8, item->end, item->depth + 1);
}

/* What is said of a level and not of anything in it: then it is said at its end. */
static void report_at_end(struct dump *d, uint32_t end, unsigned depth)
{
	unsigned levels = d->err.depth - (d->err.bad == LWL_BAD_MISSING);

	if (d->err.bad != LWL_BAD_NONE && !d->stopped && d->err.offset == end && levels == depth &&
	    (d->err.bad == LWL_BAD_MISSING || d->err.bad == LWL_BAD_UNION))
		report(d);
}

static void dump_level(struct dump *d, const struct lwl_schema_group *group, uint32_t at, uint32_t end,
		       unsigned depth)
{
	struct item item = { .depth = depth };
	uint16_t last = 0;
	uint32_t padded;

	while (at < end && !d->stopped) {
		uint32_t length;

		if (end - at < 4 || d->have - at < 4 || depth > LWL_DEPTH_MAX) {
			dump_raw(d, at, end, depth);
			if (d->err.bad == LWL_BAD_ITEM_HEADER && d->err.offset == at)
				report(d);
			return;
		}
		item.at = at;
		item.id = lwl_load16(d->msg + at);
		length = lwl_load16(d->msg + at + 2);
		item.index = (item.id & LWL_ITEM_NUMBER) == last ? item.index + 1 : 0;
		last = item.id & LWL_ITEM_NUMBER;
		item.end = at + length;
		item.field = find_field(group, last, depth);
		if (length < 4 || length > end - at) {
			row(d, at, 4, ITEM, depth, "item %u: %lu bytes", (unsigned)last,
			    (unsigned long)length);
			d->stopped = true;
			return;
		}
		if (item.field != NULL && !is_kind(&item.field->type, item.id)) {
			char other[300];

			snprintf(other, sizeof other, "%s as a ", item.field->name);
			item.field = NULL;
			dump_item_header(d, &item, other);
		} else {
			dump_item_header(d, &item, "");
		}
		dump_payload(d, &item);
		if (item.end == end)
			break;
		padded = lwl_padded(item.end);
		row(d, item.end, padded - item.end, PADDING, depth, "padding");
		at = padded;
	}
	report_at_end(d, end, depth);
}

/* ---- messages ---- */

static void dump_header(struct dump *d, const struct lwl_header *h)
{
	row(d, 0, 8, HEADER, 0, "linkid 0x%" PRIx64 "%s", h->linkid,
	    h->linkid == 0 ? ", the link itself" : "");
	row(d, 8, 4, HEADER, 0, "msgid %lu%s", (unsigned long)h->msgid,
	    h->msgid == 0 ? ", one-way" : "");
	row(d, 12, 2, HEADER, 0, "command 0x%04x: interface 0x%02x, number %u%s%s",
	    (unsigned)h->command, (unsigned)(h->command >> 8 & 0x7f),
	    (unsigned)(h->command & 0xff),
	    (h->command & LWL_RESPONSE) != 0 ? ", response" : "",
	    h->command == 0 ? ", PAD" : "");
	row(d, 14, 2, HEADER, 0, "length %u", (unsigned)h->length);
}

/* The message of the schema that this one is: the first that can decode it. */
static void choose_message(struct dump *d, const struct lwl_header *h)
{
	const struct lwl_schema_message *m = NULL;
	struct lwl_arena arena;
	struct lwl_value value;
	struct lwl_error err;

	d->message = NULL;
	if (d->schema == NULL)
		return;
	while ((m = lwl_schema_next(d->schema, d->interface, h->command, m)) != NULL) {
		bool good;

		lwl_arena_init(&arena, LWL_ARENA_LIMIT);
		lwl_value_decode(m, d->msg, d->size, &arena, &value, &err);
		lwl_arena_free(&arena);
		good = err.bad == LWL_BAD_NONE;
		if (d->message == NULL || good) {
			d->message = m;
			d->err = err;
		}
		if (good)
			return;
	}
}

/* What is known of a message that ends too early, by its header alone. */
static void choose_by_header(struct dump *d, const struct lwl_header *h)
{
	d->message = d->schema == NULL ? NULL
		     : lwl_schema_next(d->schema, d->interface, h->command, NULL);
	memset(&d->err, 0, sizeof d->err);
}

static void print_title(const struct dump *d, unsigned long number, unsigned long long offset)
{
	if (number > 1)
		putchar('\n');
	set_colour(d, TITLE);
	printf("message %lu at %llu, %lu bytes%s%s", number, offset, (unsigned long)d->size,
	       d->message != NULL ? ": " : "",
	       d->message != NULL ? d->message->name : "");
	reset_colour(d);
	putchar('\n');
}

/* PAD: what is in it means nothing, whatever it is. */
static void dump_pad(struct dump *d)
{
	if (d->have > LWL_HEADER_SIZE)
		printf("%6d %24s  %lu bytes that are not looked at\n", LWL_HEADER_SIZE, "",
		       (unsigned long)(d->have - LWL_HEADER_SIZE));
}

static void complain_about(const struct dump *d, unsigned long number, unsigned long long offset)
{
	char before[80], text[400];

	snprintf(before, sizeof before, "message %lu, at %llu of the stream: ", number, offset);
	if (d->message != NULL) {
		complain_about_message(before, d->message, &d->err);
	} else {
		lwl_error_format(text, sizeof text, &d->err);
		complain("%s%s", before, text);
	}
}

/* The message's header has arrived, and `have` of its bytes.  Returns whether all is well with it. */
static bool dump_message(struct dump *d, unsigned long number, unsigned long long offset)
{
	struct lwl_header h;
	bool is_pad, complete = d->have == d->size;

	lwl_header_load(&h, d->msg);
	is_pad = h.command == 0 && h.length >= LWL_HEADER_SIZE;
	choose_by_header(d, &h);
	if (complete && !is_pad && lwl_message_check(d->msg, d->size, &d->err) == 0)
		choose_message(d, &h);
	print_title(d, number, offset);
	d->reported = d->stopped = false;
	dump_header(d, &h);
	if (is_pad) {
		dump_pad(d);
	} else if (h.length >= LWL_HEADER_SIZE) {
		dump_level(d, d->message != NULL ? d->message->items : NULL, LWL_HEADER_SIZE,
			   h.length, 0);
		row(d, h.length, d->size - h.length, PADDING, 0, "padding");
	}
	if (d->err.bad != LWL_BAD_NONE)
		report(d);
	if (!complete)
		printf("%6s the stream ends here: %lu bytes are missing\n", "^",
		       (unsigned long)(d->size - d->have));
	if (complete && d->err.bad != LWL_BAD_NONE)
		complain_about(d, number, offset);
	return complete && d->err.bad == LWL_BAD_NONE;
}

void dump_beginning(const uint8_t *msg, uint32_t size, bool coloured)
{
	struct dump d = { .coloured = coloured, .brief = true, .msg = msg, .size = size, .have = size,
			  .rows = BEGINNING_ROWS };

	lwl_message_check(msg, size, &d.err);
	dump_level(&d, NULL, LWL_HEADER_SIZE, lwl_load16(msg + 14), 0);
	if (d.err.bad != LWL_BAD_NONE)
		report(&d);
}

/* Fewer bytes than a header has. */
static void dump_rest(struct dump *d, unsigned long number, unsigned long long offset)
{
	d->message = NULL;
	d->size = d->have;
	memset(&d->err, 0, sizeof d->err);
	d->reported = d->stopped = false;
	print_title(d, number, offset);
	dump_raw(d, 0, d->have, 0);
	printf("%6s the stream ends here, inside a header\n", "^");
}

static int dump_stream(struct dump *d, struct input *in)
{
	static uint8_t msg[LWL_MESSAGE_MAX + 1];
	unsigned long long offset = 0;
	unsigned long number;
	int status = 0;

	d->msg = msg;
	for (number = 1;; number++) {
		struct lwl_header h;
		bool broken;

		d->have = (uint32_t)input_read(in, msg, LWL_HEADER_SIZE);
		if (d->have == 0 || in->failed)
			break;
		if (d->have < LWL_HEADER_SIZE) {
			dump_rest(d, number, offset);
			complain("message %lu, at %llu of the stream: cut off inside its header, "
				 "after %lu of 16 bytes", number, offset, (unsigned long)d->have);
			return EXIT_BAD_INPUT;
		}
		lwl_header_load(&h, msg);
		d->size = h.length < LWL_HEADER_SIZE ? LWL_HEADER_SIZE : lwl_padded(h.length);
		d->have += (uint32_t)input_read(in, msg + LWL_HEADER_SIZE, d->size - LWL_HEADER_SIZE);
		if (in->failed)
			break;
		if (!dump_message(d, number, offset))
			status = EXIT_BAD_INPUT;
		broken = lwl_bad_is_structural(d->err.bad);
		if (d->have < d->size)
			complain("message %lu, at %llu of the stream: cut off after %lu of %lu bytes",
				 number, offset, (unsigned long)d->have, (unsigned long)d->size);
		if (broken)
			complain("where the next message starts cannot be known, so this is the end");
		if (d->have < d->size || broken)
			break;
		offset += d->size;
		if (!finish_output())
			return EXIT_OTHER;
	}
	if (in->failed)
		return in->hex ? EXIT_BAD_INPUT : EXIT_OTHER;
	return finish_output() ? status : EXIT_OTHER;
}

int command_dump(const struct arguments *a)
{
	struct dump d = { .coloured = wants_colour(a->colour, STDOUT_FILENO), .brief = a->brief };
	struct lwl_schema *schema = NULL;
	struct input *in;
	int status;

	if (a->schema != NULL) {
		schema = schema_open(a);
		if (schema == NULL)
			return EXIT_OTHER;
		d.schema = schema;
	}
	if (a->interface != NULL) {
		d.interface = schema_find_interface(schema, a->interface);
		if (d.interface == NULL) {
			lwl_schema_free(schema);
			return EXIT_OTHER;
		}
	}
	in = allocate(NULL, sizeof *in);
	input_init(in, STDIN_FILENO, a->hex);
	status = dump_stream(&d, in);
	free(in);
	lwl_schema_free(schema);
	return status;
}
