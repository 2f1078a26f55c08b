#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "lwl.h"

enum {
	VALUES_MAX = 1000000,		/* in a document; a message of 64 KiB has fewer */
	STEPS_MAX = 2 * LWL_STEPS_MAX + 2
};

struct step {
	const char *name;		/* of a member; NULL: an element */
	uint32_t ordinal;		/* members or elements before it */
};

/* The way from the document to the value at hand, while the document is read. */
struct reading {
	const struct json_message *m;
	struct lwl_arena *arena;
	bool ignore_msgid;		/* of "$header": an option says another */
	struct step steps[STEPS_MAX];
	uint32_t depth;
	uint32_t groups;		/* groups around the value, itself included */
};

static void format_path(char *buffer, size_t size, const struct step *steps, uint32_t depth)
{
	size_t used = 0;
	uint32_t i;

	buffer[0] = '\0';
	for (i = 0; i < depth && used < size; i++) {
		int n;

		if (steps[i].name == NULL)
			n = snprintf(buffer + used, size - used, "[%lu]",
				     (unsigned long)steps[i].ordinal);
		else
			n = snprintf(buffer + used, size - used, "%s%s", used > 0 ? "." : "",
				     steps[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
}

static void complain_at(const struct json_message *m, size_t offset, const char *path, const char *why)
{
	struct text_place place = text_place_of(m->text, m->length, offset);

	complain("%s:%lu:%lu: %s%s%s", m->source, place.line, place.column, path,
		 path[0] != '\0' ? ": " : "", why);
}

__attribute__((format(printf, 3, 0)))
static void complain_here(const struct reading *r, bool key, const char *format, va_list arguments)
{
	uint32_t ordinals[STEPS_MAX], i;
	char path[2000], why[1000];

	vsnprintf(why, sizeof why, format, arguments);
	for (i = 0; i < r->depth; i++)
		ordinals[i] = r->steps[i].ordinal;
	format_path(path, sizeof path, r->steps, r->depth);
	complain_at(r->m, json_find(r->m->text, r->m->length, ordinals, r->depth, key), path, why);
}

/* Something is wrong with the value at hand.  Always false, so that it can be returned. */
__attribute__((format(printf, 2, 3)))
static bool fail(const struct reading *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_here(r, false, format, arguments);
	va_end(arguments);
	return false;
}

/* The same for its key. */
__attribute__((format(printf, 2, 3)))
static bool fail_key(const struct reading *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_here(r, true, format, arguments);
	va_end(arguments);
	return false;
}

static bool enter(struct reading *r, const char *name, uint32_t ordinal)
{
	if (r->depth == STEPS_MAX)
		return fail(r, "is nested too deeply");
	r->steps[r->depth].name = name;
	r->steps[r->depth].ordinal = ordinal;
	r->depth++;
	return true;
}

static void leave(struct reading *r)
{
	r->depth--;
}

static void *take(struct reading *r, size_t count, size_t size)
{
	void *p = lwl_arena_alloc(r->arena, count * size + 1);

	if (p == NULL)
		fail(r, "is more than a message can hold");
	return p;
}

/* What is there instead of what was expected. */
static const char *describe(char *buffer, size_t size, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		if (json_string_length(json) > 40)
			return "a string";
		snprintf(buffer, size, "\"%s\"", json_string_value(json));
		return buffer;
	case JSON_INTEGER:
		snprintf(buffer, size, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		return buffer;
	case JSON_REAL:
		snprintf(buffer, size, "%.15g", json_real_value(json));
		if (strcspn(buffer, ".e") == strlen(buffer))
			strcat(buffer, ".0");
		return buffer;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return "null";
	}
}

static bool unexpected(const struct reading *r, const char *expected, const json_t *json)
{
	char buffer[80];

	if (json_is_null(json))
		return fail(r, "null is no value; expected %s, or leave the key out", expected);
	return fail(r, "expected %s, not %s", expected, describe(buffer, sizeof buffer, json));
}

/* ---- scalars ---- */

struct integer {
	bool negative;
	uint64_t magnitude;
};

/* A number without a point, or a string of decimal digits. */
static bool as_integer(struct integer *out, const json_t *json)
{
	const char *p = json_string_value(json);

	if (json_is_integer(json)) {
		json_int_t v = json_integer_value(json);

		out->negative = v < 0;
		out->magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
		return true;
	}
	if (p == NULL || json_string_length(json) > 24)
		return false;
	out->negative = *p == '-';
	out->magnitude = 0;
	p += *p == '-';
	if (*p == '\0')
		return false;
	for (; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || out->magnitude > (UINT64_MAX - (uint64_t)(*p - '0')) / 10)
			return false;
		out->magnitude = out->magnitude * 10 + (uint64_t)(*p - '0');
	}
	return json_string_length(json) == (size_t)(p - json_string_value(json));
}

static unsigned bits_of(enum lwl_type_kind kind)
{
	unsigned step = kind >= LWL_TYPE_S8 ? kind - LWL_TYPE_S8 : kind - LWL_TYPE_U8;

	return 8u << step;
}

static bool fits(uint64_t *out, enum lwl_type_kind kind, struct integer v)
{
	unsigned bits = bits_of(kind);
	uint64_t largest = UINT64_MAX >> (64 - bits);

	if (kind >= LWL_TYPE_S8) {
		largest >>= 1;
		if (v.negative && v.magnitude <= largest + 1) {
			*out = 0 - v.magnitude;
			return true;
		}
	}
	*out = v.magnitude;
	return v.magnitude <= largest && (!v.negative || v.magnitude == 0);
}

static void format_range(char *buffer, size_t size, enum lwl_type_kind kind)
{
	unsigned bits = bits_of(kind);

	if (kind >= LWL_TYPE_S8)
		snprintf(buffer, size, "an integer from %" PRId64 " to %" PRId64,
			 INT64_MIN >> (64 - bits), INT64_MAX >> (64 - bits));
	else
		snprintf(buffer, size, "an integer from 0 to %" PRIu64, UINT64_MAX >> (64 - bits));
}

static bool read_integer(struct reading *r, enum lwl_type_kind kind, const json_t *json, uint64_t *out)
{
	struct integer v;
	char range[80];

	if (as_integer(&v, json) && fits(out, kind, v))
		return true;
	format_range(range, sizeof range, kind);
	return unexpected(r, range, json);
}

/* All digits of a NaN are in its text, so it is read as bits. */
static bool read_nan(const char *text, bool is_double, uint64_t *out)
{
	size_t digits = is_double ? 16 : 8;

	if (strncmp(text, "nan:0x", 6) != 0 || strlen(text) > 6 + digits ||
	    strspn(text + 6, "0123456789abcdefABCDEF") != strlen(text + 6) || text[6] == '\0')
		return false;
	*out = strtoull(text + 6, NULL, 16);
	return is_double ? isnan(lwl_f64_of(*out)) : isnan(lwl_f32_of((uint32_t)*out));
}

static bool read_float(struct reading *r, bool is_double, const json_t *json, uint64_t *out)
{
	const char *text = json_string_value(json);
	double v;

	if (json_is_integer(json)) {
		json_int_t i = json_integer_value(json);

		*out = is_double ? lwl_f64_bits((double)i) : lwl_f32_bits((float)i);
		return true;
	}
	if (text != NULL && read_nan(text, is_double, out))
		return true;
	if (text != NULL && (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0))
		v = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
	else if (json_is_real(json))
		v = json_real_value(json);
	else
		return unexpected(r, is_double
				  ? "a number, \"inf\", \"-inf\" or \"nan:0x\" and 16 digits"
				  : "a number, \"inf\", \"-inf\" or \"nan:0x\" and 8 digits", json);
	if (!is_double && text == NULL && isinf((float)v))
		return fail(r, "the number is out of range for an f32");
	*out = is_double ? lwl_f64_bits(v) : lwl_f32_bits((float)v);
	return true;
}

static const char *member_name(const void *context, uint32_t i)
{
	return ((const struct lwl_schema_enum *)context)->members[i].name;
}

static bool unknown_member(const struct reading *r, const struct lwl_schema_enum *e, const char *name)
{
	const char *near = nearest_name(name, member_name, e, e->member_count);
	char list[300] = "";
	size_t used = 0;
	uint32_t i;

	if (near != NULL)
		return fail(r, "%s.%s has no '%.80s'; did you mean %s?", e->library->prefix, e->name,
			    name, near);
	for (i = 0; i < e->member_count && i < 8 && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
					 e->members[i].name);
	return fail(r, "%s.%s has no '%.80s'; it has %s%s", e->library->prefix, e->name, name, list,
		    e->member_count > 8 || used >= sizeof list ? ", ..." : "");
}

static bool read_enum(struct reading *r, const struct lwl_schema_enum *e, const json_t *json,
		      uint64_t *out)
{
	const struct lwl_schema_member *member;
	struct integer v;
	char buffer[80];

	if (json_is_string(json) && !as_integer(&v, json)) {
		member = lwl_schema_member_named(e, json_string_value(json));
		if (member == NULL)
			return unknown_member(r, e, json_string_value(json));
		*out = member->value;
		return true;
	}
	if (!as_integer(&v, json))
		return unexpected(r, "the name of an enum's member", json);
	if (!read_integer(r, e->underlying, json, out))
		return false;
	if (!e->is_flexible && lwl_schema_member_of(e, *out) == NULL)
		return fail(r, "%s.%s has no value %s", e->library->prefix, e->name,
			    describe(buffer, sizeof buffer, json));
	return true;
}

static bool read_flag(struct reading *r, const struct lwl_schema_enum *e, const json_t *json,
		      uint64_t *out)
{
	const struct lwl_schema_member *member;
	struct integer v;
	uint64_t bits;

	if (json_is_string(json) && !as_integer(&v, json)) {
		member = lwl_schema_member_named(e, json_string_value(json));
		if (member == NULL)
			return unknown_member(r, e, json_string_value(json));
		bits = (uint64_t)1 << member->value;
	} else if (!as_integer(&v, json)) {
		return unexpected(r, "the name of a flag, or a number with the other bits", json);
	} else if (!read_integer(r, e->underlying, json, &bits)) {
		return false;
	}
	if (!e->is_flexible && (bits & ~e->known_bits) != 0)
		return fail(r, "%s.%s has no flag for bits 0x%" PRIx64, e->library->prefix, e->name,
			    bits & ~e->known_bits);
	if ((*out & bits) != 0)
		return fail(r, "the flag is there twice");
	*out |= bits;
	return true;
}

static bool read_flags(struct reading *r, const struct lwl_schema_enum *e, const json_t *json,
		       uint64_t *out)
{
	size_t i;

	if (!json_is_array(json))
		return unexpected(r, "an array of flags' names", json);
	*out = 0;
	for (i = 0; i < json_array_size(json); i++) {
		if (!enter(r, NULL, (uint32_t)i) || !read_flag(r, e, json_array_get(json, i), out))
			return false;
		leave(r);
	}
	return true;
}

/* 0x and up to 16 digits. */
static bool as_linkid(const json_t *json, uint64_t *out)
{
	const char *text = json_string_value(json);

	if (text == NULL || strncmp(text, "0x", 2) != 0 || text[2] == '\0' || strlen(text) > 18 ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != json_string_length(json) - 2)
		return false;
	*out = strtoull(text + 2, NULL, 16);
	return true;
}

static bool read_link(struct reading *r, const json_t *json, uint64_t *out)
{
	if (!as_linkid(json, out))
		return unexpected(r, "a linkid such as \"0x8000000100000003\"", json);
	return *out != 0 || fail(r, "linkid 0 is the link itself and cannot be handed on");
}

/* ---- texts ---- */

static bool check_length(const struct reading *r, const struct lwl_schema_type *type, size_t length)
{
	if (length >= type->min && length <= type->max)
		return true;
	if (type->min > 0)
		return fail(r, "is %zu long; %lu to %lu bytes are allowed", length,
			    (unsigned long)type->min, (unsigned long)type->max);
	return fail(r, "is %zu long; at most %lu bytes are allowed", length, (unsigned long)type->max);
}

static bool read_string(struct reading *r, const struct lwl_schema_type *type, const json_t *json,
			struct lwl_value *out)
{
	const char *text = json_string_value(json);
	size_t length = json_string_length(json);

	if (text == NULL)
		return unexpected(r, "a string", json);
	if (memchr(text, '\0', length) != NULL)
		return fail(r, "a string cannot have U+0000 in it");
	if (!check_length(r, type, length))
		return false;
	out->kind = LWL_VALUE_TEXT;
	out->count = (uint32_t)length;
	out->data = (const uint8_t *)text;
	return true;
}

static int base64_digit(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Each value has one form: padded, and no bits left over.  Returns why not, or NULL. */
static const char *decode_base64(uint8_t *out, size_t *size, const char *text, size_t length)
{
	size_t padding = 0, i, n = 0;
	uint32_t bits = 0;

	if (length % 4 != 0)
		return "is not base64: its length is no multiple of 4";
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	for (i = 0; i < length - padding; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0)
			return "is not base64: it has a character that is no digit of it";
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 0)
			out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	if (padding > 0 && (bits & ((1u << 2 * padding) - 1)) != 0)
		return "is not base64: its last digit has bits that belong to no byte";
	*size = n;
	return NULL;
}

static bool read_bytes(struct reading *r, const struct lwl_schema_type *type, const json_t *json,
		       struct lwl_value *out)
{
	const char *text = json_string_value(json), *why;
	size_t length = json_string_length(json), size;
	uint8_t *data;

	if (text == NULL)
		return unexpected(r, "bytes, as a string in base64", json);
	data = take(r, length / 4 * 3 + 3, 1);
	if (data == NULL)
		return false;
	why = decode_base64(data, &size, text, length);
	if (why != NULL)
		return fail(r, "%s", why);
	if (!check_length(r, type, size))
		return false;
	out->kind = LWL_VALUE_TEXT;
	out->count = (uint32_t)size;
	out->data = data;
	return true;
}

/* ---- objects and arrays ---- */

static bool read_group(struct reading *r, const struct lwl_schema_group *group, json_t *json,
		       struct lwl_value *out);
static bool read_struct(struct reading *r, const struct lwl_schema_struct *structure, json_t *json,
			struct lwl_value *out);

static bool read_scalar(struct reading *r, const struct lwl_schema_type *type, json_t *json,
			uint64_t *out)
{
	switch (type->kind) {
	case LWL_TYPE_BOOL:
		*out = json_is_true(json);
		return json_is_boolean(json) || unexpected(r, "true or false", json);
	case LWL_TYPE_F32:
	case LWL_TYPE_F64:
		return read_float(r, type->kind == LWL_TYPE_F64, json, out);
	case LWL_TYPE_ENUM:
		return read_enum(r, type->enumeration, json, out);
	case LWL_TYPE_FLAGS:
		return read_flags(r, type->enumeration, json, out);
	case LWL_TYPE_LINK:
		return read_link(r, json, out);
	default:
		return read_integer(r, type->kind, json, out);
	}
}

static bool read_one(struct reading *r, const struct lwl_schema_type *type, json_t *json,
		     struct lwl_value *out)
{
	bool good;

	switch (type->kind) {
	case LWL_TYPE_STRUCT:
		return read_struct(r, type->structure, json, out);
	case LWL_TYPE_GROUP:
	case LWL_TYPE_UNION:
		if (r->groups == LWL_DEPTH_MAX)
			return fail(r, "groups nest deeper than %d", LWL_DEPTH_MAX);
		r->groups++;
		good = read_group(r, type->group, json, out);
		r->groups--;
		return good;
	case LWL_TYPE_STRING:
		return read_string(r, type, json, out);
	case LWL_TYPE_BYTES:
		return read_bytes(r, type, json, out);
	default:
		out->kind = LWL_VALUE_BITS;
		return read_scalar(r, type, json, &out->bits);
	}
}

static bool read_list(struct reading *r, const struct lwl_schema_type *type, json_t *json,
		      struct lwl_value *out)
{
	size_t count = json_array_size(json), i;
	struct lwl_value *items;

	if (!json_is_array(json))
		return unexpected(r, "an array", json);
	if (type->shape == LWL_SHAPE_ARRAY && count != type->max)
		return fail(r, "has %zu elements; it must have %lu", count, (unsigned long)type->max);
	if (count > type->max)
		return fail(r, "has %zu elements; at most %lu are allowed", count,
			    (unsigned long)type->max);
	items = take(r, count, sizeof *items);
	if (items == NULL)
		return false;
	for (i = 0; i < count; i++) {
		memset(&items[i], 0, sizeof items[i]);
		if (!enter(r, NULL, (uint32_t)i) ||
		    !read_one(r, type, json_array_get(json, i), &items[i]))
			return false;
		leave(r);
	}
	out->kind = LWL_VALUE_LIST;
	out->count = (uint32_t)count;
	out->items = items;
	return true;
}

struct fields {
	const struct lwl_schema_field *fields;
	uint32_t count;
};

static const char *field_name(const void *context, uint32_t i)
{
	return ((const struct fields *)context)->fields[i].name;
}

static bool unknown_key(const struct reading *r, const struct fields *fields, const char *key)
{
	const char *near = nearest_name(key, field_name, fields, fields->count);
	char list[300] = "";
	size_t used = 0;
	uint32_t i;

	if (near != NULL)
		return fail_key(r, "there is no such field; did you mean %s?", near);
	for (i = 0; i < fields->count && i < 12 && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
					 fields->fields[i].name);
	if (fields->count == 0)
		return fail_key(r, "there is no such field; here none is allowed");
	return fail_key(r, "there is no such field; there are %s%s", list,
		    fields->count > 12 || used >= sizeof list ? ", ..." : "");
}

static int by_field(const void *a, const void *b)
{
	const struct lwl_value *x = a, *y = b;

	return x->field < y->field ? -1 : x->field > y->field;
}

/* Say which required fields the object lacks, all of them at once. */
static bool check_required(const struct reading *r, const struct fields *fields,
			   const struct lwl_value *items, uint32_t count)
{
	char list[600] = "";
	size_t used = 0, missing = 0;
	uint32_t i, at = 0;

	for (i = 0; i < fields->count; i++) {
		if (at < count && items[at].field == i) {
			at++;
			continue;
		}
		if (fields->fields[i].presence != LWL_PRESENCE_REQUIRED)
			continue;
		missing++;
		if (used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
						 used > 0 ? ", " : "", fields->fields[i].name);
	}
	if (missing > 0)
		return fail(r, "%s missing: %s%s", missing == 1 ? "a required field is"
			    : "required fields are", list, used >= sizeof list ? "..." : "");
	return true;
}

static bool read_field(struct reading *r, const struct lwl_schema_field *field, json_t *json,
		       struct lwl_value *out)
{
	return field->type.shape == LWL_SHAPE_ONE ? read_one(r, &field->type, json, out)
						  : read_list(r, &field->type, json, out);
}

static const struct lwl_schema_field *find_field(const struct lwl_schema_group *group,
						 const struct lwl_schema_struct *structure,
						 const char *name)
{
	return group != NULL ? lwl_schema_field_named(group, name)
			     : lwl_schema_struct_field(structure, name);
}

/* The members of an object, those of `group` or of `structure`, in the order of the table. */
static bool read_members(struct reading *r, const struct lwl_schema_group *group,
			 const struct lwl_schema_struct *structure, json_t *json,
			 struct lwl_value *out)
{
	struct fields fields = { group != NULL ? group->fields : structure->fields,
				 group != NULL ? group->field_count : structure->field_count };
	struct lwl_value *items;
	uint32_t ordinal = 0, count = 0;
	const char *key;
	json_t *member;

	if (!json_is_object(json))
		return unexpected(r, "an object", json);
	items = take(r, json_object_size(json), sizeof *items);
	if (items == NULL)
		return false;
	json_object_foreach(json, key, member) {
		const struct lwl_schema_field *field = find_field(group, structure, key);
		struct lwl_value *item = &items[count];

		if (r->depth == 0 && key[0] == '$') {	/* what the message as a whole has */
			ordinal++;
			continue;
		}
		memset(item, 0, sizeof *item);
		if (!enter(r, key, ordinal++))
			return false;
		if (field == NULL)
			return unknown_key(r, &fields, key);
		if (!read_field(r, field, member, item))
			return false;
		leave(r);
		item->field = (uint16_t)(field - fields.fields);
		/* An empty list is not there. */
		count += field->presence != LWL_PRESENCE_LIST || item->count > 0;
	}
	qsort(items, count, sizeof *items, by_field);
	out->kind = LWL_VALUE_GROUP;
	out->count = count;
	out->items = items;
	return (group != NULL && group->form == LWL_GROUP_UNION) ||
	       check_required(r, &fields, items, count);
}

static bool read_group(struct reading *r, const struct lwl_schema_group *group, json_t *json,
		       struct lwl_value *out)
{
	if (group->form == LWL_GROUP_UNION && json_is_object(json) && json_object_size(json) != 1)
		return fail(r, "a union has exactly one member, not %zu", json_object_size(json));
	return read_members(r, group, NULL, json, out);
}

static bool read_struct(struct reading *r, const struct lwl_schema_struct *structure, json_t *json,
			struct lwl_value *out)
{
	return read_members(r, NULL, structure, json, out);
}

/* ---- the message ---- */

static bool read_header(struct reading *r, struct json_message *m,
			const struct lwl_schema_message *message, json_t *json)
{
	uint32_t ordinal = 0;
	uint64_t bits;
	const char *key;
	json_t *member;

	if (!json_is_object(json))
		return unexpected(r, "an object with linkid and msgid", json);
	json_object_foreach(json, key, member) {
		if (!enter(r, key, ordinal++))
			return false;
		if (strcmp(key, "linkid") == 0) {
			if (!as_linkid(member, &m->linkid))
				return unexpected(r, "a linkid such as \"0x8000000100000003\"", member);
			m->has_linkid = true;
		} else if (strcmp(key, "msgid") == 0) {
			if (!read_integer(r, LWL_TYPE_U32, member, &bits))
				return false;
			if (!r->ignore_msgid && (bits == 0) != (message->kind == LWL_KIND_ONEWAY))
				return fail(r, bits == 0
					    ? "msgid 0 is for one-way messages, which this is not"
					    : "the msgid of a one-way message is 0");
			m->msgid = (uint32_t)bits;
			m->has_msgid = true;
		} else {
			return fail_key(r, "there is no such key; $header has linkid and msgid");
		}
		leave(r);
	}
	return true;
}

static bool read_error(struct reading *r, struct json_message *m,
		       const struct lwl_schema_message *message, json_t *json)
{
	static const struct lwl_schema_type detail_type = { .kind = LWL_TYPE_STRING, .max = 255 };
	struct lwl_value detail = { 0 };
	uint32_t ordinal = 0;
	bool has_detail = false;
	uint64_t code = 0;
	const char *key;
	json_t *member;

	if (message->kind != LWL_KIND_RESPONSE)
		return fail(r, "only a response can be an error");
	if (!json_is_object(json))
		return unexpected(r, "an object with code and detail", json);
	json_object_foreach(json, key, member) {
		if (!enter(r, key, ordinal++))
			return false;
		if (strcmp(key, "code") == 0) {
			if (!read_integer(r, LWL_TYPE_U32, member, &code))
				return false;
			if (code == 0)
				return fail(r, "0 is no error");
		} else if (strcmp(key, "detail") == 0) {
			if (!read_string(r, &detail_type, member, &detail))
				return false;
			has_detail = true;
		} else {
			return fail_key(r, "there is no such key; $error has code and detail");
		}
		leave(r);
	}
	if (code == 0 || !has_detail)
		return fail(r, "a required field is missing: %s", code == 0 ? "code" : "detail");
	m->is_error = true;
	m->code = (uint32_t)code;
	m->detail.data = (const char *)detail.data;
	m->detail.len = detail.count;
	return true;
}

static bool read_document(struct reading *r, struct json_message *m,
			  const struct lwl_schema_message *message)
{
	bool has_fields = false;
	uint32_t ordinal = 0;
	const char *key;
	json_t *member;

	if (!json_is_object(m->root))
		return unexpected(r, "an object", m->root);
	json_object_foreach(m->root, key, member) {
		if (key[0] != '$') {
			has_fields = true;
			ordinal++;
			continue;
		}
		if (!enter(r, key, ordinal++))
			return false;
		if (strcmp(key, "$header") == 0) {
			if (!read_header(r, m, message, member))
				return false;
		} else if (strcmp(key, "$error") == 0) {
			if (!read_error(r, m, message, member))
				return false;
		} else {
			return fail_key(r, "there is no such key; with a $ there are $header and "
					"$error");
		}
		leave(r);
	}
	if (m->is_error && has_fields)
		return fail(r, "an error response has $error and no fields");
	return m->is_error || read_group(r, message->items, m->root, &m->items);
}

static void complain_about_syntax(const struct json_message *m, const json_error_t *err)
{
	size_t offset = err->position < 0 ? 0 : (size_t)err->position;
	char path[2000];

	if (strspn(m->text, " \t\r\n") == m->length) {
		if (strcmp(m->source, "stdin") == 0)
			complain("there is no JSON on standard input");
		else
			complain("%s: there is no JSON", m->source);
		return;
	}
	json_path_at(path, sizeof path, m->text, m->length, offset);
	complain("%s:%d:%d: %s%s%s%s", m->source, err->line < 1 ? 1 : err->line,
		 err->column < 1 ? 1 : err->column, path, path[0] != '\0' ? ": " : "", err->text,
		 strncmp(err->text, "too big", 7) == 0
		 ? "; integers beyond 9223372036854775807 are written as strings" : "");
}

bool json_message_read(struct json_message *out, const struct lwl_schema_message *message,
		       const char *source, const char *text, size_t length, bool ignore_msgid,
		       struct lwl_arena *arena)
{
	struct reading r = { .m = out, .arena = arena, .ignore_msgid = ignore_msgid };
	json_error_t err;

	memset(out, 0, sizeof *out);
	out->source = source;
	out->text = text;
	out->length = length;
	if (json_count_values(text, length) > VALUES_MAX) {
		complain("%s: more than %d values are more than a message can hold", source,
			 VALUES_MAX);
		return false;
	}
	out->root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY,
			       &err);
	if (out->root == NULL) {
		complain_about_syntax(out, &err);
		return false;
	}
	return read_document(&r, out, message);
}

void json_message_free(struct json_message *m)
{
	json_decref(m->root);
}

/* Members before the one with this name. */
static uint32_t ordinal_of(json_t *object, const char *name)
{
	uint32_t ordinal = 0;
	const char *key;
	json_t *member;

	json_object_foreach(object, key, member) {
		if (strcmp(key, name) == 0)
			return ordinal;
		ordinal++;
	}
	return 0;
}

void json_message_complain(const struct json_message *m, const struct lwl_value_error *err)
{
	uint32_t ordinals[STEPS_MAX], count = 0, i;
	json_t *json = m->root;
	char path[2000];

	/* As far as the document goes: a value that is missing has no place but its object's. */
	for (i = 0; i < err->depth && json_is_object(json); i++) {
		json_t *member = json_object_get(json, err->steps[i].field->name);

		if (member == NULL)
			break;
		ordinals[count++] = ordinal_of(json, err->steps[i].field->name);
		json = member;
		if (err->steps[i].is_element) {
			ordinals[count++] = err->steps[i].index;
			json = json_array_get(json, err->steps[i].index);
		}
	}
	lwl_value_path_format(path, sizeof path, err);
	complain_at(m, json_find(m->text, m->length, ordinals, count, false), path, err->why);
}
