#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lwl.h"

/* How scalars are written: as JSON on one line, as JSON with blanks, or bare, for people. */
struct style {
	const char *quote, *comma;
};

static const struct style compact = { "\"", "," }, spaced = { "\"", ", " }, bare = { "", ", " };

static const struct style *style_of(int indent)
{
	return indent < 0 ? &compact : &spaced;
}

/* Beyond what a signed 64-bit integer holds, many readers of JSON would lose digits. */
static void print_unsigned(FILE *out, uint64_t v, const struct style *style)
{
	const char *quote = v > INT64_MAX ? style->quote : "";

	fprintf(out, "%s%" PRIu64 "%s", quote, v, quote);
}

static bool is_signed(enum lwl_type_kind kind)
{
	return kind >= LWL_TYPE_S8 && kind <= LWL_TYPE_S64;
}

static void print_integer(FILE *out, enum lwl_type_kind kind, uint64_t bits, const struct style *style)
{
	if (is_signed(kind))
		fprintf(out, "%" PRId64, (int64_t)bits);
	else
		print_unsigned(out, bits, style);
}

/* The digits of "-1.25e+02", as -125.0; far from 1 they keep an exponent. */
static void print_digits(FILE *out, const char *scientific)
{
	char digits[32];
	const char *p = scientific;
	size_t count = 0;
	int exponent, i;

	if (*p == '-')
		putc(*p++, out);
	for (; *p != 'e'; p++)
		if (*p != '.')
			digits[count++] = *p;
	exponent = atoi(p + 1);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (exponent < -4 || exponent >= 16) {
		fprintf(out, "%c%s%.*se%+03d", digits[0], count > 1 ? "." : "", (int)count - 1,
			digits + 1, exponent);
		return;
	}
	if (exponent < 0) {
		fprintf(out, "0.%.*s%.*s", -exponent - 1, "0000", (int)count, digits);
		return;
	}
	for (i = 0; i <= exponent; i++)
		putc((size_t)i < count ? digits[i] : '0', out);
	putc('.', out);
	if ((size_t)i < count)
		fprintf(out, "%.*s", (int)(count - (size_t)i), digits + i);
	else
		putc('0', out);
}

/* An f32 is also read by way of a double, which rounds twice: both ways must lead back. */
static bool reads_back(const char *text, uint64_t bits, bool is_double)
{
	double v = strtod(text, NULL);

	if (is_double)
		return lwl_f64_bits(v) == bits;
	return isfinite(strtof(text, NULL)) && lwl_f32_bits(strtof(text, NULL)) == bits &&
	       lwl_f32_bits((float)v) == bits;
}

static void print_float(FILE *out, uint64_t bits, bool is_double, const struct style *style)
{
	double v = is_double ? lwl_f64_of(bits) : (double)lwl_f32_of((uint32_t)bits);
	char text[40];
	int digits;

	if (isnan(v)) {
		fprintf(out, "%snan:0x%0*" PRIx64 "%s", style->quote, is_double ? 16 : 8, bits,
			style->quote);
		return;
	}
	if (isinf(v)) {
		fprintf(out, "%s%s%s", style->quote, v > 0 ? "inf" : "-inf", style->quote);
		return;
	}
	for (digits = 0; digits < 17; digits++) {
		snprintf(text, sizeof text, "%.*e", digits, v);
		if (reads_back(text, bits, is_double))
			break;
	}
	print_digits(out, text);
}

static void print_enum(FILE *out, const struct lwl_schema_enum *e, uint64_t bits,
		       const struct style *style)
{
	const struct lwl_schema_member *member = lwl_schema_member_of(e, bits);

	if (member != NULL)
		fprintf(out, "%s%s%s", style->quote, member->name, style->quote);
	else
		print_integer(out, e->underlying, bits, style);
}

static void print_flags(FILE *out, const struct lwl_schema_enum *e, uint64_t bits,
			const struct style *style)
{
	uint64_t rest = bits & ~e->known_bits;
	const char *separator = "";
	uint32_t i;

	putc('[', out);
	for (i = 0; i < e->member_count; i++) {
		const struct lwl_schema_member *member = e->by_value[i];

		if ((bits >> member->value & 1) == 0)
			continue;
		fprintf(out, "%s%s%s%s", separator, style->quote, member->name, style->quote);
		separator = style->comma;
	}
	if (rest != 0) {
		fputs(separator, out);
		print_unsigned(out, rest, style);
	}
	putc(']', out);
}

static void print_bits(FILE *out, const struct lwl_schema_type *type, uint64_t bits,
		       const struct style *style)
{
	switch (type->kind) {
	case LWL_TYPE_BOOL:
		fputs(bits != 0 ? "true" : "false", out);
		break;
	case LWL_TYPE_F32:
	case LWL_TYPE_F64:
		print_float(out, bits, type->kind == LWL_TYPE_F64, style);
		break;
	case LWL_TYPE_ENUM:
		print_enum(out, type->enumeration, bits, style);
		break;
	case LWL_TYPE_FLAGS:
		print_flags(out, type->enumeration, bits, style);
		break;
	case LWL_TYPE_LINK:
		fprintf(out, "%s0x%" PRIx64 "%s", style->quote, bits, style->quote);
		break;
	default:
		print_integer(out, type->kind, bits, style);
		break;
	}
}

void print_plain(FILE *out, const struct lwl_schema_type *type, uint64_t bits)
{
	print_bits(out, type, bits, &bare);
}

void print_text(FILE *out, const uint8_t *text, size_t length)
{
	size_t i;

	putc('"', out);
	for (i = 0; i < length; i++) {
		uint8_t c = text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c == '\r')
			fputs("\\r", out);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", (unsigned)c);
		else if (c == 0xc2 && i + 1 < length && text[i + 1] < 0xa0)
			fprintf(out, "\\u%04x", (unsigned)text[++i]);	/* terminals obey these, too */
		else
			putc(c, out);
	}
	putc('"', out);
}

void print_base64(FILE *out, const uint8_t *data, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	putc('"', out);
	for (i = 0; i < length; i += 3) {
		size_t n = length - i;
		uint32_t v = (uint32_t)data[i] << 16;

		v |= n > 1 ? (uint32_t)data[i + 1] << 8 : 0;
		v |= n > 2 ? data[i + 2] : 0;
		putc(digits[v >> 18], out);
		putc(digits[v >> 12 & 63], out);
		putc(n > 1 ? digits[v >> 6 & 63] : '=', out);
		putc(n > 2 ? digits[v & 63] : '=', out);
	}
	putc('"', out);
}

static void new_line(FILE *out, int indent)
{
	if (indent < 0)
		return;
	putc('\n', out);
	while (indent-- > 0)
		fputs("  ", out);
}

static int deeper(int indent)
{
	return indent < 0 ? indent : indent + 1;
}

static bool is_compound(const struct lwl_schema_type *type)
{
	return type->kind == LWL_TYPE_STRUCT || type->kind == LWL_TYPE_GROUP ||
	       type->kind == LWL_TYPE_UNION;
}

static void print_one(FILE *out, const struct lwl_schema_type *type, const struct lwl_value *v,
		      int indent);

static void print_object(FILE *out, const struct lwl_schema_type *type, const struct lwl_value *v,
			 int indent)
{
	bool is_struct = type->kind == LWL_TYPE_STRUCT;

	putc('{', out);
	if (is_struct)
		print_items(out, type->structure->fields, type->structure->field_count, v, false,
			    deeper(indent));
	else
		print_items(out, type->group->fields, type->group->field_count, v, false,
			    deeper(indent));
	putc('}', out);
}

static void print_one(FILE *out, const struct lwl_schema_type *type, const struct lwl_value *v,
		      int indent)
{
	if (is_compound(type))
		print_object(out, type, v, indent);
	else if (type->kind == LWL_TYPE_STRING)
		print_text(out, v->data, v->count);
	else if (type->kind == LWL_TYPE_BYTES)
		print_base64(out, v->data, v->count);
	else
		print_bits(out, type, v->bits, style_of(indent));
}

/* Objects stand on lines of their own, everything else in one line. */
static void print_list(FILE *out, const struct lwl_schema_type *type, const struct lwl_value *v,
		       int indent)
{
	uint32_t i;

	putc('[', out);
	for (i = 0; i < v->count; i++) {
		if (i > 0)
			fputs(indent < 0 || is_compound(type) ? "," : ", ", out);
		if (is_compound(type))
			new_line(out, deeper(indent));
		print_one(out, type, &v->items[i], deeper(indent));
	}
	if (is_compound(type) && v->count > 0)
		new_line(out, indent);
	putc(']', out);
}

static void print_field(FILE *out, const struct lwl_schema_field *field, const struct lwl_value *v,
			int indent)
{
	if (v == NULL && field->presence == LWL_PRESENCE_LIST)
		fputs("[]", out);
	else if (v == NULL)
		print_bits(out, &field->type, field->default_bits, style_of(indent));
	else if (field->type.shape != LWL_SHAPE_ONE)
		print_list(out, &field->type, v, indent);
	else
		print_one(out, &field->type, v, indent);
}

void print_items(FILE *out, const struct lwl_schema_field *fields, uint32_t count,
		 const struct lwl_value *value, bool more_before, int indent)
{
	bool any = more_before;
	uint32_t i, at = 0;

	for (i = 0; i < count; i++) {
		const struct lwl_schema_field *field = &fields[i];
		const struct lwl_value *v = NULL;

		if (at < value->count && value->items[at].field == i)
			v = &value->items[at++];
		if (v == NULL && field->presence != LWL_PRESENCE_DEFAULT &&
		    field->presence != LWL_PRESENCE_LIST)
			continue;
		if (any)
			putc(',', out);
		any = true;
		new_line(out, indent);
		fprintf(out, "\"%s\":%s", field->name, indent < 0 ? "" : " ");
		print_field(out, field, v, indent);
	}
	if (any)
		new_line(out, indent - (indent > 0));
}
