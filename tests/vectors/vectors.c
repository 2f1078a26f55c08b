/* Reads files of vectors, as README.md describes them, and checks one against the generated C. */
#include "vectors.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 1 << 24, RUN_MAX = 65536 };

/* ---- reading ---- */

struct loader {
	struct vectors *set;
	const char *path;
	unsigned line;
	char *message;
	size_t size;
	bool failed;
	struct vector_bytes *bytes;	/* where indented lines go: here, or */
	struct text *text;		/* here */
};

static void fail(struct loader *l, const char *format, ...)
{
	int used;
	va_list args;

	if (l->failed)
		return;
	l->failed = true;
	used = snprintf(l->message, l->size, "%s:%u: ", l->path, l->line);
	if (used < 0 || (size_t)used >= l->size)
		return;
	va_start(args, format);
	vsnprintf(l->message + used, l->size - (size_t)used, format, args);
	va_end(args);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* The next word of *s, cut off there; empty at the end. */
static char *next_word(char **s)
{
	char *word = *s, *end;

	while (is_blank(*word))
		word++;
	end = word;
	while (*end != '\0' && !is_blank(*end))
		end++;
	*s = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

static uint64_t read_number(struct loader *l, const char *word, int base, uint64_t max)
{
	char *end;
	uint64_t v = strtoull(word, &end, base);

	if (*word < '0' || end == word || *end != '\0' || v > max)
		fail(l, "'%s' is no number here", word);
	return v;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* "0a0b 00*16" and so on: the byte before a star is there that many times. */
static void read_hex(struct loader *l, struct vector_bytes *out, const char *s)
{
	for (;;) {
		unsigned long times = 1;
		int high, low;

		s = skip_blanks(s);
		if (*s == '\0' || *s == '#')
			return;
		high = hex_digit(s[0]);
		low = high < 0 ? -1 : hex_digit(s[1]);
		if (low < 0) {
			fail(l, "'%.8s' is no hex", s);
			return;
		}
		s += 2;
		if (*s == '*') {
			char *end;

			times = strtoul(s + 1, &end, 10);
			if (end == s + 1 || times > RUN_MAX) {
				fail(l, "'%.8s' is no count", s);
				return;
			}
			s = end;
		}
		out->data = vectors_alloc(out->data, out->length + times);
		memset(out->data + out->length, high << 4 | low, times);
		out->length += times;
	}
}

/* "<TEXT*COUNT>" at s: the place of its '>', or NULL if it is something else. */
static const char *repetition(const char *s, size_t *length, unsigned long *times)
{
	char *end;

	if (*s != '<')
		return NULL;
	*length = strcspn(s + 1, "<>*");
	s += 1 + *length;
	if (*s != '*' || s[1] < '0' || s[1] > '9')
		return NULL;
	*times = strtoul(s + 1, &end, 10);
	return *end == '>' && *times <= RUN_MAX ? end : NULL;
}

/* JSON without the spaces between its tokens. */
static void read_json(struct text *out, const char *s)
{
	bool quoted = false;

	for (; *s != '\0'; s++) {
		size_t length;
		unsigned long times;
		const char *end = repetition(s, &length, &times);

		if (end != NULL) {
			for (; times > 0; times--)
				text_put(out, s + 1, length);
			s = end;
			continue;
		}
		if (!quoted && is_blank(*s))
			continue;
		text_char(out, *s);
		if (*s == '\\' && s[1] != '\0')
			text_char(out, *++s);
		else if (*s == '"')
			quoted = !quoted;
	}
}

/* "ORDER offset 48 path 2[1].3" */
static void read_bad(struct loader *l, struct vector_bad *out, char *s)
{
	const char *name = next_word(&s);
	int bad;

	out->given = true;
	for (bad = LWL_BAD_NONE + 1; bad < LWL_BAD_END_OF_LIST; bad++)
		if (strcmp(lwl_bad_name((enum lwl_bad)bad), name) == 0)
			break;
	if (bad == LWL_BAD_END_OF_LIST) {
		fail(l, "'%s' is no mistake", name);
		return;
	}
	out->bad = (enum lwl_bad)bad;
	if (strcmp(next_word(&s), "offset") != 0) {
		fail(l, "the offset is missing");
		return;
	}
	out->offset = (uint32_t)read_number(l, next_word(&s), 10, RUN_MAX);
	name = next_word(&s);
	if (*name == '\0')
		return;
	if (strcmp(name, "path") != 0) {
		fail(l, "'%s' instead of a path", name);
		return;
	}
	s = next_word(&s);
	while (*s != '\0' && !l->failed) {
		struct lwl_step *step = &out->path[out->depth];
		char *end;

		if (out->depth > LWL_DEPTH_MAX) {
			fail(l, "the path is too long");
			return;
		}
		out->depth++;
		step->number = (uint16_t)strtoul(s, &end, 10);
		if (end != s && *end == '[') {
			s = end + 1;
			step->index = (uint16_t)strtoul(s, &end, 10);
			if (*end != ']')
				end = s;
			else
				end++;
		}
		if (end == s || (*end != '\0' && *end != '.'))
			fail(l, "'%s' is no path", s);
		s = *end == '.' ? end + 1 : end;
	}
}

static const struct vector_type *find_type(const char *name)
{
	const struct vector_type *type = vector_types;

	while (type->name != NULL && strcmp(type->name, name) != 0)
		type++;
	return type->name != NULL ? type : NULL;
}

static void finish_vector(struct loader *l)
{
	struct vector *v;

	if (l->set->count == 0)
		return;
	v = &l->set->list[l->set->count - 1];
	if (strcmp(v->file, l->path) != 0)
		return;
	if (!v->has_bytes)
		fail(l, "vector %s has no bytes", v->name);
	if (v->type != NULL && (v->value.data != NULL) + v->bad.given + v->is_remote != 1)
		fail(l, "vector %s needs one of value, bad and remote", v->name);
	if (v->type == NULL && !v->check.given)
		fail(l, "vector %s needs a type or a check", v->name);
}

static void start_vector(struct loader *l, const char *name)
{
	struct vector *v;
	size_t i;

	finish_vector(l);
	for (i = 0; i < l->set->count; i++)
		if (strcmp(l->set->list[i].name, name) == 0)
			fail(l, "there is another vector %s", name);
	if (*name == '\0')
		fail(l, "a vector needs a name");
	l->set->list = vectors_alloc(l->set->list, (l->set->count + 1) * sizeof *v);
	v = &l->set->list[l->set->count++];
	memset(v, 0, sizeof *v);
	v->name = vectors_alloc(NULL, strlen(name) + 1);
	memcpy(v->name, name, strlen(name) + 1);
	v->file = l->path;
	v->line = l->line;
}

static void read_links(struct loader *l, struct text *out, char *s)
{
	char *word, entry[64];

	while (*(word = next_word(&s)) != '\0') {
		char *colon = strchr(word, ':');

		if (colon == NULL) {
			fail(l, "'%s' is not OFFSET:LINKID", word);
			return;
		}
		*colon = '\0';
		snprintf(entry, sizeof entry, "%" PRIu64 ":0x%" PRIx64 " ",
			 read_number(l, word, 10, RUN_MAX),
			 read_number(l, colon + 1, 16, UINT64_MAX));
		text_put(out, entry, strlen(entry));
	}
}

static void read_line(struct loader *l, char *s)
{
	struct vector *v;
	char *rest = s;
	const char *word;

	if (is_blank(*s)) {
		if (*skip_blanks(s) == '\0')
			return;
		if (l->bytes != NULL)
			read_hex(l, l->bytes, s);
		else if (l->text != NULL)
			read_json(l->text, s);
		else
			fail(l, "what is this line part of?");
		return;
	}
	if (*s == '\0' || *s == '#')
		return;
	l->bytes = NULL;
	l->text = NULL;
	word = next_word(&rest);
	if (strcmp(word, "vector") == 0) {
		start_vector(l, next_word(&rest));
		return;
	}
	v = l->set->count > 0 ? &l->set->list[l->set->count - 1] : NULL;
	if (v == NULL || strcmp(v->file, l->path) != 0) {
		fail(l, "a vector starts with its name");
	} else if (strcmp(word, "type") == 0) {
		word = next_word(&rest);
		v->type = find_type(word);
		if (v->type == NULL)
			fail(l, "no type %s", word);
	} else if (strcmp(word, "hex") == 0) {
		v->has_bytes = true;
		l->bytes = &v->bytes;
		read_hex(l, &v->bytes, rest);
	} else if (strcmp(word, "reencode") == 0) {
		v->has_reencode = true;
		l->bytes = &v->reencode;
		read_hex(l, &v->reencode, rest);
	} else if (strcmp(word, "value") == 0) {
		text_put(&v->value, "", 0);
		l->text = &v->value;
		read_json(&v->value, rest);
	} else if (strcmp(word, "bad") == 0) {
		read_bad(l, &v->bad, rest);
	} else if (strcmp(word, "check") == 0) {
		word = next_word(&rest);
		v->check.given = true;
		if (strcmp(word, "bad") == 0)
			read_bad(l, &v->check, rest);
		else if (strcmp(word, "ok") != 0)
			fail(l, "'%s' instead of ok or bad", word);
	} else if (strcmp(word, "remote") == 0) {
		v->is_remote = true;
		v->remote = (uint32_t)read_number(l, next_word(&rest), 10, UINT32_MAX);
		text_put(&v->detail, "", 0);
		read_json(&v->detail, rest);
	} else if (strcmp(word, "links") == 0) {
		read_links(l, &v->links, rest);
	} else if (strcmp(word, "deadline") == 0) {
		v->has_deadline = true;
		v->deadline = read_number(l, next_word(&rest), 10, UINT64_MAX);
	} else if (strcmp(word, "trace") == 0) {
		v->has_trace = true;
		read_hex(l, &v->trace, rest);
		if (v->trace.length != 16)
			fail(l, "a trace has 16 bytes");
	} else {
		fail(l, "'%s' is no word of a vector", word);
	}
}

int vectors_load(struct vectors *set, const char *path, char *message, size_t size)
{
	struct loader l = { .set = set, .path = path, .message = message, .size = size };
	char *text, *line, *end;
	FILE *file = fopen(path, "rb");
	size_t length;

	if (file == NULL) {
		snprintf(message, size, "%s: cannot be opened", path);
		return -1;
	}
	text = vectors_alloc(NULL, FILE_MAX + 1);
	length = fread(text, 1, FILE_MAX, file);
	fclose(file);
	text[length] = '\0';
	if (length == FILE_MAX || memchr(text, 0, length) != NULL)
		fail(&l, "this is no file of vectors");
	for (line = text; line < text + length && !l.failed; line = end + 1) {
		end = strchr(line, '\n');
		if (end == NULL)
			end = text + length;
		*end = '\0';
		l.line++;
		read_line(&l, line);
	}
	finish_vector(&l);
	free(text);
	return l.failed ? -1 : 0;
}

void vectors_free(struct vectors *set)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		struct vector *v = &set->list[i];

		free(v->name);
		free(v->bytes.data);
		free(v->reencode.data);
		free(v->trace.data);
		text_free(&v->value);
		text_free(&v->links);
		text_free(&v->detail);
	}
	free(set->list);
	memset(set, 0, sizeof *set);
}

/* ---- checking ---- */

struct checker {
	const struct vector *v;
	char *message;
	size_t size;
};

/* Always -1. */
static int differ(struct checker *c, const char *what, const char *expected, const char *found)
{
	snprintf(c->message, c->size, "%s:%u: %s: %s\n\texpected %s\n\tfound    %s", c->v->file,
		 c->v->line, c->v->name, what, expected, found);
	return -1;
}

static void bad_text(struct text *out, enum lwl_bad bad, uint32_t offset, uint32_t depth,
		     const struct lwl_step *path)
{
	char piece[64];
	uint32_t i;

	if (bad == LWL_BAD_NONE) {
		text_put(out, "ok", 2);
		return;
	}
	snprintf(piece, sizeof piece, "%s offset %" PRIu32, lwl_bad_name(bad), offset);
	text_put(out, piece, strlen(piece));
	for (i = 0; i < depth; i++) {
		snprintf(piece, sizeof piece, path[i].index != 0 ? "%s%u[%u]" : "%s%u",
			 i == 0 ? " path " : ".", (unsigned)path[i].number,
			 (unsigned)path[i].index);
		text_put(out, piece, strlen(piece));
	}
}

static int compare_bad(struct checker *c, const char *what, const struct vector_bad *expected,
		       const struct lwl_error *found)
{
	struct text want = { 0 }, have = { 0 };
	int result = 0;

	bad_text(&want, expected->bad, expected->offset, expected->depth, expected->path);
	bad_text(&have, found->bad, found->offset, found->depth, found->path);
	if (strcmp(want.data, have.data) != 0)
		result = differ(c, what, want.data, have.data);
	text_free(&want);
	text_free(&have);
	return result;
}

static void hex_text(struct text *out, const uint8_t *p, size_t length)
{
	char piece[8];
	size_t i;

	text_put(out, "", 0);
	for (i = 0; i < length; i++) {
		snprintf(piece, sizeof piece, i % 8 == 7 ? "%02x " : "%02x", p[i]);
		text_put(out, piece, strlen(piece));
	}
}

static int compare_bytes(struct checker *c, const char *what, const struct vector_bytes *expected,
			 const uint8_t *found, size_t length)
{
	struct text want = { 0 }, have = { 0 };

	if (length == expected->length && memcmp(expected->data, found, length) == 0)
		return 0;
	hex_text(&want, expected->data, expected->length);
	hex_text(&have, found, length);
	differ(c, what, want.data, have.data);
	text_free(&want);
	text_free(&have);
	return -1;
}

static int check_structure(struct checker *c, const uint8_t *msg, size_t length)
{
	const struct vector *v = c->v;
	struct vector_bad expected = { .bad = LWL_BAD_NONE };
	struct lwl_error err;
	struct lwl_linkids walk;
	struct text links = { 0 };
	uint32_t offset;
	int status, result = 0;

	if (v->check.given)
		expected = v->check;
	else if (v->bad.given && lwl_bad_is_structural(v->bad.bad))
		expected = v->bad;
	status = lwl_message_check(msg, length, &err);
	if (compare_bad(c, "structure", &expected, &err) != 0)
		return -1;
	if (status != (expected.bad == LWL_BAD_NONE ? 0 : -LWL_EMALFORMED) ||
	    lwl_message_check(msg, length, NULL) != status)
		return differ(c, "structure", "0 or -LWL_EMALFORMED", "another result");
	if (status != 0)
		return 0;
	text_put(&links, "", 0);
	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &offset)) {
		char entry[64];

		snprintf(entry, sizeof entry, "%" PRIu32 ":0x%" PRIx64 " ", offset,
			 lwl_load64(msg + offset));
		text_put(&links, entry, strlen(entry));
	}
	if (strcmp(links.data, v->links.data != NULL ? v->links.data : "") != 0)
		result = differ(c, "linkids", v->links.data != NULL ? v->links.data : "none",
				links.data);
	text_free(&links);
	return result;
}

static int check_envelope(struct checker *c, const uint8_t *msg)
{
	const struct vector *v = c->v;
	const uint8_t *trace = lwl_message_trace(msg);
	uint64_t deadline = 0;

	if (lwl_message_deadline(&deadline, msg) != v->has_deadline ||
	    (v->has_deadline && deadline != v->deadline))
		return differ(c, "deadline", "what the vector says", "another");
	if ((trace != NULL) != v->has_trace ||
	    (v->has_trace && memcmp(trace, v->trace.data, v->trace.length) != 0))
		return differ(c, "trace", "what the vector says", "another");
	return 0;
}

/* Encodes what was decoded into `size` bytes; the status, and the writer in *w. */
static int encode_again(struct lwl_writer *w, const struct vector *v, const uint8_t *msg,
			const void *message, const struct lwl_error *err)
{
	struct lwl_header header;
	char detail[256];

	lwl_header_load(&header, msg);
	w->linkid = header.linkid;
	w->msgid = header.msgid;
	if (v->is_remote) {
		memcpy(detail, err->detail.data, err->detail.len);
		detail[err->detail.len] = '\0';
		return lwl_error_encode(w, v->type->command, (int)v->remote, detail);
	}
	if (v->has_deadline)
		lwl_writer_set_deadline(w, v->deadline);
	if (v->has_trace)
		lwl_writer_set_trace(w, v->trace.data);
	return v->type->encode(w, message);
}

static int check_encoding(struct checker *c, const uint8_t *msg, const void *message,
			  const struct lwl_error *err)
{
	const struct vector *v = c->v;
	const struct vector_bytes *expected = v->has_reencode ? &v->reencode : &v->bytes;
	size_t size = expected->length, length = 0;
	uint8_t *out = vectors_alloc(NULL, size), *whole = vectors_alloc(NULL, size);
	struct lwl_slice slices[16];
	struct lwl_writer w;
	uint32_t i;
	int status, result = 0;

	lwl_writer_init(&w, out, size, 0, 0);
	status = encode_again(&w, v, msg, message, err);
	if (status != 0)
		result = differ(c, "encoding", "success", lwl_strerror(status));
	else
		result = compare_bytes(c, "encoding", expected, out, lwl_writer_size(&w));

	/* In pieces of a byte and more, as often as there are slices for it. */
	lwl_writer_init(&w, out, size, 0, 0);
	lwl_writer_by_reference(&w, slices, 16, 1);
	if (result == 0 && encode_again(&w, v, msg, message, err) != 0)
		result = differ(c, "encoding by reference", "success", "an error");
	for (i = 0; result == 0 && i < w.slice_count; i++) {
		if (slices[i].len > size - length) {
			result = differ(c, "encoding by reference", "fewer bytes", "more");
			break;
		}
		memcpy(whole + length, slices[i].data, slices[i].len);
		length += slices[i].len;
	}
	if (result == 0)
		result = compare_bytes(c, "encoding by reference", expected, whole, length);

	lwl_writer_init(&w, out, size - 8, 0, 0);
	if (result == 0 && encode_again(&w, v, msg, message, err) != -LWL_ENOBUFS)
		result = differ(c, "encoding into too few bytes", "-LWL_ENOBUFS", "another result");
	free(out);
	free(whole);
	return result;
}

static int check_value(struct checker *c, const void *message)
{
	struct text found = { 0 };
	int result = 0;

	c->v->type->print(&found, message);
	if (strcmp(found.data, c->v->value.data) != 0)
		result = differ(c, "value", c->v->value.data, found.data);
	else if (found.unexpected)
		result = differ(c, "value", "has_… and counts as promised", found.data);
	text_free(&found);
	return result;
}

static int check_remote(struct checker *c, int status, const struct lwl_error *err)
{
	const struct vector *v = c->v;
	bool assigned = (v->remote <= LWL_ERRNO_MAX || v->remote >= LWL_EUNKNOWN) &&
			v->remote <= INT32_MAX;
	int expected = assigned ? (int)v->remote : LWL_EIO;
	struct text detail = { 0 };
	char number[32];
	int result = 0;

	if (status != -expected) {
		snprintf(number, sizeof number, "%d", status);
		return differ(c, "status of an error response", "minus its code", number);
	}
	text_string(&detail, err->detail.data, err->detail.len);
	if (strcmp(detail.data, v->detail.data) != 0)
		result = differ(c, "detail", v->detail.data, detail.data);
	text_free(&detail);
	return result;
}

static int check_decoding(struct checker *c, const uint8_t *msg, size_t length)
{
	const struct vector *v = c->v;
	void *message = vectors_alloc(NULL, v->type->size);
	struct lwl_error err;
	int status, again, result;

	/* Every member is to be set. */
	memset(message, 0xa5, v->type->size);
	again = v->type->decode(message, msg, length, NULL);
	memset(message, 0x5a, v->type->size);
	status = v->type->decode(message, msg, length, &err);
	result = compare_bad(c, "decoding", &v->bad, &err);
	if (result == 0 && again != status)
		result = differ(c, "decoding", "the same result twice", "another");
	if (result == 0 && v->bad.given) {
		if (status != -LWL_EMALFORMED)
			result = differ(c, "decoding", "-LWL_EMALFORMED", lwl_strerror(status));
	} else if (result == 0 && v->is_remote) {
		result = check_remote(c, status, &err);
		/* A number above INT_MAX cannot be passed on. */
		if (result == 0 && v->remote <= INT32_MAX)
			result = check_encoding(c, msg, message, &err);
	} else if (result == 0) {
		if (status != 0)
			result = differ(c, "decoding", "success", lwl_strerror(status));
		if (result == 0)
			result = check_value(c, message);
		if (result == 0)
			result = check_envelope(c, msg);
		if (result == 0)
			result = check_encoding(c, msg, message, &err);
	}
	free(message);
	return result;
}

int vector_check(const struct vector *v, char *message, size_t size)
{
	struct checker c = { v, message, size };
	size_t shift;
	int result = 0;

	/* At an aligned place and at others, with nothing behind it that may be touched. */
	for (shift = 0; shift < 8 && result == 0; shift += 3) {
		uint8_t *room = vectors_alloc(NULL, v->bytes.length + shift);

		if (v->bytes.length > 0)
			memcpy(room + shift, v->bytes.data, v->bytes.length);
		result = check_structure(&c, room + shift, v->bytes.length);
		if (result == 0 && v->type != NULL)
			result = check_decoding(&c, room + shift, v->bytes.length);
		free(room);
	}
	return result;
}
