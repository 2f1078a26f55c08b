/* Values as JSON: one canonical text without spaces, so that it can be compared as text. */
#include "vectors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void *vectors_alloc(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (p == NULL) {
		fputs("vectors: out of memory\n", stderr);
		exit(2);
	}
	return p;
}

void text_put(struct text *t, const char *s, size_t length)
{
	if (t->room - t->length <= length) {
		t->room = (t->room + length) * 2 + 64;
		t->data = vectors_alloc(t->data, t->room);
	}
	memcpy(t->data + t->length, s, length);
	t->length += length;
	t->data[t->length] = '\0';
}

void text_char(struct text *t, char c)
{
	text_put(t, &c, 1);
}

static void text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void text_free(struct text *t)
{
	free(t->data);
	memset(t, 0, sizeof *t);
}

void text_expect(struct text *t, bool promised)
{
	t->unexpected = t->unexpected || !promised;
}

void text_element(struct text *t)
{
	/* Nothing stands before the first of several, nor before the only value of a member. */
	if (t->length > 0 && strchr("[{:", t->data[t->length - 1]) == NULL)
		text_char(t, ',');
}

void text_key(struct text *t, const char *name)
{
	text_element(t);
	text_char(t, '"');
	text_str(t, name);
	text_str(t, "\":");
}

void text_bool(struct text *t, bool v)
{
	text_str(t, v ? "true" : "false");
}

void text_u64(struct text *t, uint64_t v)
{
	char number[32];

	snprintf(number, sizeof number, v > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, v);
	text_str(t, number);
}

void text_s64(struct text *t, int64_t v)
{
	char number[32];

	snprintf(number, sizeof number, "%" PRId64, v);
	text_str(t, number);
}

/*
 * The digits of "d.ddde[+-]xx" put as 123.45 from 1e-4 to below 1e16, and as 1.2345e+20 elsewhere.
 */
static void text_digits(struct text *t, const char *scientific)
{
	char digits[32], exponent_text[16];
	size_t count = 0, i;
	int exponent;
	const char *s = scientific;

	if (*s == '-') {
		text_char(t, '-');
		s++;
	}
	for (; *s != 'e' && *s != '\0' && count < sizeof digits; s++)
		if (*s >= '0' && *s <= '9')
			digits[count++] = *s;
	exponent = *s == 'e' ? atoi(s + 1) : 0;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (exponent < -4 || exponent >= 16) {
		text_char(t, digits[0]);
		if (count > 1) {
			text_char(t, '.');
			text_put(t, digits + 1, count - 1);
		}
		snprintf(exponent_text, sizeof exponent_text, "e%+03d", exponent);
		text_str(t, exponent_text);
		return;
	}
	if (exponent < 0) {
		text_str(t, "0.");
		for (; exponent < -1; exponent++)
			text_char(t, '0');
		text_put(t, digits, count);
		return;
	}
	for (i = 0; i < count || i <= (size_t)exponent + 1; i++) {
		if (i == (size_t)exponent + 1)
			text_char(t, '.');
		text_char(t, i < count ? digits[i] : '0');
	}
}

/* As few digits as, correctly rounded, give the same value again. */
void text_f32(struct text *t, float v)
{
	char number[48];
	int digits = 0;

	if (isnan(v)) {
		snprintf(number, sizeof number, "\"nan:0x%08" PRIx32 "\"", lwl_f32_bits(v));
		text_str(t, number);
		return;
	}
	if (isinf(v)) {
		text_str(t, v > 0 ? "\"inf\"" : "\"-inf\"");
		return;
	}
	do {
		snprintf(number, sizeof number, "%.*e", digits, (double)v);
	} while (lwl_f32_bits(strtof(number, NULL)) != lwl_f32_bits(v) && ++digits < 9);
	text_digits(t, number);
}

void text_f64(struct text *t, double v)
{
	char number[48];
	int digits = 0;

	if (isnan(v)) {
		snprintf(number, sizeof number, "\"nan:0x%016" PRIx64 "\"", lwl_f64_bits(v));
		text_str(t, number);
		return;
	}
	if (isinf(v)) {
		text_str(t, v > 0 ? "\"inf\"" : "\"-inf\"");
		return;
	}
	do {
		snprintf(number, sizeof number, "%.*e", digits, v);
	} while (lwl_f64_bits(strtod(number, NULL)) != lwl_f64_bits(v) && ++digits < 17);
	text_digits(t, number);
}

void text_string(struct text *t, const char *data, uint32_t length)
{
	uint32_t i;

	text_char(t, '"');
	for (i = 0; i < length; i++) {
		const char *names = "b\bf\fn\nr\rt\t\"\"\\\\", *at;
		unsigned char c = (unsigned char)data[i];
		char escape[8];

		for (at = names; *at != '\0' && (unsigned char)at[1] != c; at += 2)
			;
		if (*at != '\0') {
			text_char(t, '\\');
			text_char(t, *at);
		} else if (c < 0x20) {
			snprintf(escape, sizeof escape, "\\u%04x", c);
			text_str(t, escape);
		} else {
			text_char(t, data[i]);
		}
	}
	text_char(t, '"');
}

void text_base64(struct text *t, const uint8_t *data, uint32_t length)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t i;

	text_char(t, '"');
	for (i = 0; i < length; i += 3) {
		uint32_t left = length - i, bits = (uint32_t)data[i] << 16;

		if (left > 1)
			bits |= (uint32_t)data[i + 1] << 8;
		if (left > 2)
			bits |= data[i + 2];
		text_char(t, letters[bits >> 18]);
		text_char(t, letters[bits >> 12 & 63]);
		text_char(t, left > 1 ? letters[bits >> 6 & 63] : '=');
		text_char(t, left > 2 ? letters[bits & 63] : '=');
	}
	text_char(t, '"');
}

void text_link(struct text *t, uint64_t id)
{
	char number[32];

	snprintf(number, sizeof number, "\"0x%" PRIx64 "\"", id);
	text_str(t, number);
}

static void text_name(struct text *t, const char *name)
{
	text_char(t, '"');
	text_str(t, name);
	text_char(t, '"');
}

void text_enum_u64(struct text *t, const char *name, uint64_t v)
{
	if (name != NULL)
		text_name(t, name);
	else
		text_u64(t, v);
}

void text_enum_s64(struct text *t, const char *name, int64_t v)
{
	if (name != NULL)
		text_name(t, name);
	else
		text_s64(t, v);
}

void text_flags(struct text *t, const struct flag_bit *bits, uint64_t v)
{
	text_char(t, '[');
	for (; bits->name != NULL; bits++)
		if ((v >> bits->bit & 1) != 0) {
			text_element(t);
			text_name(t, bits->name);
			v &= ~(UINT64_C(1) << bits->bit);
		}
	if (v != 0) {
		text_element(t);
		text_u64(t, v);
	}
	text_char(t, ']');
}
